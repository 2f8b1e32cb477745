/**
 * The journal beside `users.json`: an append-only record of what changed since that file was
 * written, so that a change costs one small synced write however many users there are.
 *
 * It is a row of files, `users.json.journal.1`, `.2`, …, each a header line and then a line for
 * every batch of changes:
 *
 *     <checksum> <JSON array of [name, digest of the user before, user after]>
 *
 * - A batch is on disk whole or not at all: the checksum covers it and, through the checksum
 *   before it, all earlier ones of its file. A last line that is torn was never acknowledged and is
 *   dropped; damage before the last line is not what a crash leaves, and is refused.
 * - Each change says what the user was before it. So reading the journal twice does nothing the
 *   second time, and where somebody has edited `users.json` after a crash, the edit of that user
 *   wins over the journal.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { basename, dirname, join } from "@std/path";
import { type FileSystem, type OpenFile, syncDirectory, writeAll } from "./durable_file.ts";
import { StoreUnusable } from "./store.ts";
import type { FileUser } from "./users_file.ts";

/** A change of one user; null for a user who is not there. */
export interface Change {
  readonly name: string;
  readonly before: FileUser | null;
  readonly after: FileUser | null;
}

/** A change as read back: of the user before, a digest is left. */
interface RecordedChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: FileUser | null;
}

/** Characters of base64 that a checksum has: 96 bits. */
const CHECKSUM_CHARACTERS = 16;

const HEADER = '{"journal":"users.json","version":1}';

/** The journal of one `users.json`. */
export class Journal {
  readonly #fs: FileSystem;
  readonly #path: string;
  /**
   * The files that are complete: whatever they hold is in memory, and in `users.json` once that is
   * rewritten.
   */
  #sealed: string[] = [];
  #next = 1;
  #file: OpenFile | null = null;
  #name = "";
  #length = 0;
  #checksum = "";
  #torn = false;

  /** @param path the `users.json` that it belongs to */
  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = path;
  }

  /** Bytes in the file that is being written. */
  get length(): number {
    return this.#length;
  }

  /** Whether there is anything that `users.json` may not have. */
  get empty(): boolean {
    return this.#file === null && this.#sealed.length === 0;
  }

  /**
   * Brings users as read from `users.json` up to date with the journal files that are there.
   *
   * @throws StoreUnusable where one is damaged
   */
  async replay(users: Map<string, FileUser>): Promise<void> {
    const prefix = `${basename(this.#path)}.journal.`;
    const numbers: number[] = [];
    for await (const { name } of this.#fs.readDir(dirname(this.#path))) {
      const number = name.startsWith(prefix) ? name.slice(prefix.length) : "";
      if (/^[1-9]\d{0,14}$/.test(number)) numbers.push(Number(number));
    }
    for (const number of numbers.sort((a, b) => a - b)) {
      const path = this.#numbered(number);
      for (const change of readChanges(await this.#fs.readFile(path), path)) apply(users, change);
      this.#sealed.push(path);
      this.#next = number + 1;
    }
  }

  /**
   * Writes a batch and waits for the disk. Only one may be under way at a time.
   *
   * @throws what the file system throws; then nothing of the batch is in the journal
   */
  async append(changes: readonly Change[]): Promise<void> {
    if (this.#torn) await this.#repair();
    if (this.#file === null) await this.#create();
    const file = this.#file!;
    const payload = JSON.stringify(
      changes.map(({ name, before, after }) => [name, digest(before), after]),
    );
    const checksum = sum(this.#checksum, payload);
    const line = new TextEncoder().encode(`${checksum} ${payload}\n`);
    try {
      await writeAll(file, line);
      await file.syncData();
    } catch (error) {
      this.#torn = true;
      await this.#repair().catch(() => {});
      throw error;
    }
    this.#length += line.length;
    this.#checksum = checksum;
  }

  /**
   * Ends the file that is being written; the next batch begins another. To be called between two
   * batches.
   *
   * @returns the files that can be removed once `users.json` holds what memory holds now
   */
  seal(): readonly string[] {
    if (this.#file !== null) {
      this.#file.close();
      this.#file = null;
      this.#sealed.push(this.#name);
      this.#length = 0;
      this.#torn = false;
    }
    return [...this.#sealed];
  }

  /** Removes sealed files, the oldest first: what is left is always the end of the row. */
  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await this.#fs.remove(path);
      this.#sealed = this.#sealed.filter((sealed) => sealed !== path);
    }
  }

  async #create(): Promise<void> {
    // A number is used once, whatever becomes of it: no journal file is ever opened a second time.
    const path = this.#numbered(this.#next++);
    const file = await this.#fs.open(path, { createNew: true, write: true, mode: 0o600 });
    const checksum = sum("", HEADER);
    const line = new TextEncoder().encode(`${checksum} ${HEADER}\n`);
    try {
      await writeAll(file, line);
      await file.sync();
      await syncDirectory(this.#fs, dirname(path));
    } catch (error) {
      file.close();
      await this.#fs.remove(path).catch(() => this.#sealed.push(path));
      throw error;
    }
    this.#file = file;
    this.#name = path;
    this.#length = line.length;
    this.#checksum = checksum;
  }

  /** Cuts off what a failed append left. */
  async #repair(): Promise<void> {
    await this.#file!.truncate(this.#length);
    await this.#file!.seek(this.#length, Deno.SeekMode.Start);
    this.#torn = false;
  }

  #numbered(number: number): string {
    return join(dirname(this.#path), `${basename(this.#path)}.journal.${number}`);
  }
}

/** The changes in a journal file, line by line: a long journal must not be in memory twice. */
function* readChanges(bytes: Uint8Array<ArrayBuffer>, path: string): Generator<RecordedChange> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let checksum = "";
  for (let start = 0, number = 1; start < buffer.length; number++) {
    const newline = buffer.indexOf(0x0a, start);
    const end = newline < 0 ? buffer.length : newline;
    const line = buffer.toString("utf8", start, end);
    const payload = line.slice(CHECKSUM_CHARACTERS + 1);
    const expected = sum(checksum, payload);
    if (newline < 0 || line !== `${expected} ${payload}`) {
      // A line that was cut short has nothing after it, mostly not even its line break.
      if (end + 1 >= buffer.length) break;
      throw new StoreUnusable(
        `${path}, line ${number}: the checksum is wrong; the journal is damaged`,
      );
    }
    if (number > 1) {
      for (const [name, before, after] of JSON.parse(payload)) yield { name, before, after };
    } else if (payload !== HEADER) {
      throw new StoreUnusable(`${path} is not a journal that this version can read`);
    }
    checksum = expected;
    start = end + 1;
  }
  // Gives the memory back now; the collector may let it wait for minutes.
  bytes.buffer.transfer(0);
}

function apply(users: Map<string, FileUser>, { name, before, after }: RecordedChange): void {
  if (digest(users.get(name) ?? null) !== before) return;
  if (after === null) users.delete(name);
  else users.set(name, after);
}

function digest(user: FileUser | null): string | null {
  if (user === null) return null;
  const { pw, expiryTime, revokedAt, others = "", keyOthers = "", endedSessions } = user;
  // A user without ended sessions has the digest that version 1.0.0 wrote.
  const ended = endedSessions === undefined ? [] : [endedSessions];
  return sum("", JSON.stringify([pw, expiryTime, revokedAt, others, keyOthers, ...ended]));
}

/** A part of SHA-256: against accidents, not against people, who can edit `users.json` itself. */
function sum(previous: string, text: string): string {
  return createHash("sha256").update(previous).update(text).digest("base64url")
    .slice(0, CHECKSUM_CHARACTERS);
}
