/** The folders of lib that have a front door are entered through it, from bench and tools as well. */
import { assert, assertEquals } from "@std/assert";

const LIB = new URL("../lib/", import.meta.url);
const AROUND = ["../bench/", "../tools/"].map((path) => new URL(path, LIB));
const ENTRY_POINTS = ["../server.ts", "../client.ts"];

/** Folders that only their own files may enter otherwise than through `mod.ts`. */
const WITH_FRONT_DOOR = ["http", "accounts", "picture"];

const SPECIFIER = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*"(\.[^"]+\.ts)"/g;

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* sources(new URL(`${entry.name}/`, folder));
    else if (entry.name.endsWith(".ts")) yield new URL(entry.name, folder);
  }
}

/** Returns the files that a file imports. */
async function importsOf(file: URL): Promise<URL[]> {
  const text = await Deno.readTextFile(file);
  return [...text.matchAll(SPECIFIER)].map(([, specifier]) => new URL(specifier, file));
}

async function allImports(): Promise<{ file: URL; imported: URL }[]> {
  const files = ENTRY_POINTS.map((path) => new URL(path, LIB));
  for (const folder of [LIB, ...AROUND]) {
    for await (const file of sources(folder)) files.push(file);
  }
  const found = await Promise.all(
    files.map(async (file) => (await importsOf(file)).map((imported) => ({ file, imported }))),
  );
  return found.flat();
}

for (const name of WITH_FRONT_DOOR) {
  Deno.test(`lib/${name} is imported only through its mod.ts`, async () => {
    const folder = new URL(`${name}/`, LIB).href;
    const frontDoor = new URL("mod.ts", folder).href;
    const entering = (await allImports()).filter(({ file, imported }) =>
      imported.href.startsWith(folder) && !file.href.startsWith(folder)
    );
    assert(entering.length > 0, `nothing imports lib/${name}: the test looks in the wrong place`);
    const past = entering.filter(({ imported }) => imported.href !== frontDoor);
    const short = (url: URL) => url.href.slice(new URL("../", LIB).href.length);
    const imports = past.map(({ file, imported }) => `${short(file)} -> ${short(imported)}`);
    assertEquals(imports, []);
  });
}
