/**
 * Chooses the store by what the command line says.
 */
import { type JsonStoreOptions, openJsonStore } from "./json/json_store.ts";
import type { DatabaseOptions } from "./postgres/database.ts";
import type { UserStore } from "./store.ts";

/** Options of whichever store is opened. */
export type StoreOptions = JsonStoreOptions & DatabaseOptions;

/**
 * Opens the store.
 *
 * @param spec a data directory with `users.json`, or the URL of a PostgreSQL database,
 * `postgres://…`
 * @throws StoreUnusable with a sentence; end the process with `Deno.exit` then
 */
export async function openStore(spec: string, options: StoreOptions = {}): Promise<UserStore> {
  if (!/^postgres(?:ql)?:\/\//.test(spec)) return await openJsonStore(spec, options);
  // Loaded on demand: a server without a database starts sooner and smaller.
  const { openPostgresStore } = await import("./postgres/postgres_store.ts");
  return await openPostgresStore(spec, options);
}
