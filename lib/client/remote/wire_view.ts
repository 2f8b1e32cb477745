/**
 * `--debug`: the exchange as it is on the wire, for somebody who wants to watch HTTP. Heads are
 * shown whole, content shortened, secrets masked.
 */
import { byteSize } from "../../text/byte_size.ts";
import { strip } from "../../text/printable.ts";

/** The most of a head that is shown, bytes. */
export const SHOWN_HEAD_LIMIT = 64 * 1024;
/** The most of a content that is shown, characters. */
export const SHOWN_BODY_LIMIT = 300;
/**
 * What is kept of a content to show some of it, bytes; a password must fit in, to be masked whole.
 */
const KEPT_BODY = 4096;

const REQUEST_COLOR = "\x1b[36m", RESPONSE_COLOR = "\x1b[33m", BODY_COLOR = "\x1b[2m";
const RESET = "\x1b[0m";

/** Watches the bytes of a connection and writes what they mean. */
export class WireView {
  readonly #request: Direction;
  readonly #response: Direction;
  #waiting = false;

  /**
   * @param write takes text for the screen
   * @param colored whether heads are coloured
   */
  constructor(write: (text: string) => void, colored: boolean) {
    this.#request = new Direction(write, "> ", colored ? REQUEST_COLOR : "");
    this.#response = new Direction(write, "< ", colored ? RESPONSE_COLOR : "");
  }

  /** Bytes that went out. */
  sent(bytes: Uint8Array): void {
    if (!this.#waiting) {
      this.#response.end();
      this.#waiting = true;
    }
    this.#request.take(bytes);
  }

  /** Bytes that came in. */
  received(bytes: Uint8Array): void {
    if (this.#waiting) {
      this.#request.end();
      this.#waiting = false;
    }
    this.#response.take(bytes);
  }

  /** Shows what is still held back. */
  flush(): void {
    this.#request.end();
    this.#response.end();
    this.#waiting = false;
  }
}

/** One direction: a head, then its content. */
class Direction {
  readonly #decoder = new TextDecoder();
  #head: number[] | null = [];
  #body: number[] = [];
  #bodyLength = 0;
  /** What the head announces, or null: then the content is shown when the next message begins. */
  #announced: number | null = null;
  #isText = true;

  constructor(
    private readonly write: (text: string) => void,
    private readonly prefix: string,
    private readonly color: string,
  ) {}

  take(bytes: Uint8Array): void {
    let at = 0;
    while (this.#head !== null && at < bytes.length) {
      this.#head.push(bytes[at++]);
      if (this.#head.length >= SHOWN_HEAD_LIMIT || endsHead(this.#head)) this.#showHead();
    }
    const rest = bytes.subarray(at);
    this.#bodyLength += rest.length;
    for (const byte of rest.subarray(0, KEPT_BODY - this.#body.length)) this.#body.push(byte);
    if (this.#bodyLength > 0 && this.#bodyLength === this.#announced) this.end();
  }

  /** The message is over. */
  end(): void {
    if (this.#head !== null && this.#head.length > 0) this.#showHead();
    if (this.#bodyLength > 0) this.#showBody();
    this.#head = [];
    this.#body = [];
    this.#bodyLength = 0;
    this.#announced = null;
  }

  #showHead(): void {
    const text = this.#decoder.decode(Uint8Array.from(this.#head ?? []));
    const lines = maskFields(text.replace(/(\r?\n)+$/, "").split(/\r?\n/));
    this.write(lines.map((line) => this.#line(line)).join("") + this.prefix + "\n");
    // After an interim response comes another head.
    this.#head = /^HTTP\/1\.[01] 1[0-9][0-9]/.test(text) ? [] : null;
    const length = /^content-length:\s*([0-9]{1,15})\s*$/im.exec(text)?.[1];
    this.#announced = length === undefined ? null : Number(length);
    this.#isText = /^content-type:\s*(text\/|application\/json)/im.test(text) ||
      !/^content-type:/im.test(text);
  }

  #line(line: string): string {
    const shown = strip(line, SHOWN_HEAD_LIMIT);
    return `${this.prefix}${this.color}${shown}${this.color && RESET}\n`;
  }

  #showBody(): void {
    const text = this.#decoder.decode(Uint8Array.from(this.#body));
    let shown = `[${byteSize(this.#bodyLength)}]`;
    if (this.#isText && !text.includes("\ufffd")) {
      shown = strip(maskPassword(text), SHOWN_BODY_LIMIT);
      if (this.#bodyLength > this.#body.length) shown += ` [${byteSize(this.#bodyLength)}]`;
    }
    const dim = this.color && BODY_COLOR;
    this.write(`${this.prefix}${dim}${shown}${dim && RESET}\n`);
  }
}

/** Whether the last bytes are an empty line. */
function endsHead(bytes: readonly number[]): boolean {
  const { length } = bytes;
  return bytes[length - 1] === 0x0a &&
    (bytes[length - 2] === 0x0a || (bytes[length - 2] === 0x0d && bytes[length - 3] === 0x0a));
}

/** Hides secrets, those of folded lines (RFC 9112 §5.2) included: what a client skips is shown, too. */
function maskFields(lines: readonly string[]): string[] {
  let isSecret = false;
  return lines.map((line) => {
    const folded = /^[ \t]+/.exec(line)?.[0];
    if (folded !== undefined) return isSecret ? `${folded}***` : line;
    const masked = maskField(line);
    isSecret = masked !== null;
    return masked ?? line;
  });
}

/**
 * Hides the values of cookies, and credentials whole; names and attributes stay.
 * @returns null for a field without secrets
 */
function maskField(line: string): string | null {
  const [, name, space, value] = /^([^:\s]+)(\s*:\s*)(.*)$/s.exec(line) ?? [];
  switch (name?.toLowerCase()) {
    case "cookie":
      return `${name}${space}${value.replace(/=[^;]*/g, "=***")}`;
    case "set-cookie":
      // In a response one cookie and its attributes, in a request cookies alone.
      return `${name}${space}` +
        value.replace(
          /(^|;)(\s*)([^=;]+)=([^;]*)/g,
          (whole, before, gap, key) =>
            /^(max-age|expires|path|domain|samesite)$/i.test(key) && before !== ""
              ? whole
              : `${before}${gap}${key}=***`,
        );
    case "authorization":
    case "proxy-authorization":
      return `${name}${space}***`;
    default:
      return null;
  }
}

/** Hides the password of a JSON object, cut off or not. */
function maskPassword(text: string): string {
  return text.replace(/("password"\s*:\s*)"(?:[^"\\]|\\.)*"?/g, '$1"***"');
}
