/**
 * A line that is typed on a terminal in raw mode.
 *
 * The line is drawn anew after each key: the prompt and the text, then the prompt and the text
 * before the cursor. So the terminal itself places the cursor, however wide it takes a character to
 * be. A text that is wider than the screen is shown in part, so that it never wraps.
 */
import stringWidth from "string-width";
import { strip } from "../../text/printable.ts";
import type { Key } from "./keys.ts";

/** What a Tab can complete: `text` up to the cursor becomes one of `candidates`. */
export type Complete = (text: string) => Promise<readonly string[]>;

/** What a line editor needs. */
export interface LineEditorOptions {
  /** The question, in one line. */
  readonly prompt: string;
  /** Whether the text is not shown. */
  readonly isSecret: boolean;
  /** Longest text, UTF-16 units; keys beyond it do nothing. */
  readonly limit: number;
  /** Earlier answers, the oldest first. */
  readonly history?: readonly string[];
  readonly complete?: Complete;
  /** Writes to the terminal. */
  readonly write: (text: string) => void;
  /** Returns the width of the terminal. */
  readonly columns: () => number;
}

/** What a key came to: the line, the end of input, or nothing yet. */
export type LineResult = { readonly line: string | null } | null;

const BELL = "\x07", ERASE_TO_END = "\x1b[K";

/** Rows of candidates that are shown. */
const CANDIDATE_ROWS = 12;

const SEGMENTER = new Intl.Segmenter();

/** Edits one line. */
export class LineEditor {
  readonly #options: LineEditorOptions;
  #text = "";
  /** Where the cursor is, UTF-16 units; at the boundary of a character. */
  #cursor = 0;
  /** Which earlier answer is shown; the length of the history for none. */
  #earlier: number;
  /** What was typed before the history was looked at. */
  #draft = "";
  #isTabRepeated = false;

  constructor(options: LineEditorOptions) {
    this.#options = options;
    this.#earlier = options.history?.length ?? 0;
  }

  /** Draws the prompt and the text. */
  draw(): void {
    const { prompt, isSecret, write, columns } = this.#options;
    if (isSecret) return write(`\r${prompt}`);
    // One column stays free: a terminal that wraps there would scroll.
    const [before, after] = this.#visible(Math.max(1, columns() - stringWidth(prompt) - 1));
    const again = after === "" ? "" : `\r${prompt}${before}`;
    write(`\r${prompt}${before}${after}${ERASE_TO_END}${again}`);
  }

