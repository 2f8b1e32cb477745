import { CR, HTAB, LF, SP } from "./bytes.ts";

/**
 * Says what is wrong with a field name.
 *
 * @param byte at which it ended, and which is no colon behind a name
 * @param empty whether nothing came before
 */
export function malformedName(byte: number, empty: boolean): string {
  if (byte === LF) return "a header line that does not end in CR LF";
  if (byte === CR) return "a header line without a colon";
  if (byte !== SP && byte !== HTAB) return "a header field with an invalid name";
  return empty ? "a folded header field" : "white space before the colon of a header field";
}

/** Says what is wrong with a field value that ended at `byte`, which is no CR. */
export function malformedValue(byte: number): string {
  if (byte === LF) return "a header line that does not end in CR LF";
  return "a control character in a header field";
}
