/**
 * A line typed on a terminal in raw mode, where nobody but the program edits it.
 */

/** The keys, as the bytes that they send. */
export interface Keys {
  /** The next byte, or null at the end. */
  next(): Promise<number | null>;
  /** Whether more has arrived together with what was given. */
  hasMore(): boolean;
}

/** What was typed, and the byte that ended it; null for the end of input. */
export interface EditedLine {
  readonly text: string;
  readonly end: number | null;
}

const LINE_FEED = 0x0a, RETURN = 0x0d;
const CTRL_C = 0x03, CTRL_D = 0x04, BACKSPACE = 0x08, CTRL_U = 0x15, ESCAPE = 0x1b, DELETE = 0x7f;
const BELL = 0x07;

/**
 * Reads keys up to Return.
 * @param interrupt called on Ctrl-C
 * @param show called with what there is so far
 * @param limit bytes of the longest line; what is typed beyond it is not taken
 * @returns null at the end of input, or for Ctrl-D where nothing is typed
 */
export async function editedLine(
  keys: Keys,
  interrupt: () => void,
  show: (text: string) => void,
  limit: number,
): Promise<EditedLine | null> {
  const typed: number[] = [];
  const text = () => new TextDecoder().decode(Uint8Array.from(typed));
  for (;;) {
    const byte = await keys.next();
    if (byte === null) return typed.length > 0 ? { text: text(), end: null } : null;
    if (byte === LINE_FEED || byte === RETURN) {
      show(text());
      return { text: text(), end: byte };
    }
    if (byte === CTRL_C) interrupt();
    else if (byte === CTRL_D) {
      if (typed.length === 0) return null;
    } else if (byte === CTRL_U) typed.length = 0;
    else if (byte === DELETE || byte === BACKSPACE) eraseCharacter(typed);
    else if (byte === ESCAPE) await skipEscapeSequence(keys);
    else if (byte >= 0x20 && typed.length < limit) typed.push(byte);
    // The bytes of a character come together; half of one is not to be shown.
    if (!keys.hasMore()) show(text());
  }
}

/** Removes the last character: in UTF-8, the continuation bytes and the byte before them. */
function eraseCharacter(typed: number[]): void {
  while (typed.length > 0 && (typed[typed.length - 1] & 0xc0) === 0x80) typed.pop();
  typed.pop();
}

/**
 * Arrows and their like (ECMA-48 §5.4), and what a terminal replies late (§5.6): they are sent in one
 * piece, so a lone Escape skips nothing.
 */
async function skipEscapeSequence(keys: Keys): Promise<void> {
  if (!keys.hasMore()) return;
  let byte = await keys.next();
  const isString = byte === 0x50 || byte === 0x5d || byte === 0x5f;
  if (byte !== 0x5b && byte !== 0x4f && !isString) return;
  const ends = (byte: number) =>
    isString ? byte === BELL || byte === ESCAPE : byte >= 0x40 && byte <= 0x7e;
  do {
    if (!keys.hasMore()) return;
    byte = await keys.next();
  } while (byte !== null && !ends(byte));
  // The Escape that ends a string has a backslash.
  if (isString && byte === ESCAPE && keys.hasMore()) await keys.next();
}
