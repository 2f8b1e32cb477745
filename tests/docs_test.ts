/** The documents say what the programs do, and what they link to exists. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CATALOGUES } from "../lib/client/language/language.ts";
import { USAGE } from "../lib/server/options.ts";
import { VERSION } from "../lib/version.ts";
import { startServer, temporaryDirectory } from "./e2e/support/programs.ts";

const root = new URL("../", import.meta.url);
const read = (name: string) => Deno.readTextFile(new URL(name, root));

/** Every Markdown file of the project. */
async function documents(): Promise<string[]> {
  const found = [
    "README.md",
    "README.ko.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "packaging/README.md",
  ];
  for await (const { name } of Deno.readDir(new URL("docs", root))) {
    if (name.endsWith(".md")) found.push(`docs/${name}`);
  }
  return found;
}

Deno.test("the documents show the options as --help does", async () => {
  assertStringIncludes(await read("docs/operations.md"), USAGE.trim());
  assertStringIncludes(await read("docs/client.md"), CATALOGUES.en.usage.trim());
  assertStringIncludes(await read("docs/client.ko.md"), CATALOGUES.ko.usage.trim());
});

Deno.test("the documents name every key of the browser that its help names", async () => {
  const keysIn = (text: string) =>
    text.split(/[\s,]+|or |and /).filter((key) => /^[\x21-\x7e]+$/.test(key) && key !== "Arrows");
  for (
    const [document, { browserHelp }] of [
      ["docs/client.md", CATALOGUES.en],
      ["docs/client.ko.md", CATALOGUES.ko],
    ] as const
  ) {
    const named = new Set(
      (await read(document)).match(/^\|[^|]+\|/gm)!.flatMap((cell) => keysIn(cell.slice(1, -1))),
    );
    const keys = browserHelp.split("\n").flatMap((line) => keysIn(line.split("  ")[0]));
    assert(keys.length > 20, `${keys}`);
    assertEquals(keys.filter((key) => !named.has(key)), [], document);
  }
});

/** The anchors of a Markdown text's headings, made as GitHub makes them. */
function anchors(text: string): Set<string> {
  const headings = text.replace(/^```.*?^```/gms, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    Array.from(
      headings,
      ([, heading]) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"),
    ),
  );
}

Deno.test("every file and heading that the documents link to exists", async () => {
  let checked = 0;
  for (const document of await documents()) {
    const links = (await read(document)).matchAll(
      /\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"/g,
    );
    for (const [, linked, shown] of links) {
      const link = linked ?? shown;
      if (/^[a-z]+:/.test(link)) continue;
      const target = new URL(link, new URL(document, root));
      const anchor = decodeURIComponent(target.hash.slice(1));
      target.hash = "";
      assert(await Deno.stat(target).then(() => true, () => false), `${document} → ${link}`);
      if (anchor !== "") {
        assert(anchors(await Deno.readTextFile(target)).has(anchor), `${document} → ${link}`);
      }
      checked++;
    }
  }
  assert(checked > 50, `only ${checked} links were found`);
});

Deno.test("every picture in docs/ is shown in a document", async () => {
  const texts = await Promise.all((await documents()).map(read));
  for await (const { name } of Deno.readDir(new URL("docs", root))) {
    if (!/\.(svg|jpg)$/.test(name)) continue;
    assert(texts.some((text) => text.includes(name)), name);
  }
});

/** The most words of a README before its table of endpoints, commands included. */
const MAX_README_WORDS = 261;

Deno.test("the READMEs come to the point before the reference part", async () => {
  for (
    const [file, reference] of [["README.md", "## Endpoints"], ["README.ko.md", "## 엔드포인트"]]
  ) {
    const [before, after] = (await read(file)).split(reference);
    assert(after !== undefined, file);
    const words = before.trim().split(/\s+/).length;
    assert(words <= MAX_README_WORDS, `${file} has ${words}`);
  }
});

Deno.test("every source file that the walks through the folders name exists", async () => {
  const sources: string[] = [];
  const collect = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
      if (isDirectory) await collect(`${folder}${name}/`);
      else sources.push(`/${folder}${name}`);
    }
  };
  await collect("lib/");
  const [walks] = (await read("docs/architecture.md")).match(/^## Three walks.*?(?=^## )/ms)!;
  const named = new Set(walks.match(/\b[\w/]+\.ts\b/g));
  assert(named.size > 50, `only ${named.size} files were found`);
  for (const file of named) {
    assert(sources.some((source) => source.endsWith(`/${file}`)), file);
  }
});

Deno.test("the two READMEs have the same sections, commands and figures", async () => {
  const [english, korean] = [await read("README.md"), await read("README.ko.md")];
  const count = (text: string, pattern: RegExp) => (text.match(pattern) ?? []).length;
  for (const pattern of [/^## /gm, /^```/gm, /^\|/gm]) {
    assertEquals(count(korean, pattern), count(english, pattern), String(pattern));
  }
  const ratios = (text: string) => text.match(/\d\.\d\d(?:–\d\.\d\d)? \|/g);
  assertEquals(ratios(korean), ratios(english));
});

Deno.test("openapi.json has exactly the routes and methods of the server", async () => {
  const spec = JSON.parse(await read("docs/openapi.json"));
  assertEquals(spec.info.version, VERSION);
  // The paths of the routes' table; a server cannot be asked for them.
  const source = await read("lib/server/routes.ts");
  const paths = new Set(Array.from(source.matchAll(/"(\/[a-z]+)": \{/g), ([, path]) => path));
  assertEquals(new Set(Object.keys(spec.paths)), paths);
  await using home = await temporaryDirectory();
  await using server = await startServer(home.path);
  for (const [path, operations] of Object.entries(spec.paths)) {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: "OPTIONS" });
    assertEquals(response.status, 204);
    const allowed = response.headers.get("allow")!.split(/, */).filter((it) => it !== "OPTIONS");
    const described = Object.keys(operations as object).map((method) => method.toUpperCase());
    assertEquals(new Set(described), new Set(allowed), path);
  }
});

Deno.test("every reference in openapi.json leads somewhere", async () => {
  const text = await read("docs/openapi.json");
  const spec = JSON.parse(text);
  for (const [, path] of text.matchAll(/"\$ref": "#\/([^"]+)"/g)) {
    const target = path.split("/").reduce((value, name) => value?.[name], spec);
    assert(target !== undefined, path);
  }
});
