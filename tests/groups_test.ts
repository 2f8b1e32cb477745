/** The groups that `deno task test` runs hold every test file. */
import { assert, assertEquals } from "@std/assert";
import { groupOf, GROUPS, testFiles } from "./support/groups.ts";

Deno.test("deno task test runs every group, and every group has test files", async () => {
  const names = Object.keys(GROUPS);
  const config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  const groups = [...config.tasks.test.matchAll(/ tests\/groups\/(\w+)\.ts/g)];
  assertEquals(groups.map(([, name]) => name), names);
  const modules = [...Deno.readDirSync(new URL("groups/", import.meta.url))];
  assertEquals(modules.map(({ name }) => name).sort(), names.map((name) => `${name}.ts`).sort());
  const files = testFiles();
  assert(files.includes("groups_test.ts"));
  assertEquals(new Set(files.map(groupOf)), new Set(names));
});
