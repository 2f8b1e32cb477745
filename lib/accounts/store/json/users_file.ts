/**
 * The text of `users.json`: reading it with the place of every fault, and writing it.
 */
import { JsonDamage, JsonScanner } from "./json_scanner.ts";
import { isHash, looksLikeHash } from "../../login/password_hash.ts";
import type { EndedSession, User } from "../store.ts";

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
  scanner.enter();
  for (let written = scanner.next(); written !== null; written = scanner.next()) {
    const name = written.normalize("NFC");
    if (users.has(name)) twice(scanner, "the user ");
    users.set(name, parseUser(scanner));
  }
  scanner.end();
  return users;
}

function parseUser(scanner: JsonScanner): FileUser {
  const start = scanner.offset;
  const user: Draft = {};
  scanner.enter();
  for (let name = scanner.next(); name !== null; name = scanner.next()) {
    if (name === "pw") {
      if (user.pw !== undefined) twice(scanner);
      user.pw = parsePassword(scanner);
    } else if (name === "revoked_at") {
      if (user.revokedAt !== undefined) twice(scanner);
      user.revokedAt = parseTime(scanner);
    } else if (name === "ended_sessions") {
      if (user.endedSessions !== undefined) twice(scanner);
      user.endedSessions = parseEndedSessions(scanner);
    } else if (name === "key") {
      if (user.hasKey) twice(scanner);
      user.hasKey = true;
      parseKey(scanner, user);
    } else user.others = joined(user.others, ",\n    ", name, scanner.raw());
  }
  const { pw, expiryTime, revokedAt = 0, endedSessions, hasKey, others, keyOthers } = user;
  if (pw === undefined) return missing(scanner, "pw", start);
  if (!hasKey) return missing(scanner, "key", start);
  if (expiryTime === undefined) return missing(scanner, "key.expiry_time", start);
  // Spelt out for the many users who have no more than this: they share one shape in memory.
  if (others === undefined && keyOthers === undefined && !endedSessions?.length) {
    return { pw, expiryTime, revokedAt };
  }
  return {
    ...{ pw, expiryTime, revokedAt },
    ...(endedSessions?.length ? { endedSessions } : null),
    ...(others === undefined ? null : { others }),
    ...(keyOthers === undefined ? null : { keyOthers }),
  };
}

/** What has been read of a user so far. */
type Draft = { -readonly [member in keyof FileUser]?: FileUser[member] } & { hasKey?: boolean };

function parseKey(scanner: JsonScanner, user: Draft): void {
  scanner.enter();
  for (let name = scanner.next(); name !== null; name = scanner.next()) {
    if (name === "expiry_time") {
      if (user.expiryTime !== undefined) twice(scanner);
      user.expiryTime = parseTime(scanner);
    } else user.keyOthers = joined(user.keyOthers, ",\n      ", name, scanner.raw());
  }
}

function parseEndedSessions(scanner: JsonScanner): readonly EndedSession[] {
  const ended: EndedSession[] = [];
  scanner.enter();
  for (let hash = scanner.next(); hash !== null; hash = scanner.next()) {
    ended.push([hash, parseTime(scanner)]);
  }
  return ended;
}

function joined(before: string | undefined, separator: string, name: string, raw: string): string {
  const member = `${JSON.stringify(name)}: ${raw}`;
  return before === undefined ? member : before + separator + member;
}

function parsePassword(scanner: JsonScanner): string {
  const start = scanner.offset;
  const pw = scanner.string();
  // Taken as plain text, a hash would be a password that everybody knows who has seen the file.
  if (looksLikeHash(pw) && !isHash(pw)) {
    scanner.fail(`${scanner.path} is a password hash that this program cannot use`, start);
  }
  return pw;
}

function parseTime(scanner: JsonScanner): number {
  const start = scanner.offset;
  const time = scanner.number();
  if (time < 0 || time === Infinity) {
    scanner.fail(`${scanner.path} must be Unix seconds, or 0`, start);
  }
  return time;
}

function twice(scanner: JsonScanner, kind = ""): never {
  scanner.fail(`${kind}${scanner.path} is there twice`, scanner.nameOffset);
}

function missing(scanner: JsonScanner, member: string, offset: number): never {
  scanner.fail(`${scanner.path}.${member} is missing`, offset);
}

/** How long a piece of the file is at least, UTF-16 code units. */
const PIECE_LENGTH = 64 * 1024;

/**
 * Writes the file, in pieces.
 *
 * @param entries the users, in order; asked for one at a time, so they may change meanwhile
 */
export function* formatUsers(
  entries: Iterable<readonly [name: string, user: FileUser]>,
): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let text = "{";
  let separator = "\n  ";
  for (const [name, user] of entries) {
    text += separator + formatUser(name, user);
    separator = ",\n  ";
    if (text.length < PIECE_LENGTH) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text + (separator === "\n  " ? "}\n" : "\n}\n"));
}

function formatUser(name: string, user: FileUser): string {
  const { pw, expiryTime, revokedAt, endedSessions = [], others, keyOthers } = user;
  const keyMembers = keyOthers === undefined ? "" : `,\n      ${keyOthers}`;
  let text = `${JSON.stringify(name)}: {
    "pw": ${JSON.stringify(pw)},
    "key": {
      "expiry_time": ${expiryTime}${keyMembers}
    }`;
  if (revokedAt !== 0) text += `,\n    "revoked_at": ${revokedAt}`;
  if (endedSessions.length > 0) {
    const ended = endedSessions.map(([hash, end]) => `${JSON.stringify(hash)}: ${end}`);
    text += `,\n    "ended_sessions": {\n      ${ended.join(",\n      ")}\n    }`;
  }
  if (others !== undefined) text += `,\n    ${others}`;
  return text + "\n  }";
}

/** One sentence that names the file and the place of its fault. */
export function describeDamage(path: string, { line, column, message }: JsonDamage): string {
  return `${path}, line ${line}, column ${column}: ${message}`;
}
