/**
 * Natural order of names, the same on every server and platform. Compares runs of digits by value
 * (`img2` before `img10`) and the rest by code point after NFC; ties are ordered by UTF-8 bytes.
 */

/** Matches runs of decimal digits; the group leaves out leading zeros. */
const DIGITS = /0*(\d+)/g;

/** Matches code units whose order in UTF-16 differs from that of code points. */
const HIGH = /[\ud800-\uffff]/g;

/**
 * Returns a key for a name: comparing keys with `<` gives the natural order. Names that differ only
 * in leading zeros or normalization have the same key.
 *
 * A run of digits becomes `0`, the number of digits as a code unit, and the digits. A longer number
 * is therefore larger, and a number compares to any other character as a digit does.
 */
export function naturalKey(name: string): string {
  return byCodePoint(
    name.normalize("NFC").replace(
      DIGITS,
      (_, digits: string) => `0${String.fromCharCode(digits.length)}${digits}`,
    ),
  );
}

/**
 * Moves surrogates behind U+FFFF, so that comparing code units compares code points. The result
 * serves only for comparison.
 */
function byCodePoint(text: string): string {
  return text.replace(HIGH, (character) => {
    const unit = character.charCodeAt(0);
    return String.fromCharCode(unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);
  });
}

/** A name with its key, so that the key is computed once for many comparisons. */
export interface KeyedName {
  readonly name: string;
  readonly key: string;
}

/** Compares two names in natural order; returns a negative number, 0 or a positive number. */
export function compareNames(a: KeyedName, b: KeyedName): number {
  return compare(a.key, b.key) || compare(byCodePoint(a.name), byCodePoint(b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
