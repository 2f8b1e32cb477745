import { HeadFields } from "./field_lines.ts";
import type { Fields, Request } from "./message.ts";
import { textOf } from "./octets.ts";
import type { RequestHead } from "./request_head.ts";
import { parseTarget, type Target } from "./target.ts";

/**
 * A request over the octets of its connection's buffer. Nothing is copied: it is good until its answer is
 * given, and says so where it is used later.
 */
export class ReceivedRequest implements Request {
  readonly method: string;
  readonly minorVersion: 0 | 1;
  readonly peer: string;

  #head: RequestHead | null;
  #bytes: Uint8Array;
  #base: number;
  #body: Uint8Array | null;
  #text: string | null = null;
  #path: string | null = null;
  #target: Target | null = null;
  #fields: HeadFields | null = null;
  #query: URLSearchParams | null = null;

  /**
   * @param head the parsed head
   * @param bytes holds the head, and its offsets count from `base`
   * @param body the content, or null where it follows the head in `bytes`
   * @throws {HttpError} 400 for an invalid target
   */
  constructor(
    head: RequestHead,
    bytes: Uint8Array,
    base: number,
    body: Uint8Array | null,
    readonly bodyLength: number,
    peer: string,
  ) {
    this.method = head.method;
    this.minorVersion = head.minorVersion;
    this.peer = peer;
    this.#head = head;
    this.#bytes = bytes;
    this.#base = base;
    this.#body = body;
    // Plain origin-form, as nearly always: nothing to decode, nothing that can be wrong.
    const plain = bytes[base + head.targetFrom] === 0x2f && !head.encoded;
    if (!plain || this.method === "CONNECT") {
      this.#target = parseTarget(this.method, this.target);
      this.#path = this.#target.path;
    }
  }

  get target(): string {
    const head = this.#live();
    return this.#headText().slice(head.targetFrom, head.targetTo);
  }

  get path(): string {
    if (this.#path !== null) return this.#path;
    const head = this.#live();
    const to = head.queryMark < 0 ? head.targetTo : head.queryMark;
    return this.#path = this.#headText().slice(head.targetFrom, to);
  }

  get query(): URLSearchParams {
    if (this.#query !== null) return this.#query;
    const head = this.#live();
    const text = this.#target !== null
      ? this.#target.query
      : head.queryMark < 0
      ? ""
      : this.#headText().slice(head.queryMark + 1, head.targetTo);
    return this.#query = new URLSearchParams(text);
  }

  get fields(): Fields {
    return this.#fields ??= new HeadFields(
      this.#live().fields,
      () => this.#headText(),
      this.#target?.authority ?? null,
    );
  }

  get body(): Uint8Array {
    const head = this.#live();
    if (this.#body !== null) return this.#body;
    const from = this.#base + head.length;
    return this.#body = this.#bytes.subarray(from, from + this.bodyLength);
  }

  /** From now on the octets belong to the next request. */
  retire(): void {
    this.#head = null;
    this.#text = null;
  }

  #live(): RequestHead {
    if (this.#head === null) throw new Error("the request was used after its answer");
    return this.#head;
  }

  /** The whole head as one string, of which every other one is a slice. */
  #headText(): string {
    if (this.#text !== null) return this.#text;
    const head = this.#live();
    return this.#text = textOf(
      this.#bytes,
      this.#base,
      this.#base + head.length,
      head.fields.ascii,
    );
  }
}
