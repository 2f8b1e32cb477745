/**
 * The photo server: serves until a signal, or does one administrator's command.
 *
 * @module
 */
import { main } from "./lib/server/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