  /** Takes a key. @returns the result, if the key ends the line */
  async take(key: Key): Promise<LineResult> {
    if (key.name === "enter") return this.#end();
    if (key.name === "ctrl-d" && this.#text === "") return { line: null };
    const isTab = key.name === "tab";
    if (isTab) await this.#completeText();
    else this.#edit(key);
    this.#isTabRepeated = isTab;
    if (!this.#options.isSecret) this.draw();
    return null;
  }

  /** Ends the line as it is, at the end of input. */
  finish(): LineResult {
    return this.#text === "" ? { line: null } : { line: this.#text };
  }

  #end(): LineResult {
    this.#cursor = this.#text.length;
    if (!this.#options.isSecret) this.draw();
    return { line: this.#text };
  }

  #edit(key: Key): void {
    switch (key.name) {
      case "text":
        return this.#insert(key.text);
      case "paste":
        // A paste is one line, whatever it holds.
        return this.#insert(
          this.#options.isSecret
            ? key.text.replace(/[\r\n]+$/, "")
            : strip(key.text, this.#options.limit),
        );
      case "backspace":
        return this.#erase(this.#before(this.#cursor), this.#cursor);
      case "delete":
      case "ctrl-d":
        return this.#erase(this.#cursor, this.#after(this.#cursor));
      case "ctrl-w":
        return this.#erase(this.#wordBefore(), this.#cursor);
      case "ctrl-u":
        return this.#erase(0, this.#cursor);
      case "ctrl-k":
        return this.#erase(this.#cursor, this.#text.length);
      case "left":
      case "ctrl-b":
        this.#cursor = this.#before(this.#cursor);
        return;
      case "right":
      case "ctrl-f":
        this.#cursor = this.#after(this.#cursor);
        return;
      case "word-left":
        this.#cursor = this.#wordBefore();
        return;
      case "word-right":
        this.#cursor = this.#wordAfter();
        return;
      case "home":
      case "ctrl-a":
        this.#cursor = 0;
        return;
      case "end":
      case "ctrl-e":
        this.#cursor = this.#text.length;
        return;
      case "up":
      case "ctrl-p":
        return this.#recall(-1);
      case "down":
      case "ctrl-n":
        return this.#recall(1);
    }
  }

  #insert(text: string): void {
    if (this.#text.length + text.length > this.#options.limit) return;
    this.#text = this.#text.slice(0, this.#cursor) + text + this.#text.slice(this.#cursor);
    this.#cursor += text.length;
  }

  #erase(from: number, to: number): void {
    this.#text = this.#text.slice(0, from) + this.#text.slice(to);
    this.#cursor = from;
  }

  #recall(step: number): void {
    const history = this.#options.history ?? [];
    const at = this.#earlier + step;
    if (at < 0 || at > history.length) return;
    if (this.#earlier === history.length) this.#draft = this.#text;
    this.#earlier = at;
    this.#text = at === history.length ? this.#draft : history[at];
    this.#cursor = this.#text.length;
  }

  async #completeText(): Promise<void> {
    const { complete, write } = this.#options;
    const before = this.#text.slice(0, this.#cursor);
    const candidates = await complete?.(before) ?? [];
    if (candidates.length === 0) return write(BELL);
    const common = commonStart(candidates);
    if (common.length > before.length) {
      this.#erase(0, this.#cursor);
      this.#insert(common);
    } else if (this.#isTabRepeated) this.#showCandidates(candidates);
    else write(BELL);
  }

  #showCandidates(candidates: readonly string[]): void {
    const { columns, write } = this.#options;
    const names = candidates.map((name) => strip(name.replace(/^.*\/(?=.)/, "")));
    const width = Math.min(columns(), Math.max(...names.map((name) => stringWidth(name))) + 2);
    const across = Math.max(1, Math.floor(columns() / width));
    const shown = names.slice(0, across * CANDIDATE_ROWS);
    let rows = "\r\n";
    shown.forEach((name, i) => {
      const isLast = (i + 1) % across === 0 || i === shown.length - 1;
      rows += isLast ? `${name}\r\n` : name + " ".repeat(Math.max(1, width - stringWidth(name)));
    });
    if (shown.length < names.length) rows += `… +${names.length - shown.length}\r\n`;
    write(rows);
  }

  /** The part of the text that fits: before the cursor and behind it. */
  #visible(columns: number): [before: string, after: string] {
    const characters = (text: string) => Array.from(SEGMENTER.segment(text), (s) => s.segment);
    const before = characters(this.#text.slice(0, this.#cursor));
    let width = 0;
    let from = before.length;
    while (from > 0 && width + stringWidth(before[from - 1]) <= columns) {
      width += stringWidth(before[--from]);
    }
    let after = "";
    for (const character of characters(this.#text.slice(this.#cursor))) {
      width += stringWidth(character);
      if (width > columns) break;
      after += character;
    }
    return [before.slice(from).join(""), after];
  }

  #before(at: number): number {
    let start = 0;
    for (const { index } of SEGMENTER.segment(this.#text)) {
      if (index >= at) break;
      start = index;
    }
    return start;
  }

  #after(at: number): number {
    for (const { index } of SEGMENTER.segment(this.#text)) if (index > at) return index;
    return this.#text.length;
  }

  #wordBefore(): number {
    return this.#text.slice(0, this.#cursor).replace(/[^\s/]*[\s/]*$/, "").length;
  }

  #wordAfter(): number {
    const after = this.#text.slice(this.#cursor);
    return this.#cursor + (/^[\s/]*[^\s/]*/.exec(after)?.[0].length ?? 0);
  }
}

function commonStart(candidates: readonly string[]): string {
  let [common] = candidates;
  for (const candidate of candidates) {
    while (!candidate.startsWith(common)) common = common.slice(0, -1);
  }
  // Half of a surrogate pair is no character.
  return common.replace(/[\ud800-\udbff]$/, "");
}
