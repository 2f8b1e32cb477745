/** What the README says about the programs is what they say, and what it points to is there. */
import { assert, assertStringIncludes } from "@std/assert";
import { CATALOGUES } from "../lib/client/language/language.ts";
import { USAGE } from "../lib/server/options.ts";

const root = new URL("../", import.meta.url);
const read = (name: string) => Deno.readTextFile(new URL(name, root));

Deno.test("the README shows the options as --help does", async () => {
  const readme = await read("README.md");
  assertStringIncludes(readme, USAGE.trim());
  assertStringIncludes(readme, CATALOGUES.en.usage.trim());
});

Deno.test("every file that the documents link to exists", async () => {
  for (
    const document of [
      "README.md",
      "README.ko.md",
      "docs/http.md",
      "docs/images.md",
      "docs/pictures.md",
      "docs/security.md",
    ]
  ) {
    const links = (await read(document)).matchAll(
      /\]\(([^)#]+)(?:#[^)]*)?\)|(?:src|srcset)="([^"]+)"/g,
    );
    for (const [, linked, shown] of links) {
      const link = linked ?? shown;
      if (/^[a-z]+:/.test(link)) continue;
      const target = new URL(link, new URL(document, root));
      assert(await Deno.stat(target).then(() => true, () => false), `${document} → ${link}`);
    }
  }
});
