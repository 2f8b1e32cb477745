/**
 * The bytes of a terminal as keys: text, control keys, escape sequences (ECMA-48 §5.4) and pastes.
 * The replies of a terminal are recognised by their shape and are no keys.
 */

/** A key that was pressed, or text that was typed or pasted. */
export interface Key {
  readonly name:
    | "text"
    | "paste"
    | "enter"
    | "tab"
    | "backtab"
    | "escape"
    | "backspace"
    | "delete"
    | "up"
    | "down"
    | "left"
    | "right"
    | "word-left"
    | "word-right"
    | "home"
    | "end"
    | "page-up"
    | "page-down"
    | `ctrl-${string}`;
  /** What was typed or pasted; empty for other keys. */
  readonly text: string;
}

/** A key and how many bytes it took; a null key for bytes that are none, such as replies. */
export interface KeyRead {
  readonly key: Key | null;
  readonly length: number;
}

const ESCAPE = 0x1b, BACKSLASH = 0x5c, BELL = 0x07;
const PASTE_END = [ESCAPE, 0x5b, 0x32, 0x30, 0x31, 0x7e];

/** Longest paste and longest reply of a terminal, bytes. */
export const LONGEST_SEQUENCE = 1 << 20;

/** Final bytes of control sequences that are keys (xterm), without modifiers. */
const FINALS: Readonly<Record<string, Key["name"]>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  Z: "backtab",
};

/** First parameters of `CSI … ~` that are keys (VT220). */
const TILDES: Readonly<Record<string, Key["name"]>> = {
  1: "home",
  3: "delete",
  4: "end",
  5: "page-up",
  6: "page-down",
  7: "home",
  8: "end",
};

/**
 * Reads the key at the start of `bytes`.
 *
 * @param bytes what has come from the terminal; not empty
 * @param isOver whether nothing follows soon: a lone Escape is then the key
 * @returns null if more bytes are needed
 */
export function readKey(bytes: Uint8Array, isOver: boolean): KeyRead | null {
  const [first] = bytes;
  if (first === ESCAPE) return readEscape(bytes, isOver);
  if (first === 0x0d || first === 0x0a) return named("enter", 1);
  if (first === 0x09) return named("tab", 1);
  if (first === 0x7f || first === 0x08) return named("backspace", 1);
  if (first < 0x20) return named(`ctrl-${String.fromCharCode(first + 0x60)}`, 1);
  return readCharacter(bytes, isOver);
}

function named(name: Key["name"], length: number): KeyRead {
  return { key: { name, text: "" }, length };
}

/** One character of UTF-8 (RFC 3629). */
function readCharacter(bytes: Uint8Array, isOver: boolean): KeyRead | null {
  const [first] = bytes;
  // The first byte begins with as many ones as the character has bytes, or with a zero for one.
  const length = Math.min(4, Math.max(1, Math.clz32(~first << 24)));
  if (bytes.length < length && !isOver) return null;
  const part = bytes.subarray(0, length);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part);
    return { key: { name: "text", text }, length };
  } catch {
    return { key: null, length: 1 };
  }
}

function readEscape(bytes: Uint8Array, isOver: boolean): KeyRead | null {
  if (bytes.length === 1) return isOver ? named("escape", 1) : null;
  switch (String.fromCharCode(bytes[1])) {
    case "[":
      return readControlSequence(bytes, isOver);
    case "O": {
      if (bytes.length === 2) return isOver ? named("escape", 1) : null;
      const name = FINALS[String.fromCharCode(bytes[2])];
      return { key: name === undefined ? null : { name, text: "" }, length: 3 };
    }
    case "P":
    case "]":
    case "_":
    case "^":
      return readString(bytes, isOver);
    default:
      // Escape, and then another key at once.
      return named("escape", 1);
  }
}

function readControlSequence(bytes: Uint8Array, isOver: boolean): KeyRead | null {
  let end = 2;
  while (bytes[end] >= 0x20 && bytes[end] < 0x40) end++;
  if (end === bytes.length) {
    if (!isOver) return null;
    return bytes.length === 2 ? named("escape", 1) : { key: null, length: end };
  }
  // No final byte: another sequence begins within this one.
  if (bytes[end] < 0x40) return { key: null, length: end };
  const parameters = String.fromCharCode(...bytes.subarray(2, end));
  const final = String.fromCharCode(bytes[end]);
  const length = end + 1;
  if (final === "~") {
    if (parameters === "200") return readPaste(bytes, length);
    const name = TILDES[parameters.split(";")[0]];
    return { key: name === undefined ? null : { name, text: "" }, length };
  }
  const name = /^(1;\d+)?$/.test(parameters) ? FINALS[final] : undefined;
  if (name === undefined) return { key: null, length };
  const isWord = parameters !== "" && (name === "left" || name === "right");
  return named(isWord ? `word-${name}` : name, length);
}

/** A bracketed paste: the text between `CSI 200 ~` and `CSI 201 ~`. */
function readPaste(bytes: Uint8Array, from: number): KeyRead | null {
  const end = indexOfSequence(bytes, PASTE_END, from);
  if (end === -1) {
    return bytes.length > LONGEST_SEQUENCE ? { key: null, length: bytes.length } : null;
  }
  const text = new TextDecoder().decode(bytes.subarray(from, end));
  return { key: { name: "paste", text }, length: end + PASTE_END.length };
}

/** A control string, which is always a reply: DCS, OSC, PM or APC, up to ST or BEL. */
function readString(bytes: Uint8Array, isOver: boolean): KeyRead | null {
  const end = bytes.findIndex((byte, at) => byte === BELL || (byte === ESCAPE && at !== 0));
  if (end === -1) {
    if (isOver && bytes.length === 2) return named("escape", 1);
    return bytes.length > LONGEST_SEQUENCE ? { key: null, length: bytes.length } : null;
  }
  if (bytes[end] === BELL) return { key: null, length: end + 1 };
  if (end + 1 === bytes.length) return null;
  return { key: null, length: bytes[end + 1] === BACKSLASH ? end + 2 : end };
}

function indexOfSequence(bytes: Uint8Array, sequence: readonly number[], from: number): number {
  let at = bytes.indexOf(sequence[0], from);
  while (at !== -1 && !sequence.every((byte, i) => bytes[at + i] === byte)) {
    at = bytes.indexOf(sequence[0], at + 1);
  }
  return at;
}
