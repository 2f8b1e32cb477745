import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CATALOGUES } from "../../lib/client/language/language.ts";
import { USAGE } from "../../lib/server/options.ts";
import { manPages } from "../../tools/build/man.ts";

/** Text as it stands in a page's source. */
const inSource = (text: string) => text.replaceAll("-", "\\-");

Deno.test("the man pages have each option and section of --help", () => {
  const pages = new Map(manPages());
  for (const [file, help] of [["server.1", USAGE], ["client.1", CATALOGUES.en.usage]]) {
    const page = pages.get(file)!;
    for (const [, option] of help.matchAll(/^ {2}(--[a-z-]+)/gm)) {
      assertStringIncludes(page, `\n.TP\n.B ${inSource(option)}`);
    }
    for (const [, heading] of help.matchAll(/^([A-Z]\w+):$/gm)) {
      if (heading !== "Usage") assertStringIncludes(page, `\n.SH ${heading.toUpperCase()}\n`);
    }
  }
});

Deno.test({
  name: "groff formats the man pages without a warning",
  ignore: !await new Deno.Command("groff", { args: ["--version"], stdout: "null" }).output()
    .then(({ success }) => success, () => false),
  async fn() {
    for (const [file, source] of manPages()) {
      const process = new Deno.Command("groff", {
        args: ["-man", "-Tutf8", "-ww"],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = process.stdin.getWriter();
      await writer.write(new TextEncoder().encode(source));
      await writer.close();
      const { success, stdout, stderr } = await process.output();
      assertEquals([file, success, new TextDecoder().decode(stderr)], [file, true, ""]);
      assert(stdout.length > 2000);
    }
  },
});
