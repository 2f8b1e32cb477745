/**
 * What may be a username and a password. The limits are those of the contract; the names are
 * constants so that tests and documents speak of the same numbers.
 */

import { findNameFault, mapUsername, type NameFault } from "./username_profile.ts";

/** The longest username, in characters (Unicode code points), once mapped. */
export const USERNAME_CHARACTERS = 64;

/** The longest password, in bytes of UTF-8. Hashing a longer one would be work for nothing. */
export const PASSWORD_BYTES = 1024;

/** A value that may be used, or the sentence that says why not. */
export type Checked = { readonly value: string } | { readonly reason: string };

/**
 * Maps a username to its one form and checks it, by the UsernameCasePreserved profile of RFC 8265.
 *
 * Names that every JavaScript object inherits (`__proto__`, `constructor`, …) are refused: this
 * program would take them as plain data, but `users.json` is read by others too.
 *
 * @param raw the name as the client sent it
 * @returns the name as it is stored, or a sentence for the user
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
 * Returns the stored names that a client may mean, most of the time one. Version 1.0.0 took more
 * names, in NFC alone: whoever registered one logs in with it as before.
 *
 * @param raw the name as the client sent it
 * @returns the name by the rule of version 1.0.0, then that by `checkUsername` if it is another
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

// Control characters (Cc), halves of surrogate pairs (Cs: they have no UTF-8), line and paragraph
// separators, and the controls that reorder text, with which one name can be made to look like
// another.
const OLD_FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Whether version 1.0.0 would have registered this name, which must be in NFC. */
export function isOldUsername(name: string): boolean {
  return name !== "" && !isTooLong(name) && !OLD_FORBIDDEN.test(name) && !isReserved(name) &&
    Array.from(name).length <= USERNAME_CHARACTERS;
}

/**
 * Whether a text is too long to be normalised: NFC makes one character of at most four, of at most
 * two code units each.
 */
function isTooLong(raw: string): boolean {
  return raw.length > USERNAME_CHARACTERS * 2 * 4;
}

/** Some runtimes take `__proto__` away from objects; the readers of the file may not. */
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

/** A character as Unicode names it, since it may be invisible: `U+202E`. */
function codePoint(character: string): string {
  return "U+" + character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
}

function tooLong(): Checked {
  return { reason: `the username is longer than ${USERNAME_CHARACTERS} characters` };
}

/**
 * Checks a password. It is not normalised: it is bytes that the user must repeat.
 *
 * @param raw the password as the client sent it
 * @returns the same password, or a sentence for the user, which does not repeat it
 */
export function checkPassword(raw: string): Checked {
  if (raw === "") return { reason: "the password is empty" };
  if (/\p{Cs}/u.test(raw)) return { reason: "the password is not valid Unicode" };
  if (raw.length > PASSWORD_BYTES || new TextEncoder().encode(raw).length > PASSWORD_BYTES) {
    return { reason: `the password is longer than ${PASSWORD_BYTES} bytes` };
  }
  return { value: raw };
}
