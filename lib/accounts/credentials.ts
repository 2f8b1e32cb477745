/** The rules for usernames and passwords. */
import { findNameFault, mapUsername, type NameFault } from "./username_profile.ts";

/** Maximum length of a mapped username, Unicode code points. */
export const USERNAME_CHARACTERS = 64;

/** Maximum length of a password, bytes of UTF-8. Bounds the work of hashing. */
export const PASSWORD_BYTES = 1024;

/** An acceptable value, or the reason why a value is not acceptable, for the user. */
export type Checked = { readonly value: string } | { readonly reason: string };

/**
 * Maps a username to its stored form and checks it by the UsernameCasePreserved profile (RFC 8265
 * §3.4).
 *
 * Names of members that every JavaScript object inherits (`__proto__`, `constructor`, …) are
 * refused. This program treats them as plain data, but other programs that read `users.json` may
 * not.
 *
 * @param raw the name as the client sent it
 * @returns the name as stored, or the reason for the refusal
 */
export function checkUsername(raw: string): Checked {
  if (isTooLong(raw)) return tooLong();
  const name = mapUsername(raw);
  if (name === "") return { reason: "the username is empty" };
  if (Array.from(name).length > USERNAME_CHARACTERS) return tooLong();
  const found = findNameFault(name);
  if (found !== null) return { reason: describeFault(found) };
  return isReserved(name) ? { reason: "the username is a reserved word" } : { value: name };
}

/**
 * Returns the stored names that a client's name may stand for, usually one. Version 1.0.0 accepted
 * more names and mapped them to NFC only; such users can still log in.
 *
 * @param raw the name as the client sent it
 * @returns the name in the form of version 1.0.0, then in that of `checkUsername` if it differs
 */
export function possibleUsernames(raw: string): readonly string[] {
  if (isTooLong(raw)) return [];
  const names: string[] = [];
  const old = raw.normalize("NFC");
  if (isOldUsername(old)) names.push(old);
  const checked = checkUsername(raw);
  if ("value" in checked && checked.value !== old) names.push(checked.value);
  return names;
}

/**
 * The characters that version 1.0.0 refused: controls, lone surrogates, line and paragraph
 * separators, and bidirectional controls. Part of the old rule, so it must not change with
 * `UNSAFE`.
 */
const OLD_FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Whether version 1.0.0 would have registered this name. The name must be in NFC. */
export function isOldUsername(name: string): boolean {
  return name !== "" && !isTooLong(name) && !OLD_FORBIDDEN.test(name) && !isReserved(name) &&
    Array.from(name).length <= USERNAME_CHARACTERS;
}

/**
 * Whether a text is too long to be normalized. NFC composes one character of at most four, each of
 * at most two code units.
 */
function isTooLong(raw: string): boolean {
  return raw.length > USERNAME_CHARACTERS * 2 * 4;
}

/** Whether JavaScript objects inherit a member of this name. Deno itself removes `__proto__`. */
function isReserved(name: string): boolean {
  return name === "__proto__" || name in Object.prototype;
}

function describeFault(found: NameFault): string {
  switch (found.fault) {
    case "character":
      return `the username holds ${
        codePoint(found.character)
      }, a character that names do not have ` +
        "(RFC 8265, section 3.1)";
    case "space":
      return "the username begins or ends with a space";
    case "direction":
      return "the username mixes writing directions (RFC 5893, section 2)";
  }
}

/** Returns a character, which may be invisible, in the notation of Unicode: `U+202E`. */
function codePoint(character: string): string {
  return "U+" + character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
}

function tooLong(): Checked {
  return { reason: `the username is longer than ${USERNAME_CHARACTERS} characters` };
}

/**
 * Checks a password. A password is not normalized.
 *
 * @param raw the password as the client sent it
 * @returns the same password, or the reason for the refusal, which does not quote it
 */
export function checkPassword(raw: string): Checked {
  if (raw === "") return { reason: "the password is empty" };
  if (/\p{Cs}/u.test(raw)) return { reason: "the password is not valid Unicode" };
  if (raw.length > PASSWORD_BYTES || new TextEncoder().encode(raw).length > PASSWORD_BYTES) {
    return { reason: `the password is longer than ${PASSWORD_BYTES} bytes` };
  }
  return { value: raw };
}
