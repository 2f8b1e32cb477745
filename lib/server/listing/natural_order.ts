/**
 * The order of names in a list: the same on every server and platform. Runs of digits are compared by
 * value (`img2` before `img10`), all else by code point after NFC; names that are equal so are ordered
 * by their own UTF-8 bytes.
 */

/** Runs of decimal digits, without the zeros in front that do not change the value. */
const DIGITS = /0*(\d+)/g;

/** Code units whose order as UTF-16 is not that of code points. */
const HIGH = /[\ud800-\uffff]/;

/**
 * Returns a key for a name: keys compared with `<` are in the natural order, but for names that differ
 * in leading zeros or normalization alone.
 *
 * A run of digits becomes `0`, its number of digits as a code unit, and the digits: so a longer number
 * is larger, and against any other character a digit sorts where digits do.
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
 * Moves the surrogates behind U+FFFF, so that comparing code units compares code points. The result is
 * only good for comparing.
 */
function byCodePoint(text: string): string {
  if (!HIGH.test(text)) return text;
  let moved = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    moved += String.fromCharCode(
      unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit,
    );
  }
  return moved;
}

/** A name with its key, so that the key is made once for many comparisons. */
export interface KeyedName {
  readonly name: string;
  readonly key: string;
}

/** Compares two names in the natural order: negative, 0 for the same name, or positive. */
export function compareNames(a: KeyedName, b: KeyedName): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.name === b.name) return 0;
  return byCodePoint(a.name) < byCodePoint(b.name) ? -1 : 1;
}
