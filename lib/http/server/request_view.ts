/** The request that a handler receives. */
import { FieldsView, type HeadText } from "../wire/fields_view.ts";
import type { Fields, Request } from "../message.ts";
import { textOf } from "../wire/bytes.ts";
import type { RequestHead } from "../wire/request_head.ts";
import { parseTarget, type Target } from "../wire/target.ts";

const decoder = new TextDecoder();

const BYTE_ORDER_MARK = 0xfeff;

/** What a request needs of its connection. */
export interface RequestConnection {
  readonly peer: string;
  /** Whether the peer has ended its sending direction. Known only while it is watched. */
  readonly inputEnded: boolean;
  /** Starts watching the peer. Returns a signal that aborts when the peer is gone. */
  watchPeer(): AbortSignal;
}

/**
 * A request as a view over the buffer of its connection. Nothing is copied: it is valid until its
 * response is complete, and throws if it is used later.
 */
export class RequestView implements Request, HeadText {
  readonly method: string;
  readonly minorVersion: 0 | 1;
  /** What the handler noted for the observer. */
  notedUser: string | null = null;
  /** See `notedUser`. */
  notedSubject: string | null = null;
  /** See `notedUser`. */
  notedClient: string | null = null;

  #connection: RequestConnection;
  #head: RequestHead | null;
  #bytes: Uint8Array;
  #base: number;
  #content: Uint8Array | null;
  #bodyLength: number;
  #text: string | null = null;
  #path: string | null = null;
  #target: Target | null = null;
  #fields: FieldsView | null = null;
  #query: URLSearchParams | null = null;

  /**
   * @param head the parsed head
   * @param bytes holds the head; its offsets count from `base`
   * @param content the content if it was received separately, or null if it follows the head in
   *   `bytes`
   * @param bodyLength the length of the content if it follows the head
   * @throws {HttpError} 400 for an invalid target
   */
  constructor(
    head: RequestHead,
    bytes: Uint8Array,
    base: number,
    content: Uint8Array | null,
    bodyLength: number,
    connection: RequestConnection,
  ) {
    this.method = head.method;
    this.minorVersion = head.minorVersion;
    this.#connection = connection;
    this.#head = head;
    this.#bytes = bytes;
    this.#base = base;
    this.#content = content;
    this.#bodyLength = content === null ? bodyLength : content.length;
    // Nearly every target is in plain origin-form: nothing to decode, and nothing can be invalid.
    const plain = bytes[base + head.targetFrom] === 0x2f && !head.encoded;
    if (!plain || this.method === "CONNECT") {
      this.#target = parseTarget(this.method, this.target);
      this.#path = this.#target.path;
    }
  }

  get peer(): string {
    return this.#connection.peer;
  }

  get signal(): AbortSignal {
    this.#live();
    return this.#connection.watchPeer();
  }

  get inputEnded(): boolean {
    return this.#connection.inputEnded;
  }

  note(user: string | null, subject: string | null): void {
    this.notedUser = user;
    this.notedSubject = subject;
  }

  noteClient(address: string): void {
    this.notedClient = address;
  }

  get target(): string {
    const head = this.#live();
    return this.headText().slice(head.targetFrom, head.targetTo);
  }

  get path(): string {
    if (this.#path !== null) return this.#path;
    const head = this.#live();
    const to = head.queryMark === -1 ? head.targetTo : head.queryMark;
    return this.#path = this.headText().slice(head.targetFrom, to);
  }

  get query(): URLSearchParams {
    if (this.#query !== null) return this.#query;
    const head = this.#live();
    const text = this.#target !== null
      ? this.#target.query
      : head.queryMark === -1
      ? ""
      : this.headText().slice(head.queryMark + 1, head.targetTo);
    return this.#query = new URLSearchParams(text);
  }

  get fields(): Fields {
    return this.#fields ??= new FieldsView(
      this.#live().fields,
      this,
      this.#target?.authority ?? null,
    );
  }

  get body(): Uint8Array {
    const head = this.#live();
    if (this.#content !== null) return this.#content;
    const from = this.#base + head.length;
    return this.#bytes.subarray(from, from + this.#bodyLength);
  }

  get text(): string {
    if (this.#bodyLength === 0) return "";
    const head = this.#live();
    // Offsets into the text of a head are valid only while each byte is one character.
    if (this.#content !== null || !head.fields.ascii) return decoder.decode(this.body);
    const text = this.headText();
    const mark = text.charCodeAt(head.length) === BYTE_ORDER_MARK ? 1 : 0;
    return text.slice(head.length + mark);
  }

  /** Ends the view: its bytes now belong to the next request. */
  retire(): void {
    this.#head = null;
    this.#text = null;
  }

  #live(): RequestHead {
    if (this.#head === null) {
      throw new Error(
        "A request is valid only until its handler has responded; keep copies of what you need",
      );
    }
    return this.#head;
  }

  /**
   * Returns the head as one string, of which all others are slices. Decoding is a call out of the
   * JavaScript engine and costs more than the decoding itself, so content that follows the head is
   * decoded with it.
   */
  headText(): string {
    if (this.#text !== null) return this.#text;
    const { length, fields } = this.#live();
    const content = this.#content === null && fields.ascii ? this.#bodyLength : 0;
    const end = this.#base + length + content;
    return this.#text = textOf(this.#bytes, this.#base, end, fields.ascii);
  }
}
