/**
 * The client of the photo server: a menu in the terminal, or one command for a script.
 *
 * @module
 */
import { main } from "./lib/client/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
