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
 *   before it, all earlier ones of its file. A last line that is torn (cut short, or with holes of
 *   zeros) was never acknowledged and is dropped. A whole line whose checksum is wrong is not what a
 *   crash leaves: it was acknowledged and has rotted, and the file is refused.
 * - Each change says what the user was before it. So reading the journal twice does nothing the
 *   second time, and where somebody has edited `users.json` after a crash, the edit of that user
 *   wins over the journal.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { basename, dirname, join } from "@std/path";
import { type FileSystem, type OpenFile, syncDirectory, writeAll } from "../atomic_file.ts";
import { StoreUnusable } from "../store.ts";
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

/** The end of a journal file that was torn by a crash before it was acknowledged. */
export interface DroppedTail {
  /** The journal file. */
  readonly path: string;
  /** Its last bytes. */
  readonly tail: Uint8Array<ArrayBuffer>;
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
   * Brings users as read from `users.json` up to date with the journal files that are there. Changes no
   * file.
   *
   * @returns what was left out because it was torn
   * @throws StoreUnusable where one is damaged
   */
  async replay(users: Map<string, FileUser>): Promise<DroppedTail[]> {
    const dropped: DroppedTail[] = [];
    const prefix = `${basename(this.#path)}.journal.`;
    const numbers: number[] = [];
    for await (const { name } of this.#fs.readDir(dirname(this.#path))) {
      const number = name.startsWith(prefix) ? name.slice(prefix.length) : "";
      if (/^[1-9]\d{0,14}$/.test(number)) numbers.push(Number(number));
    }
    for (const number of numbers.sort((a, b) => a - b)) {
      const path = this.#numbered(number);
      const tail = readChanges(
        await this.#fs.readFile(path),
        path,
        (change) => apply(users, change),
      );
      if (tail.length > 0) dropped.push({ path, tail });
      this.#sealed.push(path);
      this.#next = number + 1;
    }
    return dropped;
  }

  /** The files that are complete. */
  get sealed(): readonly string[] {
    return this.#sealed;
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

/**
 * Reads a journal file line by line: a long journal must not be in memory twice.
 *
 * @returns the torn end of the file, mostly empty
 */
function readChanges(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  change: (change: RecordedChange) => void,
): Uint8Array<ArrayBuffer> {
  let tail = new Uint8Array(0);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let checksum = "";
  for (let start = 0, number = 1; start < buffer.length; number++) {
    const newline = buffer.indexOf(0x0a, start);
    const end = newline < 0 ? buffer.length : newline;
    const line = buffer.toString("utf8", start, end);
    const payload = line.slice(CHECKSUM_CHARACTERS + 1);
    const expected = sum(checksum, payload);
    if (newline < 0 || line !== `${expected} ${payload}`) {
      // What is torn has nothing after it, and mostly not even its line break.
      const isLast = end + 1 >= buffer.length;
      if (isLast && (newline < 0 || line.includes("\0"))) {
        tail = bytes.slice(start);
        break;
      }
      throw new StoreUnusable(
        `${path}, line ${number}: the checksum is wrong; the journal is damaged`,
      );
    }
    if (number > 1) {
      for (const [name, before, after] of JSON.parse(payload)) change({ name, before, after });
    } else if (payload !== HEADER) {
      throw new StoreUnusable(`${path} is not a journal that this version can read`);
    }
    checksum = expected;
    start = end + 1;
  }
  // Gives the memory back now; the collector may let it wait for minutes.
  bytes.buffer.transfer(0);
  return tail;
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
