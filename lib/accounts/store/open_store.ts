/** Opens the store that the command line names. */
import { type JsonStoreOptions, openJsonStore } from "./json/json_store.ts";
import type { DatabaseOptions } from "./postgres/database.ts";
import type { UserStore } from "./store.ts";

/** Options of both kinds of stores. */
export type StoreOptions = JsonStoreOptions & DatabaseOptions;

/**
 * Opens a store.
 *
 * @param spec a data directory, whose `users.json` is used, or the URL of a PostgreSQL database,
 * `postgres://…`
 * @throws {StoreUnusable} if it cannot be used. End the process with `Deno.exit` then, because a
 * thread may still wait for a lock
 */
export async function openStore(spec: string, options: StoreOptions = {}): Promise<UserStore> {
  if (!/^postgres(?:ql)?:\/\//.test(spec)) return await openJsonStore(spec, options);
  // Loaded on demand: without a database, the server starts faster and needs less memory.
  const { openPostgresStore } = await import("./postgres/postgres_store.ts");
  return await openPostgresStore(spec, options);
}
