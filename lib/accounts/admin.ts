/**
 * The administrator's commands, `server user …`, on the store itself: the server that owns a data
 * directory must be stopped for them; PostgreSQL may be in use.
 */
import { dirname } from "@std/path";
import { nearMiss } from "../text/near_miss.ts";
import { checkPassword, checkUsername, isOldUsername } from "./credentials.ts";
import { type DirectoryLock, lockDirectory } from "./directory_lock.ts";
import { readUsers } from "./json_store.ts";
import { hashPassword, isHash, RECOMMENDED_COST, type ScryptCost } from "./password_hash.ts";
import { StoreUnavailable, StoreUnusable, type User, type UserStore } from "./store.ts";
import { revokeEverything } from "./token.ts";

/** What wrong usage of the commands is told, beside its sentence. */
const USAGE_LINE =
  "usage: server user list | remove NAME | passwd NAME | revoke NAME | import FILE";

/** What the commands do, a line each. */
export const ADMIN_HELP = `\
  list                   every user, and until when the privilege is raised
  remove NAME            remove a user, whose sessions and keys end
  passwd NAME            give a user a new password, read from the terminal or stdin
  revoke NAME            end a user's sessions and keys
  import FILE            add the users of a users.json who are not there yet
`;

/** What the commands need of the outside. */
export interface AdminEnvironment {
  /** Opens the store that the command line names. @throws StoreUnusable */
  open(): Promise<UserStore>;
  /** Asks for a password without showing it; null where there is none. */
  readPassword(prompt: string): Promise<string | null> | string | null;
  /** Prints text, its line breaks included, to stdout and stderr. */
  out(text: string): void;
  err(text: string): void;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  now?: () => number;
  /** Cost of a new password hash (`RECOMMENDED_COST`). Lower it in tests only. */
  scrypt?: ScryptCost;
}

/** What went wrong, as a sentence for the administrator. */
class AdminFailure extends Error {}

type Command = (store: UserStore, operand: string, environment: AdminEnvironment) => Promise<void>;

const COMMANDS: ReadonlyMap<string, { operand: boolean; run: Command }> = new Map([
  ["list", { operand: false, run: listUsers }],
  ["remove", { operand: true, run: removeUser }],
  ["passwd", { operand: true, run: changePassword }],
  ["revoke", { operand: true, run: revokeTokens }],
  ["import", { operand: true, run: importUsers }],
]);

/**
 * Runs one command.
 *
 * @param args what follows `server user`, without options: the command's name and its operand
 * @returns the exit code: 0 done, 1 failed with a sentence on stderr, 2 wrong usage
 */
export async function administer(
  args: readonly string[],
  environment: AdminEnvironment,
): Promise<number> {
  const [name, operand] = args;
  const command = COMMANDS.get(name ?? "");
  const fault = wrongUsage(args);
  if (command === undefined || fault !== null) {
    environment.err(`${fault}\n${USAGE_LINE}\nsee --help\n`);
    return 2;
  }
  let store: UserStore | undefined;
  try {
    store = await environment.open();
    await command.run(store, operand ?? "", environment);
    return 0;
  } catch (error) {
    const expected = error instanceof AdminFailure || error instanceof StoreUnusable ||
      error instanceof StoreUnavailable;
    if (!expected) throw error;
    environment.err(`server user: ${error.message}\n`);
    return 1;
  } finally {
    await store?.close();
  }
}

/** What is wrong with a command line, as a sentence; null for nothing. */
function wrongUsage([name, ...operands]: readonly string[]): string | null {
  if (name === undefined) return "The command is missing.";
  const command = COMMANDS.get(name);
  if (command === undefined) {
    const meant = nearMiss(name, [...COMMANDS.keys()]);
    const question = meant === null ? "" : ` Did you mean ${meant}?`;
    return `There is no command "${printable(name)}".${question}`;
  }
  const count = command.operand ? 1 : 0;
  if (operands.length > count) return `"${printable(operands[count])}" is one argument too many.`;
  if (operands.length === count) return null;
  return `${name} needs a ${name === "import" ? "file" : "name"}.`;
}

