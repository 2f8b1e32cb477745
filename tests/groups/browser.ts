import { importGroup } from "../support/groups.ts";
await importGroup(import.meta.url);
