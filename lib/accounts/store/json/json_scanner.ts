/**
 * A streaming JSON reader (RFC 8259) that reports errors by line and column. `JSON.parse` does not,
 * nor does it reveal duplicate names or keep the order of names like `7`.
 */
import { Buffer } from "node:buffer";

/** An error in a text. Line and column start at 1; the column counts characters. */
export class JsonDamage extends Error {
  static {
    this.prototype.name = "JsonDamage";
  }

  constructor(readonly line: number, readonly column: number, message: string) {
    super(message);
  }
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OBJECT, OBJECT_END, ARRAY, ARRAY_END] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The bytes of numbers, `true`, `false` and `null`. */
const WORD_BYTES: ReadonlySet<number> = new Set(Buffer.from("+-.0123456789Eaeflnrstu"));

/** Maximum nesting of arrays and objects, so that the stack suffices. */
const DEPTH = 64;

/** Names shorter than this are cached, characters. */
const NAMES = 16;

/**
 * Reads a JSON text from start to end. Objects are read member by member:
 *
 *     scanner.enter();
 *     for (let name = scanner.next(); name !== null; name = scanner.next()) … // read the value
 */
export class JsonScanner {
  /** The offset of the next byte. */
  offset = 0;
  /** The offset of the name that `next` returned last. */
  nameOffset = 0;
  /** The names of the members that lead to the current position. */
  readonly #path: string[] = [];
  /** Whether no member of the current object was read yet. */
  #first!: boolean;
  readonly #bytes: Buffer;
  /** The last name of each length, for `#name`. */
  readonly #names: (string | undefined)[] = new Array(NAMES);
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    // Skips the byte order mark that some editors write.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.offset = 3;
  }

  /** The current member for error messages: `"alice".key.expiry_time`. */
  get path(): string {
    const [first, ...others] = this.#path;
    if (first === undefined) return "the file";
    return [JSON.stringify(first), ...others].join(".");
  }

  /** Enters an object. */
  enter(): void {
    const first = this.#peek();
    if (first === undefined) this.#unexpected("an object");
    if (first !== OBJECT) this.fail(`${this.path} must be an object`);
    this.offset++;
    this.#first = true;
    this.#path.push("");
  }

  /** Reads the name of the next member, up to its value. Returns null at the end of the object. */
  next(): string | null {
    let byte = this.#peek();
    if (byte === OBJECT_END) {
      this.offset++;
      this.#first = false;
      this.#path.pop();
      return null;
    }
    if (!this.#first) {
      if (byte !== COMMA) this.#unexpected('"," or "}"');
      this.offset++;
      byte = this.#peek();
    }
    if (byte !== QUOTE) this.#unexpected("a name in quotes");
    this.nameOffset = this.offset;
    const name = this.#name();
    if (this.#peek() !== COLON) this.#unexpected('":"');
    this.offset++;
    this.#peek();
    this.#first = false;
    this.#path[this.#path.length - 1] = name;
    return name;
  }

  /** Reads a string. */
  string(): string {
    if (this.#peek() !== QUOTE) this.fail(`${this.path} must be a string`);
    return this.#string();
  }

  /** Reads a number. */
  number(): number {
    const start = this.offset;
    const text = this.#word();
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text)) {
      this.fail(`${this.path} must be a number`, start);
    }
    return Number(text);
  }

  /** Reads any value and returns its text unchanged. */
  raw(depth = 0): string {
    const first = this.#peek();
    const start = this.offset;
    if (depth > DEPTH) this.fail(`values are nested more than ${DEPTH} deep`);
    if (first === QUOTE) {
      this.#string();
    } else if (first === OBJECT) {
      this.enter();
      while (this.next() !== null) this.raw(depth + 1);
    } else if (first === ARRAY) {
      this.offset++;
      if (this.#peek() === ARRAY_END) this.offset++;
      else {
        for (let next: number | undefined = COMMA; next === COMMA; this.offset++) {
          this.raw(depth + 1);
          next = this.#peek();
          if (next !== COMMA && next !== ARRAY_END) this.#unexpected('"," or "]"');
        }
      }
    } else {
      const word = this.#word();
      if (word !== "true" && word !== "false" && word !== "null") {
        this.offset = start;
        if (!/^[-0-9]/.test(word)) this.#unexpected("a value");
        this.number();
      }
    }
    return this.#text(start, this.offset);
  }

  /** Requires that only white space follows. */
  end(): void {
    this.#peek();
    if (this.offset < this.#bytes.length) this.#unexpected("the end");
  }

  /**
   * Reports an error.
   *
   * @param offset where the error is (the current position)
   * @throws {JsonDamage} always
   */
  fail(message: string, offset = this.offset): never {
    const before = this.#bytes.subarray(0, offset);
    let line = 1;
    for (const byte of before) if (byte === 0x0a) line++;
    const start = before.lastIndexOf(0x0a) + 1;
    const column = [...new TextDecoder().decode(before.subarray(start))].length + 1;
    throw new JsonDamage(line, column, message);
  }

  /** Skips white space and returns the next byte; undefined at the end. */
  #peek(): number | undefined {
    while (true) {
      const byte = this.#bytes[this.offset];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.offset++;
    }
  }

  #string(): string {
    const bytes = this.#bytes;
    const start = this.offset;
    let end = start + 1;
    let escaped = false;
    for (let byte = bytes[end]; byte !== QUOTE; byte = bytes[++end]) {
      if (byte === undefined) this.fail("the string has no end", start);
      if (byte < 0x20) this.fail("a control character must be escaped (RFC 8259 section 7)", end);
      if (byte === BACKSLASH) {
        escaped = true;
        end++;
      }
    }
    this.offset = end + 1;
    if (!escaped) return this.#text(start + 1, end);
    try {
      return JSON.parse(this.#text(start, end + 1));
    } catch (error) {
      if (error instanceof JsonDamage) throw error;
      return this.fail("the string has an invalid escape (RFC 8259 section 7)", start);
    }
  }

  /**
   * Reads a member's name. Most members share a few names, so the last name of the same length is
   * compared before a new string is made, which halves the time for a large file.
   */
  #name(): string {
    const bytes = this.#bytes;
    const start = this.offset + 1;
    let end = start;
    while (end < bytes.length && bytes[end] !== QUOTE) end++;
    const known = this.#names[end - start];
    if (known !== undefined) {
      let same = 0;
      while (same < known.length && known.charCodeAt(same) === bytes[start + same]) same++;
      if (same === known.length) {
        this.offset = end + 1;
        return known;
      }
    }
    const name = this.#string();
    if (name.length < NAMES && name.length === end - start) this.#names[name.length] = name;
    return name;
  }

  /** Reads a run of letters, digits and signs. */
  #word(): string {
    const start = this.offset;
    while (WORD_BYTES.has(this.#bytes[this.offset])) this.offset++;
    return this.#text(start, this.offset);
  }

  #text(start: number, end: number): string {
    const bytes = this.#bytes;
    let all = 0;
    for (let i = start; i < end; i++) all |= bytes[i];
    // Most text is ASCII, which decodes ten times as fast as Latin-1 than as UTF-8.
    if (all < 0x80) return bytes.toString("latin1", start, end);
    try {
      return this.#decoder.decode(bytes.subarray(start, end));
    } catch {
      return this.fail("the text is not valid UTF-8", start);
    }
  }

  #unexpected(wanted: string): never {
    if (this.offset >= this.#bytes.length) this.fail(`expected ${wanted}, but the text ends`);
    this.fail(`expected ${wanted}`);
  }
}
