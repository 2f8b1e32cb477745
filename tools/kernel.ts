/**
 * Compiles lib/picture/kernel, which is AssemblyScript (the TypeScript syntax for WebAssembly's types), and writes
 * the module into lib/picture/kernel_module.ts, where both a checkout and a compiled binary have it.
 *
 *     deno task kernel            after a change of lib/picture/kernel
 *     deno task kernel --check    says whether the module is that of the sources; exit code 1 where it is not
 */
import { join } from "@std/path";

/** Named at run time, so that nothing but this tool fetches the compiler. */
const COMPILER = "npm:assemblyscript@0.28.20/asc";

const asc = await import(COMPILER);
const sources = join(import.meta.dirname!, "..", "lib", "picture", "kernel");
const output = join(sources, "..", "kernel_module.ts");

const binary = await compile();
const text = moduleText(binary);
if (Deno.args[0] === "--check") {
  if (await Deno.readTextFile(output) !== text) {
    console.error(
      "lib/picture/kernel_module.ts is not what its sources compile to: deno task kernel",
    );
    Deno.exit(1);
  }
} else {
  await Deno.writeTextFile(output, text);
  console.log(`${binary.length} bytes`);
}

/** Compiles the sources. Ends this program where they have errors, or what the compiler warns of. */
async function compile(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([
    "mod.ts",
    "--outFile",
    "kernel.wasm",
    "--runtime",
    "stub",
    "-O3",
    "--noAssert",
    "--enable",
    "simd",
    "--use",
    "abort=",
    "--disableWarning",
    "112", // that JavaScript cannot call what takes vectors: only the kernel itself does
  ], {
    readFile: (name: string) => {
      // What `export … from` names with .ts would be another module than what an import names so, with variables
      // of its own.
      if (name.endsWith(".ts.ts")) throw new Error(`Import from ${name.slice(0, -3)}, then export`);
      try {
        return Deno.readTextFileSync(join(sources, name));
      } catch {
        return null;
      }
    },
    writeFile: (name: string, contents: unknown) => {
      if (name === "kernel.wasm") binary = contents as Uint8Array;
    },
  });
  if (error || stderr.toString() !== "" || binary === undefined) {
    console.error(error?.message ?? "", stderr.toString());
    Deno.exit(1);
  }
  return binary;
}

/** A module that holds bytes in Base64. */
function moduleText(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return `/** lib/picture/kernel, compiled by tools/kernel.ts: WebAssembly in Base64. */
export const KERNEL =
  "${base64}";
`;
}
