/**
 * Chooses the store by what the command line says.
 */
import { type JsonStoreOptions, openJsonStore } from "./json_store.ts";
import type { UserStore } from "./store.ts";

/**
 * Opens the store.
 *
 * @param spec a data directory with `users.json`, or the URL of a PostgreSQL database, `postgres://…`
 * @throws StoreUnusable with a sentence
 */
export function openStore(spec: string, options: JsonStoreOptions = {}): Promise<UserStore> {
  return openJsonStore(spec, options);
}
