/** Who may do what: users, passwords, sessions and keys, over `users.json` or PostgreSQL. */
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
export { addressPrefix } from "./login/address_prefix.ts";
export { ADMIN_HELP, type AdminEnvironment, administer } from "./admin.ts";
export {
  type Administration,
  type AdministrationOptions,
  type ImportResult,
  type ListedUser,
  StoreAdministration,
  UnfitUsers,
} from "./administration.ts";
export { hashPassword, RECOMMENDED_COST, type ScryptCost } from "./login/password_hash.ts";
export { type HashingQueueOptions, TooBusy } from "./login/hashing_queue.ts";
export { type JsonStoreOptions, openJsonStore } from "./store/json/json_store.ts";
export { formatUsers } from "./store/json/users_file.ts";
export type { ThrottleOptions } from "./login/login_throttle.ts";
export { openStore, type StoreOptions } from "./store/open_store.ts";
export { type Requester, RequesterGone } from "./login/requester.ts";
export {
  StoreInUse,
  StoreUnavailable,
  StoreUnusable,
  type User,
  type UserChange,
  type UserStore,
} from "./store/store.ts";
