/**
 * The text of `users.json`: reading it with the place of every fault, and writing it.
 */
import { JsonDamage, JsonScanner } from "./json_scanner.ts";
import { isHash, looksLikeHash } from "./password_hash.ts";
import type { User } from "./store.ts";

/** A user as `users.json` has it. Objects of this type are never changed, only replaced. */
export interface FileUser extends User {
  /**
   * Members that this program does not know, of the user and of its `key`, as they were written
   * (`"note": "left-handed"`): whoever put them there finds them again.
   */
  readonly others?: string;
  readonly keyOthers?: string;
}

/**
 * Reads the file.
 *
 * @param bytes its content
 * @returns the users by name, in the order of the file
 * @throws JsonDamage where it is no JSON or not of the shape
 */
export function parseUsers(bytes: Uint8Array): Map<string, FileUser> {
  const users = new Map<string, FileUser>();
  const scanner = new JsonScanner(bytes);
  scanner.object("the file", (written, offset) => {
    const name = written.normalize("NFC");
    if (users.has(name)) scanner.fail(`the user ${quoted(name)} is there twice`, offset);
    users.set(name, parseUser(scanner, quoted(name)));
  });
  scanner.end();
  return users;
}

function parseUser(scanner: JsonScanner, path: string): FileUser {
  const start = scanner.offset;
  let pw: string | undefined;
  let expiryTime: number | undefined;
  let revokedAt: number | undefined;
  let others: string | undefined;
  let keyOthers: string | undefined;
  let hasKey = false;
  scanner.object(path, (name, offset) => {
    if (name === "pw") {
      if (pw !== undefined) twice(scanner, `${path}.pw`, offset);
      pw = parsePassword(scanner, `${path}.pw`);
    } else if (name === "revoked_at") {
      if (revokedAt !== undefined) twice(scanner, `${path}.revoked_at`, offset);
      revokedAt = parseTime(scanner, `${path}.revoked_at`);
    } else if (name === "key") {
      if (hasKey) twice(scanner, `${path}.key`, offset);
      hasKey = true;
      scanner.object(`${path}.key`, (name, offset) => {
        if (name === "expiry_time") {
          if (expiryTime !== undefined) twice(scanner, `${path}.key.expiry_time`, offset);
          expiryTime = parseTime(scanner, `${path}.key.expiry_time`);
        } else keyOthers = joined(keyOthers, ",\n      ", name, scanner.raw());
      });
    } else others = joined(others, ",\n    ", name, scanner.raw());
  });
  if (pw === undefined) return scanner.fail(`${path}.pw is missing`, start);
  if (!hasKey) return scanner.fail(`${path}.key is missing`, start);
  if (expiryTime === undefined) return scanner.fail(`${path}.key.expiry_time is missing`, start);
  const user = { pw, expiryTime, revokedAt: revokedAt ?? 0 };
  if (others === undefined && keyOthers === undefined) return user;
  return {
    ...user,
    ...(others === undefined ? null : { others }),
    ...(keyOthers === undefined ? null : { keyOthers }),
  };
}

function joined(before: string | undefined, separator: string, name: string, raw: string): string {
  const member = `${quoted(name)}: ${raw}`;
  return before === undefined ? member : before + separator + member;
}

function parsePassword(scanner: JsonScanner, path: string): string {
  const start = scanner.offset;
  const pw = scanner.string(path);
  // Taken as plain text, a hash would be a password that everybody knows who has seen the file.
  if (looksLikeHash(pw) && !isHash(pw)) {
    scanner.fail(`${path} is a password hash that this program cannot use`, start);
  }
  return pw;
}

function parseTime(scanner: JsonScanner, path: string): number {
  const start = scanner.offset;
  const time = scanner.number(path);
  if (time < 0 || time === Infinity) scanner.fail(`${path} must be Unix seconds, or 0`, start);
  return time;
}

function twice(scanner: JsonScanner, path: string, offset: number): never {
  scanner.fail(`${path} is there twice`, offset);
}

/** The names a person would look for; long ones are cut. */
function quoted(name: string): string {
  return JSON.stringify(name);
}

// Large enough that a hundred thousand users are a few hundred writes, small enough that making one
// does not hold up a request.
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Writes the file, in pieces.
 *
 * @param entries the users, in order; asked for one at a time, so they may change meanwhile
 */
export function* formatUsers(
  entries: Iterable<readonly [name: string, user: FileUser]>,
): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "{";
  let separator = "\n";
  for (const [name, user] of entries) {
    text += separator + `  ${quoted(name)}: ` + formatUser(user);
    separator = ",\n";
    if (text.length >= CHUNK_CHARACTERS) {
      yield encoder.encode(text);
      text = "";
    }
  }
  yield encoder.encode(text + (separator === "\n" ? "}\n" : "\n}\n"));
}

function formatUser({ pw, expiryTime, revokedAt, others, keyOthers }: FileUser): string {
  const key = keyOthers === undefined ? "" : `,\n      ${keyOthers}`;
  const revoked = revokedAt === 0 ? "" : `,\n    "revoked_at": ${JSON.stringify(revokedAt)}`;
  const rest = others === undefined ? "" : `,\n    ${others}`;
  return `{
    "pw": ${JSON.stringify(pw)},
    "key": {
      "expiry_time": ${JSON.stringify(expiryTime)}${key}
    }${revoked}${rest}
  }`;
}

/** One sentence that names the file and the place of its fault. */
export function describeDamage(path: string, { line, column, message }: JsonDamage): string {
  return `${path}, line ${line}, column ${column}: ${message}`;
}
