/**
 * Writes the text of `--help` into the documents that show it, where tests/docs_test.ts compares
 * it.
 *
 *     deno task usage
 */
import { join } from "@std/path";
import { CATALOGUES } from "../../lib/client/language/language.ts";
import { USAGE } from "../../lib/server/options.ts";

const DOCUMENTS = [
  ["operations.md", USAGE],
  ["client.md", CATALOGUES.en.usage],
  ["client.ko.md", CATALOGUES.ko.usage],
] as const;

for (const [name, usage] of DOCUMENTS) {
  const path = join(import.meta.dirname!, "..", "..", "docs", name);
  const text = await Deno.readTextFile(path);
  // The first block without a language of code.
  const shown = text.replace(/```text\n[^]*?```/, () => `\`\`\`text\n${usage}\`\`\``);
  await Deno.writeTextFile(path, shown);
}
