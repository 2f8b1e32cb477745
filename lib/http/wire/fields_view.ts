/** Presents the parsed fields of a head as strings. */
import type { FieldParser } from "./field_parser.ts";
import type { Fields } from "../message.ts";

/** The source of the text of a head. */
export interface HeadText {
  /** Returns the text with one character per byte. Called only when a string is needed. */
  headText(): string;
}

/** The fields of a head as strings, created on demand from its text and the parsed offsets. */
export class FieldsView implements Fields {
  #lines: FieldParser;
  #source: HeadText;
  #host: string | null;

  /**
   * @param lines the parsed section
   * @param host overrides `Host` if the target names an authority (RFC 9112 §3.2.2)
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
      // Cookie pairs are separated by "; " in every version of HTTP (RFC 6265 §4.2.1, RFC 9113
      // §8.2.3).
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
    // Any line of a folded value may be blank, including the first and the last.
    return folded ? value.replace(/[ \t]*\r?\n[ \t]*/g, " ").replace(/^ +| +$/g, "") : value;
  }

  /** Returns the index of the first line named `name` from `index` on, or -1. */
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

/** Returns whether `text` has the lower-case name `lower` at `from`, ignoring case. */
function sameName(text: string, from: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = text.charCodeAt(from + i);
    const folded = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    if (folded !== lower.charCodeAt(i)) return false;
  }
  return true;
}
