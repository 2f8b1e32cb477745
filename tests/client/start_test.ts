/** What the client loads before it is asked for anything: its start counts in every script. */
import { assert, assertEquals } from "@std/assert";

/** What is used here of what `deno info` says of a module's import. */
interface Dependency {
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier: string };
}

Deno.test("the client starts without codecs, character widths, node:crypto and the browser of images", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("../../client.ts", import.meta.url).pathname],
  }).output();
  const { modules, roots } = JSON.parse(new TextDecoder().decode(stdout));
  const dependencies = new Map<string, Dependency[] | undefined>(
    modules.map((module: { specifier: string; dependencies?: Dependency[] }) => [
      module.specifier,
      module.dependencies,
    ]),
  );
  const loaded = new Set<string>(roots);
  for (const name of loaded) {
    for (const { isDynamic, code } of dependencies.get(name) ?? []) {
      if (!isDynamic && code !== undefined) loaded.add(code.specifier);
    }
  }
  const heavy =
    /^node:crypto$|string-width|jsquash|libheif|imagescript|codecs\/|browser\/browser\.ts|painting\//;
  assertEquals([...loaded].filter((name) => heavy.test(name)), []);
  assert(loaded.size > 10);
});
