/**
 * Earlier answers to each question, in `history.json` of the data directory. Passwords are never
 * kept.
 */
import { withFileLock } from "../cookies/file_lock.ts";
import { replaceFile } from "../cookies/replace_file.ts";

/** Answers kept for each question. */
export const HISTORY_LENGTH = 100;

/** Largest file that is read, bytes. */
export const HISTORY_FILE_LIMIT = 1 << 20;

/** A question whose answers are kept. */
export type HistoryName = "username" | "image";

/** The file. What cannot be read or written is not remembered; no answer fails for it. */
export class History {
  readonly #path: string;
  #answers: Map<string, string[]> | null = null;

  /** @param path the file; it may be missing */
  constructor(path: string) {
    this.#path = path;
  }

  /** Returns the earlier answers to a question, the oldest first. */
  answers(name: HistoryName): readonly string[] {
    this.#answers ??= this.#read();
    return this.#answers.get(name) ?? [];
  }

  /** Keeps an answer as the latest one. */
  add(name: HistoryName, answer: string): void {
    if (answer === "" || this.answers(name).at(-1) === answer) return;
    try {
      withFileLock(this.#path, () => {
        const answers = this.#read();
        const others = (answers.get(name) ?? []).filter((other) => other !== answer);
        answers.set(name, [...others, answer].slice(-HISTORY_LENGTH));
        this.#answers = answers;
        replaceFile(this.#path, JSON.stringify(Object.fromEntries(answers), null, 2) + "\n");
      });
    } catch {
      // A directory that cannot be written: this answer lasts as long as the client runs.
      this.#answers?.set(name, [...this.answers(name), answer].slice(-HISTORY_LENGTH));
    }
  }

  #read(): Map<string, string[]> {
    const answers = new Map<string, string[]>();
    try {
      if (Deno.statSync(this.#path).size > HISTORY_FILE_LIMIT) return answers;
      const json: unknown = JSON.parse(Deno.readTextFileSync(this.#path));
      for (const [name, list] of Object.entries(json as Record<string, unknown>)) {
        if (!Array.isArray(list)) continue;
        answers.set(name, list.filter((answer) => typeof answer === "string"));
      }
    } catch {
      // Missing or damaged: it begins anew.
    }
    return answers;
  }
}
