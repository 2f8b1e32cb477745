/** Parses and formats `users.json`. */
import { JsonDamage, JsonScanner } from "./json_scanner.ts";
import { isHash, looksLikeHash } from "../../login/password_hash.ts";
import type { EndedSession, User } from "../store.ts";

/** A user in `users.json`. Objects of this type are immutable. */
export interface FileUser extends User {
  /** The user's unknown members as JSON text (`"note": "left-handed"`), kept as written. */
  readonly others?: string;
  /** The unknown members of the user's `key`, likewise. */
  readonly keyOthers?: string;
}

/**
 * Parses a `users.json`.
 *
 * @param bytes the content of the file
 * @returns the users by name, in the order of the file
 * @throws {JsonDamage} if it is not JSON or not in the format of `users.json`
 */
export function parseUsers(bytes: Uint8Array): Map<string, FileUser> {
  const users = new Map<string, FileUser>();
  const scanner = new JsonScanner(bytes);
  scanner.enter();
  for (let written = scanner.next(); written !== null; written = scanner.next()) {
    const name = written.normalize("NFC");
    if (users.has(name)) duplicate(scanner, "the user ");
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
      if (user.pw !== undefined) duplicate(scanner);
      user.pw = parsePassword(scanner);
    } else if (name === "revoked_at") {
      if (user.revokedAt !== undefined) duplicate(scanner);
      user.revokedAt = parseTime(scanner);
    } else if (name === "ended_sessions") {
      if (user.endedSessions !== undefined) duplicate(scanner);
      user.endedSessions = parseEndedSessions(scanner);
    } else if (name === "key") {
      if (user.hasKey) duplicate(scanner);
      user.hasKey = true;
      parseKey(scanner, user);
    } else user.others = joined(user.others, ",\n    ", name, scanner.raw());
  }
  const { pw, expiryTime, revokedAt = 0, endedSessions, hasKey, others, keyOthers } = user;
  if (pw === undefined) return missing(scanner, "pw", start);
  if (!hasKey) return missing(scanner, "key", start);
  if (expiryTime === undefined) return missing(scanner, "key.expiry_time", start);
  // A literal for most users, so that they share one hidden class and take little memory.
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

/** A user that is partly read. */
type Draft = { -readonly [member in keyof FileUser]?: FileUser[member] } & { hasKey?: boolean };

function parseKey(scanner: JsonScanner, user: Draft): void {
  scanner.enter();
  for (let name = scanner.next(); name !== null; name = scanner.next()) {
    if (name === "expiry_time") {
      if (user.expiryTime !== undefined) duplicate(scanner);
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
  // Read as plain text, the hash would be a password known to everybody who has seen the file.
  if (looksLikeHash(pw) && !isHash(pw)) {
    scanner.fail(`${scanner.path} is a password hash that this program cannot verify`, start);
  }
  return pw;
}

function parseTime(scanner: JsonScanner): number {
  const start = scanner.offset;
  const time = scanner.number();
  if (time < 0 || time === Infinity) {
    scanner.fail(`${scanner.path} must be 0 or Unix seconds`, start);
  }
  return time;
}

function duplicate(scanner: JsonScanner, kind = ""): never {
  scanner.fail(`${kind}${scanner.path} occurs twice`, scanner.nameOffset);
}

function missing(scanner: JsonScanner, member: string, offset: number): never {
  scanner.fail(`${scanner.path}.${member} is missing`, offset);
}

/** Minimum length of a chunk of the file, UTF-16 code units. */
const CHUNK_LENGTH = 64 * 1024;

/**
 * Formats a `users.json`. Yields it in chunks.
 *
 * @param entries the users in order; consumed lazily, so they may change between two chunks
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
    if (text.length < CHUNK_LENGTH) continue;
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

/** Returns an error message with the file and the position of the damage. */
export function describeDamage(path: string, { line, column, message }: JsonDamage): string {
  return `${path}, line ${line}, column ${column}: ${message}`;
}
