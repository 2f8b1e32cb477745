/**
 * Writes tools/build/licences/deno_crates.txt: the Rust packages that Deno's own executable names.
 * An executable keeps the source paths of the places that can panic, and the path of a package has
 * its name and version. A package without such a place leaves no trace.
 *
 *     deno run -A tools/build/crates.ts    with the version of Deno that releases are built with
 *
 * @module
 */
import { join } from "@std/path";

const bytes = await Deno.readFile(Deno.execPath());
const text = new TextDecoder("latin1").decode(bytes);
const paths = text.matchAll(/registry\/src\/[\w.-]+\/([\w-]+?)-(\d+\.\d+\.\d+[\w.+-]*)\//g);
const crates = new Set(Array.from(paths, ([, name, version]) => `${name} ${version}`));
if (crates.size === 0) {
  console.error(`${Deno.execPath()} names no packages`);
  Deno.exit(1);
}
const { deno } = Deno.version;
await Deno.writeTextFile(
  join(import.meta.dirname!, "licences", "deno_crates.txt"),
  `Rust packages named in the executable of Deno ${deno} for ${Deno.build.target}:\n\n` +
    Array.from(crates).sort().join("\n") + "\n",
);
console.log(`${crates.size} packages`);
