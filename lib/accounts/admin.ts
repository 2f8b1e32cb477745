/**
 * The administrator's commands, `server user …`: parses them, asks for a password and prints the
 * result. An `Administration` does the work.
 */
import { Buffer } from "node:buffer";
import { basename, dirname } from "@std/path";
import { localTime } from "../text/local_time.ts";
import { nearMiss } from "../text/near_miss.ts";
import { escape } from "../text/printable.ts";
import { type Administration, UnfitUsers } from "./administration.ts";
import { checkPassword } from "./credentials.ts";
import { type DirectoryLock, lockDirectory } from "./store/json/directory_lock.ts";
import { readUsers } from "./store/json/json_store.ts";
import { StoreUnavailable, StoreUnusable } from "./store/store.ts";
import { type FileUser, formatUsers } from "./store/json/users_file.ts";

/** The usage line that follows the error message of a wrong command line. */
const USAGE_LINE =
  "usage: server user list | remove NAME | passwd NAME | revoke NAME | import FILE";

/** Help text: one line per command. */
export const ADMIN_HELP = `\
  list                   list the users, and until when their privilege is raised
  remove NAME            remove a user and end the user's sessions and keys
  passwd NAME            change a user's password, read from the terminal or stdin
  revoke NAME            end a user's sessions and keys
  import FILE            add the users of a users.json that do not exist yet
`;

/** The environment that the commands run in. */
export interface AdminEnvironment {
  /**
   * Opens the administration of the store that the command line names.
   *
   * @throws {StoreUnusable} if it cannot be opened
   */
  open(): Promise<Administration>;
  /** Asks for a password without echoing it; null if none is given. */
  readPassword(prompt: string): Promise<string | null> | string | null;
  /** Writes text to stdout. Adds no line break. */
  out(text: string): void;
  /** Writes text to stderr. Adds no line break. */
  err(text: string): void;
}

/** A command failed. The message is for the administrator. */
class AdminFailure extends Error {}

type Command = (
  administration: Administration,
  operand: string,
  environment: AdminEnvironment,
) => Promise<void>;

/** Maximum number of users per import request, which bounds its size. */
const IMPORT_BATCH = 500;

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
 * @param args the arguments after `server user`, without options: the command and its operand
 * @returns the exit code: 0 for success, 1 for failure, 2 for wrong usage
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
  let administration: Administration | undefined;
  try {
    administration = await environment.open();
    await command.run(administration, operand ?? "", environment);
    return 0;
  } catch (error) {
    const expected = error instanceof AdminFailure || error instanceof StoreUnusable ||
      error instanceof StoreUnavailable || error instanceof UnfitUsers;
    if (!expected) throw error;
    environment.err(`server user: ${error.message}\n`);
    return 1;
  } finally {
    await administration?.close();
  }
}

/** Returns what is wrong with a command line; null if nothing is. */
function wrongUsage([name, ...operands]: readonly string[]): string | null {
  if (name === undefined) return "The command is missing.";
  const command = COMMANDS.get(name);
  if (command === undefined) {
    const meant = nearMiss(name, [...COMMANDS.keys()]);
    const question = meant === null ? "" : ` Did you mean ${meant}?`;
    return `There is no command "${escape(name)}".${question}`;
  }
  const count = command.operand ? 1 : 0;
  if (operands.length > count) return `"${escape(operands[count])}" is one argument too many.`;
  if (operands.length === count) return null;
  return `${name} needs a ${name === "import" ? "file" : "name"}.`;
}

async function listUsers(
  administration: Administration,
  _: string,
  { out }: AdminEnvironment,
): Promise<void> {
  for (const { name, raisedUntil, isHashed } of await administration.list()) {
    const notes: string[] = [];
    if (raisedUntil > 0) notes.push(`raised until ${timeOf(raisedUntil)}`);
    if (!isHashed) notes.push("password not hashed yet");
    out(notes.length === 0 ? `${escape(name)}\n` : `${escape(name)}\t${notes.join(", ")}\n`);
  }
}

async function removeUser(
  administration: Administration,
  name: string,
  { out }: AdminEnvironment,
): Promise<void> {
  if (!await administration.remove(name)) throw noSuchUser(name);
  out(`removed ${escape(name)}\n`);
}

async function changePassword(
  administration: Administration,
  name: string,
  { readPassword, out }: AdminEnvironment,
): Promise<void> {
  // Checked first, so that nobody types a password for a misspelt name.
  if (!await administration.has(name)) throw noSuchUser(name);
  const password = await readPassword(`New password for ${escape(name)}: `);
  if (password === null) throw new AdminFailure("no password given");
  const checked = checkPassword(password);
  if ("reason" in checked) throw new AdminFailure(checked.reason);
  if (!await administration.changePassword(name, password)) throw noSuchUser(name);
  out(`changed the password of ${escape(name)}; earlier sessions and keys have ended\n`);
}

async function revokeTokens(
  administration: Administration,
  name: string,
  { out }: AdminEnvironment,
): Promise<void> {
  if (!await administration.revoke(name)) throw noSuchUser(name);
  out(`ended the sessions and keys of ${escape(name)}\n`);
}

async function importUsers(
  administration: Administration,
  file: string,
  { out, err }: AdminEnvironment,
): Promise<void> {
  const users = [...await usersOf(file)];
  let [imported, present, failed] = [0, 0, 0];
  for (let from = 0; from < users.length; from += IMPORT_BATCH) {
    const batch = fileOf(users.slice(from, from + IMPORT_BATCH));
    const { added, refused, ...rest } = await administration.import(batch);
    imported += added;
    present += rest.present;
    failed += refused.length;
    for (const [name, reason] of refused) err(`not imported: ${escape(name)}: ${reason}\n`);
  }
  out(`imported: ${imported}, already present: ${present}, refused: ${failed}\n`);
  if (failed > 0) throw new AdminFailure("some users were not imported");
}

/** Returns the content of a `users.json` with these users. */
function fileOf(users: Iterable<readonly [string, FileUser]>): Uint8Array {
  return Buffer.concat([...formatUsers(users)]);
}

/** Reads the users of a `users.json` that no server is using, or of a copy under another name. */
async function usersOf(file: string): Promise<Map<string, FileUser>> {
  let lock: DirectoryLock | undefined;
  try {
    const path = await Deno.realPath(file);
    if (basename(path) !== "users.json") {
      const { users, journal } = await readUsers(path);
      // A copy without a journal needs no lock, even in the directory of a running server.
      if (journal.empty) return users;
    }
    lock = await lockDirectory(Deno, dirname(path), false);
    return (await readUsers(path)).users;
  } catch (error) {
    if (error instanceof StoreUnusable) throw error;
    throw new AdminFailure(`${file} cannot be read: ${(error as Error).message}`);
  } finally {
    lock?.close();
  }
}

function noSuchUser(name: string): AdminFailure {
  return new AdminFailure(`there is no user ${escape(name)}`);
}

/** The last instant that a `Date` can represent (ECMA-262 §21.4.1.1), Unix seconds. */
const LAST_DATE = 8.64e12;

/** Returns a local time. A file edited by hand may hold a number beyond the range of dates. */
function timeOf(seconds: number): string {
  return seconds > LAST_DATE ? `after ${localTime(LAST_DATE)}` : localTime(seconds);
}
