/** What the README says about the programs is what they say. */
import { assertStringIncludes } from "@std/assert";
import { CATALOGUES } from "../lib/client/language.ts";
import { USAGE } from "../lib/server/options.ts";

const root = new URL("../", import.meta.url);
const read = (name: string) => Deno.readTextFile(new URL(name, root));

Deno.test("the README shows the options as --help does", async () => {
  const readme = await read("README.md");
  assertStringIncludes(readme, USAGE.trim());
  assertStringIncludes(readme, CATALOGUES.en.usage.trim());
});