async function listUsers(store: UserStore, _: string, { out, now = Date.now }: AdminEnvironment) {
  for await (const [name, { pw, expiryTime }] of store.list()) {
    const notes: string[] = [];
    if (expiryTime * 1000 > now()) notes.push(`raised until ${localTime(expiryTime)}`);
    if (!isHash(pw)) notes.push("password not hashed yet");
    out(notes.length === 0 ? `${printable(name)}\n` : `${printable(name)}\t${notes.join(", ")}\n`);
  }
}

async function removeUser(store: UserStore, operand: string, { out }: AdminEnvironment) {
  const name = operand.normalize("NFC");
  if (!await store.remove(name)) throw noSuchUser(name);
  out(`removed ${printable(name)}\n`);
}

async function changePassword(store: UserStore, operand: string, environment: AdminEnvironment) {
  const name = operand.normalize("NFC");
  // Asked before the password, so that nobody types one for a name that is misspelt.
  if (await store.find(name) === null) throw noSuchUser(name);
  const password = await environment.readPassword(`New password for ${printable(name)}: `);
  if (password === null) throw new AdminFailure("no password was given");
  const checked = checkPassword(password);
  if ("reason" in checked) throw new AdminFailure(checked.reason);
  const pw = await hashPassword(password, environment.scrypt ?? RECOMMENDED_COST);
  if (await store.update(name, () => ({ pw })) === null) throw noSuchUser(name);
  environment.out(
    `changed the password of ${printable(name)}; earlier sessions and keys have ended\n`,
  );
}

async function revokeTokens(
  store: UserStore,
  operand: string,
  { out, now = Date.now }: AdminEnvironment,
) {
  const name = operand.normalize("NFC");
  const user = await store.update(name, (user) => revokeEverything(user, now()));
  if (user === null) throw noSuchUser(name);
  out(`ended the sessions and keys of ${printable(name)}\n`);
}

async function importUsers(store: UserStore, file: string, { out, err }: AdminEnvironment) {
  let imported = 0;
  let present = 0;
  let refused = 0;
  for (const [name, user] of await usersOf(file)) {
    const reason = unfit(name, user);
    if (reason !== null) {
      err(`not imported: ${printable(name)}: ${reason}\n`);
      refused++;
    } else if (await store.add(name, user)) imported++;
    else present++;
  }
  out(`imported ${imported}; ${present} were there already; ${refused} could not be imported\n`);
  if (refused > 0) throw new AdminFailure("not every user was imported");
}

/** The users of a `users.json`, which no server may be using. */
async function usersOf(file: string): Promise<Map<string, User>> {
  let lock: DirectoryLock | undefined;
  try {
    const path = await Deno.realPath(file);
    lock = await lockDirectory(Deno, dirname(path), false);
    return (await readUsers(path)).users;
  } catch (error) {
    if (error instanceof StoreUnusable) throw error;
    throw new AdminFailure(`${file} cannot be read: ${(error as Error).message}`);
  } finally {
    lock?.close();
  }
}

/** Why not every store could hold this user of a file; null where all can. */
function unfit(name: string, user: User): string | null {
  // A name that only version 1.0.0 registered is as good as any.
  const checked = isOldUsername(name) ? null : checkUsername(name);
  if (checked !== null && "reason" in checked) return checked.reason;
  return /[\0\p{Cs}]/u.test(user.pw) ? "the password holds characters that are not text" : null;
}

function noSuchUser(name: string): AdminFailure {
  return new AdminFailure(`there is no user ${printable(name)}`);
}

/** A name from a file may hold anything; what is printed must not move the cursor. */
function printable(name: string): string {
  return name.replace(
    /[\p{Cc}\p{Cs}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (isNaN(date.getTime())) return "the end of time";
  const two = (value: number) => `${value}`.padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
