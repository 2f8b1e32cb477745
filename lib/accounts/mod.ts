/**
 * Users and what they may do: passwords, sessions and keys, stored in `users.json` or PostgreSQL.
 *
 * @example Register a user and check a key
 * ```ts
 * import { openAccounts, openStore } from "./mod.ts";
 *
 * const store = await openStore("data");
 * const accounts = await openAccounts(store);
 * const client = { address: "192.0.2.7" };
 * await accounts.register("alice", "open sesame", client);
 * const login = await accounts.login("alice", "open sesame", client);
 * if (login.result === "in") {
 *   const raised = await accounts.raisePrivilege(login.session.value);
 *   if ("key" in raised) console.log(await accounts.verifyKey(raised.key.value)); // alice
 * }
 * await store.close();
 * ```
 *
 * @module
 */
export {
  type AccountService,
  type AccountsOptions,
  type Login,
  openAccounts,
  type PasswordChange,
  type PrivilegeResult,
  type Registration,
  type SessionInfo,
  type Token,
} from "./accounts.ts";
export { ADMIN_HELP, type AdminEnvironment, administer } from "./admin.ts";
export {
  type Administration,
  type AdministrationOptions,
  type ImportResult,
  type ListedUser,
  StoreAdministration,
  UnfitUsers,
} from "./administration.ts";
export { addressPrefix } from "./login/address_prefix.ts";
export type { FailureLimit } from "./login/gcra_limiter.ts";
export { type HashingQueueOptions, TooBusy } from "./login/hashing_queue.ts";
export type { ThrottleOptions } from "./login/login_throttle.ts";
export { hashPassword, RECOMMENDED_COST, type ScryptCost } from "./login/password_hash.ts";
export { type Requester, RequesterGone } from "./login/requester.ts";
export type { FileSystem, OpenFile } from "./store/atomic_file.ts";
export type { CheckpointOptions } from "./store/json/checkpointer.ts";
export type { JsonStoreOptions } from "./store/json/json_store.ts";
export { openStore, type StoreOptions } from "./store/open_store.ts";
export type { DatabaseOptions } from "./store/postgres/database.ts";
export {
  type EndedSession,
  StoreInUse,
  StoreUnavailable,
  StoreUnusable,
  type User,
  type UserChange,
  type UserStore,
} from "./store/store.ts";
