/**
 * Writes the man pages server(1) and client(1) from the text of `--help`.
 *
 *     deno task man [DIRECTORY]      into build/man unless another directory is named
 */
import { join } from "@std/path";
import { CATALOGUES } from "../../lib/client/language/language.ts";
import { USAGE } from "../../lib/server/options.ts";
import { VERSION } from "../../lib/version.ts";
import { manPage } from "./man_page.ts";

/** Returns each page's file name and source. */
export function manPages(): readonly (readonly [file: string, source: string])[] {
  const server = manPage({
    name: "server",
    summary: "serves photographs over HTTP",
    version: VERSION,
    help: USAGE,
    seeAlso: ["client(1)"],
  });
  const client = manPage({
    name: "client",
    summary: "shows a photo server's photographs in the terminal",
    version: VERSION,
    help: CATALOGUES.en.usage,
    seeAlso: ["server(1)"],
  });
  return [["server.1", server], ["client.1", client]];
}

if (import.meta.main) {
  const directory = Deno.args[0] ?? join(import.meta.dirname!, "..", "..", "build", "man");
  await Deno.mkdir(directory, { recursive: true });
  for (const [file, source] of manPages()) {
    await Deno.writeTextFile(join(directory, file), source);
  }
}
