import type { FieldParser } from "./field_parser.ts";
import type { Fields } from "../message.ts";

/** Where the text of a head comes from. */
export interface HeadText {
  /** The text, one character an byte; asked for only when a string is needed. */
  headText(): string;
}

/**
 * The fields of a head, made of its text and offsets. `Fields` for handlers and for a client's
 * caller.
 */
export class FieldsView implements Fields {
  #lines: FieldParser;
  #source: HeadText;
  #host: string | null;

  /**
   * @param lines the parsed section
   * @param host what `Host` is taken to be where the target names an authority (RFC 9112 §3.2.2)
   */
  constructor(lines: FieldParser, source: HeadText, host: string | null = null) {
    this.#lines = lines;
    this.#source = source;
    this.#host = host;
  }

  get(name: string): string | null {
    if (this.#host !== null && name === "host") return this.#host;
    let value: string | null = null;
    for (let i = this.#find(name, 0); i >= 0; i = this.#find(name, i + 1)) {
      const next = this.#value(i);
      // Cookie pairs are separated by "; " wherever they come from (RFC 6265 §4.2.1, RFC 9113 §8.2.3).
      value = value === null ? next : value + (name === "cookie" ? "; " : ", ") + next;
    }
    return value;
  }

  getAll(name: string): string[] {
    if (this.#host !== null && name === "host") return [this.#host];
    const values: string[] = [];
    for (let i = this.#find(name, 0); i >= 0; i = this.#find(name, i + 1)) {
      values.push(this.#value(i));
    }
    return values;
  }

  has(name: string): boolean {
    return (this.#host !== null && name === "host") || this.#find(name, 0) >= 0;
  }

  *[Symbol.iterator](): Iterator<[name: string, value: string]> {
    const { offsets, count } = this.#lines;
    for (let i = 0; i < count; i++) {
      const name = this.#source.headText().slice(offsets[4 * i], offsets[4 * i + 1]);
      const overridden = this.#host !== null && name.toLowerCase() === "host";
      yield [name, overridden ? this.#host! : this.#value(i)];
    }
  }

  #value(index: number): string {
    const { offsets, folded } = this.#lines;
    const value = this.#source.headText().slice(offsets[4 * index + 2], offsets[4 * index + 3]);
    // A line that was folded may be blank, also the first and the last.
    return folded ? value.replace(/[ \t]*\r?\n[ \t]*/g, " ").replace(/^ +| +$/g, "") : value;
  }

  /** The index of the first line of that name from `index` on, or -1. */
  #find(name: string, index: number): number {
    const { offsets, count } = this.#lines;
    const text = this.#source.headText();
    for (; index < count; index++) {
      const from = offsets[4 * index];
      if (offsets[4 * index + 1] - from !== name.length) continue;
      if (sameName(text, from, name)) return index;
    }
    return -1;
  }
}

/** Whether `text` has `lower`, a name in lower case, at `from`, in either case. */
function sameName(text: string, from: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = text.charCodeAt(from + i);
    const folded = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    if (folded !== lower.charCodeAt(i)) return false;
  }
  return true;
}
