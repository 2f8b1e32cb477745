/**
 * What may be a username and a password. The limits are those of the contract; the names are
 * constants so that tests and documents speak of the same numbers.
 */

/** The longest username, in characters (Unicode code points) after NFC normalisation. */
export const USERNAME_CHARACTERS = 64;

/** The longest password, in bytes of UTF-8. Hashing a longer one would be work for nothing. */
export const PASSWORD_BYTES = 1024;

/** A value that may be used, or the sentence that says why not. */
export type Checked = { readonly value: string } | { readonly reason: string };

// Control characters (Cc), halves of surrogate pairs (Cs: they have no UTF-8), line and paragraph
// separators, and the controls that reorder text, with which one name can be made to look like
// another.
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/**
 * Normalises and checks a username.
 *
 * Names that every JavaScript object inherits (`__proto__`, `constructor`, …) are refused: this
 * program would take them as plain data, but `users.json` is read by others too.
 *
 * @param raw the name as the client sent it
 * @returns the name in NFC, or a sentence for the user
 */
export function checkUsername(raw: string): Checked {
  // NFC makes one character of at most four; a text that cannot fit even so need not be normalised.
  if (raw.length > USERNAME_CHARACTERS * 2 * 4) return tooLong();
  if (FORBIDDEN.test(raw)) return { reason: "the username holds a control character" };
  const name = raw.normalize("NFC");
  if (name === "") return { reason: "the username is empty" };
  if (name.length > USERNAME_CHARACTERS && [...name].length > USERNAME_CHARACTERS) return tooLong();
  // Some runtimes take `__proto__` away from objects; the readers of the file may not.
  if (name === "__proto__" || name in Object.prototype) {
    return { reason: "the username is a reserved word" };
  }
  return { value: name };
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
