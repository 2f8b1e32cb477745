/**
 * The journal beside `users.json`: an append-only record of the changes since that file was
 * written. It makes a change cost one small synced write, independent of the number of users.
 *
 * The journal consists of files `users.json.journal.1`, `.2`, …. Each has a header line, then one
 * line per batch of changes:
 *
 *     <checksum> <JSON array of [name, digest of the user before, user after]>
 *
 * - A batch is valid as a whole or not at all. The checksum covers the batch and, through the
 *   previous checksum, all earlier batches of the file. A torn last line (truncated, or with runs
 *   of zeros) was never acknowledged and is dropped. A crash cannot leave a complete line with a
 *   wrong checksum: that is damage to acknowledged data, and the file is refused.
 * - Each change records the digest of the user before it. So replaying a journal twice has no
 *   further effect, and if somebody edits a user in `users.json` after a crash, the edit wins over
 *   the journal.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { basename, dirname, join } from "@std/path";
import { type FileSystem, type OpenFile, syncDirectory, writeAll } from "../atomic_file.ts";
import { StoreUnusable } from "../store.ts";
import type { FileUser } from "./users_file.ts";

/** A change of one user; null stands for no user. */
export interface Change {
  readonly name: string;
  readonly before: FileUser | null;
  readonly after: FileUser | null;
}

/** A change as read from a journal, with the digest of the user before it. */
interface RecordedChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: FileUser | null;
}

/** The torn end of a journal file: an unacknowledged write that a crash interrupted. */
export interface DroppedTail {
  /** The journal file. */
  readonly path: string;
  /** Its last bytes. */
  readonly tail: Uint8Array<ArrayBuffer>;
}

/** Length of a checksum, base64 characters: 96 bits. */
const CHECKSUM_CHARACTERS = 16;

const HEADER = '{"journal":"users.json","version":1}';

/** The journal of one `users.json`. */
export class Journal {
  readonly #fs: FileSystem;
  readonly #path: string;
  /**
   * The complete files. Their changes are in memory, and in `users.json` after its next rewrite.
   */
  #sealed: string[] = [];
  #next = 1;
  #file: OpenFile | null = null;
  #name = "";
  #length = 0;
  #checksum = "";
  #torn = false;

  /** @param path the `users.json` that the journal belongs to */
  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = path;
  }

  /** The length of the open file, bytes. */
  get length(): number {
    return this.#length;
  }

  /** Whether `users.json` has every change. */
  get empty(): boolean {
    return this.#file === null && this.#sealed.length === 0;
  }

  /**
   * Applies the existing journal files to users read from `users.json`. Changes no file.
   *
   * @returns the torn ends that were dropped
   * @throws {StoreUnusable} if a file is damaged
   * @throws the error of the file system
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

  /** The paths of the complete files. */
  get sealed(): readonly string[] {
    return this.#sealed;
  }

  /**
   * Appends a batch and syncs it. Call for one batch at a time.
   *
   * @throws the error of the file system; nothing of the batch is in the journal then
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
   * Completes the open file; the next batch starts another one. Call between two batches.
   *
   * @returns the files to remove once `users.json` has what memory has now
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

  /** Removes complete files, the oldest first, so that a crash leaves the newest. */
  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await this.#fs.remove(path);
      this.#sealed = this.#sealed.filter((sealed) => sealed !== path);
    }
  }

  async #create(): Promise<void> {
    // A number is never used twice, even after a failure, so no journal file is opened twice.
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

  /** Truncates the remains of a failed append. */
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
 * Reads a journal file line by line, because a long journal must not be in memory twice.
 *
 * @returns the torn end of the file; empty if there is none
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
    const end = newline === -1 ? buffer.length : newline;
    const line = buffer.toString("utf8", start, end);
    const payload = line.slice(CHECKSUM_CHARACTERS + 1);
    const expected = sum(checksum, payload);
    if (newline === -1 || line !== `${expected} ${payload}`) {
      // A torn line is the last one, and its line break is usually missing.
      const isLast = end + 1 >= buffer.length;
      if (isLast && (newline === -1 || line.includes("\0"))) {
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
      throw new StoreUnusable(`${path} ${unreadable(payload)}`);
    }
    checksum = expected;
    start = end + 1;
  }
  // Frees the memory now. The garbage collector may wait for minutes.
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
  // Without ended sessions, the digest is the one that version 1.0.0 wrote.
  const ended = endedSessions === undefined ? [] : [endedSessions];
  return sum("", JSON.stringify([pw, expiryTime, revokedAt, others, keyOthers, ...ended]));
}

/** Says why a journal with such a first line cannot be read, and what helps. */
function unreadable(header: string): string {
  const [, version] = /^\{"journal":"users\.json","version":(\d+)\b/.exec(header) ?? [];
  return version === undefined
    ? "is not a journal of users.json"
    : `has format ${version} of a later version of this program. Start that version and stop it: ` +
      "it then merges the journal into users.json";
}

/** A truncated SHA-256: guards against accidents. Attackers could edit `users.json` itself. */
function sum(previous: string, text: string): string {
  return createHash("sha256").update(previous).update(text).digest("base64url")
    .slice(0, CHECKSUM_CHARACTERS);
}
