/** The names that types/std.d.ts declares exist in the package of the standard library. */
import { assert } from "@std/assert";

const declarations = await Deno.readTextFile(new URL("../types/std.d.ts", import.meta.url));
const modules = [...declarations.matchAll(/^declare module "([^"]+)" \{\n(.*?)^\}/gms)];

Deno.test("types/std.d.ts declares modules", () => assert(modules.length > 5));

for (const [, specifier, body] of modules) {
  Deno.test(`${specifier} exports every name that types/std.d.ts declares`, async () => {
    const names = [...body.matchAll(/^ {2}export (?:function|class|const) (\w+)/gm)];
    assert(names.length > 0, "no names found");
    const module = await import(specifier);
    for (const [, name] of names) assert(name in module, `${name} is missing`);
  });
}
