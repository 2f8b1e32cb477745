/**
 * The photo server as `server.ts` puts it together, but with passwords hashed cheaply: a program
 * for tests that kill it while many users register. Prints its port once it accepts connections.
 *
 * Usage: killed_server.ts DIRECTORY
 */
import { openAccounts } from "../../../lib/accounts/accounts.ts";
import { openJsonStore } from "../../../lib/accounts/store/json/json_store.ts";
import { serve } from "../../../lib/http/mod.ts";
import { ImageStore } from "../../../lib/server/images/image_store.ts";
import { makeRoutes } from "../../../lib/server/routes.ts";
import { CHEAP } from "./cheap_scrypt.ts";

const [directory] = Deno.args;
// Rewrites of users.json come often, so that many of the kills fall into one.
const store = await openJsonStore(directory, { quietMs: 1, journalBytes: 3000 });
const accounts = await openAccounts(store, { scrypt: CHEAP });
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
const routes = makeRoutes({ accounts, images: new ImageStore(directory), secure: false });
await serve(listener, routes).finished;
