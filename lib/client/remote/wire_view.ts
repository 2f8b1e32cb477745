/**
 * `--debug`: shows the exchange as it is on the wire: heads whole, content shortened, secrets
 * masked.
 */
import { byteSize } from "../../text/byte_size.ts";
import { strip } from "../../text/printable.ts";

/** Bytes of a head that are shown. */
export const SHOWN_HEAD_LIMIT = 64 * 1024;
/** Characters of a content that are shown. */
export const SHOWN_BODY_LIMIT = 300;
/**
 * Bytes of a content that are kept for showing; a password must fit in to be masked whole.
 */
const KEPT_BODY = 4096;

const REQUEST_COLOR = "\x1b[36m", RESPONSE_COLOR = "\x1b[33m", BODY_COLOR = "\x1b[2m";
const RESET = "\x1b[0m";

/** Shows the bytes of a connection as text. */
export class WireView {
  readonly #request: Direction;
  readonly #response: Direction;

  /**
   * @param write receives the text
   * @param colored whether heads are coloured
   */
  constructor(write: (text: string) => void, colored: boolean) {
    this.#request = new Direction(write, "> ", colored ? REQUEST_COLOR : "");
    this.#response = new Direction(write, "< ", colored ? RESPONSE_COLOR : "");
  }

  /** Takes bytes that were sent. */
  sent(bytes: Uint8Array): void {
    this.#response.end();
    this.#request.take(bytes);
  }

  /** Takes bytes that were received. */
  received(bytes: Uint8Array): void {
    this.#request.end();
    this.#response.take(bytes);
  }

  /** Shows what has not been shown yet. */
  flush(): void {
    this.#request.end();
    this.#response.end();
  }
}

/** One direction of a connection: heads, each followed by its content. */
class Direction {
  readonly #decoder = new TextDecoder();
  #head: number[] | null = [];
  #body: number[] = [];
  #bodyLength = 0;
  /**
   * The announced Content-Length, or null: then the content is shown when the next message begins.
   */
  #announced: number | null = null;
  /** The Content-Type; empty if there is none. */
  #type = "";

  readonly #write: (text: string) => void;
  readonly #prefix: string;
  readonly #color: string;

  constructor(
    write: (text: string) => void,
    prefix: string,
    color: string,
  ) {
    this.#write = write;
    this.#prefix = prefix;
    this.#color = color;
  }

  take(bytes: Uint8Array): void {
    let at = 0;
    while (this.#head !== null && at < bytes.length) {
      this.#head.push(bytes[at++]);
      if (this.#head.length >= SHOWN_HEAD_LIMIT || endsHead(this.#head)) this.#showHead();
    }
    const rest = bytes.subarray(at);
    this.#bodyLength += rest.length;
    for (const byte of rest.subarray(0, KEPT_BODY - this.#body.length)) this.#body.push(byte);
    if (this.#bodyLength === this.#announced) this.end();
  }

  /** Ends the message. */
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
    this.#write(lines.map((line) => this.#line(line)).join("") + this.#prefix + "\n");
    // Another head follows an interim response.
    this.#head = /^HTTP\/1\.[01] 1[0-9][0-9]/.test(text) ? [] : null;
    const length = /^content-length:\s*([0-9]{1,15})\s*$/im.exec(text)?.[1];
    this.#announced = length === undefined ? null : Number(length);
    this.#type = /^content-type:\s*(.*)/im.exec(text)?.[1] ?? "";
  }

  #line(line: string): string {
    const shown = strip(line, SHOWN_HEAD_LIMIT);
    return `${this.#prefix}${this.#color}${shown}${this.#color && RESET}\n`;
  }

  #showBody(): void {
    const text = this.#decoder.decode(Uint8Array.from(this.#body));
    let shown = `[${byteSize(this.#bodyLength)}]`;
    if (/^(text\/|application\/json|$)/i.test(this.#type) && !text.includes("\ufffd")) {
      shown = strip(maskPassword(text), SHOWN_BODY_LIMIT);
      if (this.#bodyLength > this.#body.length) shown += ` [${byteSize(this.#bodyLength)}]`;
    }
    const dim = this.#color && BODY_COLOR;
    this.#write(`${this.#prefix}${dim}${shown}${dim && RESET}\n`);
  }
}

/** Whether the bytes end with an empty line. */
function endsHead(bytes: readonly number[]): boolean {
  const { length } = bytes;
  return bytes[length - 1] === 0x0a &&
    (bytes[length - 2] === 0x0a || (bytes[length - 2] === 0x0d && bytes[length - 3] === 0x0a));
}

/**
 * Masks secrets, also in folded lines (RFC 9112 §5.2), which are shown although a client skips
 * them.
 */
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
 * Masks the values of cookies, and credentials whole; names and attributes stay.
 *
 * @returns null for a field without secrets
 */
function maskField(line: string): string | null {
  const [, name, space, value] = /^([^:\s]+)(\s*:\s*)(.*)$/s.exec(line) ?? [];
  switch (name?.toLowerCase()) {
    case "cookie":
      return `${name}${space}${value.replace(/=[^;]*/g, "=***")}`;
    case "set-cookie":
      // A response has one cookie and its attributes here, a request has cookies only.
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

/** Masks passwords in a JSON object, even if it is cut off. */
function maskPassword(text: string): string {
  return text.replace(/("password"\s*:\s*)"(?:[^"\\]|\\.)*"?/g, '$1"***"');
}
