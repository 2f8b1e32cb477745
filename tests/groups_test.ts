/** The groups that `deno task test` runs hold every test file. */
import { assert, assertEquals } from "@std/assert";
import { groupOf, GROUPS, testFiles } from "./support/groups.ts";

Deno.test("every group has a module and test files", () => {
  const names = Object.keys(GROUPS);
  const modules = [...Deno.readDirSync(new URL("groups/", import.meta.url))];
  assertEquals(modules.map(({ name }) => name).sort(), names.map((name) => `${name}.ts`).sort());
  const files = testFiles();
  assert(files.includes("groups_test.ts"));
  assertEquals(new Set(files.map(groupOf)), new Set(names));
});

Deno.test("no test changes what all groups share: the process's directory and variables", () => {
  const changing = /Deno\s*\.(chdir|env\s*\.(set|delete))\(/;
  const texts = testFiles().map((path) => Deno.readTextFileSync(new URL(path, import.meta.url)));
  assertEquals(testFiles().filter((_, i) => changing.test(texts[i])), []);
});
