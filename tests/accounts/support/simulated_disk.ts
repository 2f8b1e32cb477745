/**
 * A disk in memory that behaves as badly as a real one may: what was not synced can be lost or torn
 * in a power cut, it fills up, and it turns read-only.
 */
import type { FileSystem, OpenFile } from "../../../lib/accounts/store/atomic_file.ts";

/** Every call fails with this once the power is cut. */
class PowerCut extends Error {}

/** A file's bytes, as the system has them in memory and as they are on the disk for certain. */
interface Inode {
  live: Uint8Array;
  durable: Uint8Array;
}

const NOTHING = new Uint8Array();

/** The disk. Paths are plain keys; there is one directory that matters. */
export class SimulatedDisk implements FileSystem {
  /** Calls that still succeed before the power is cut. */
  callsLeft = Infinity;
  /** Bytes that can still be written before the disk is full. */
  bytesLeft = Infinity;
  /** Whether every change of a file or a name is refused. */
  readOnly = false;
  /** A file that no rename can replace, as one that is a mount of its own. */
  irreplaceable = "";
  /** Whether syncs of files fail, as on a disk that breaks. */
  failSyncs = false;
  /** Calls so far that made something durable. */
  syncs = 0;
  #random = 1;
  readonly #names = new Map<string, Inode>();
  readonly #durableNames = new Map<string, Inode>();
  /** Changes of names that are not synced, oldest first. */
  #unsynced: ((names: Map<string, Inode>) => void)[] = [];

  /** The names that are there. */
  get names(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** A file's text. */
  text(path: string): string {
    return new TextDecoder().decode(this.#get(path).live);
  }

  /** Puts a file there, durably. */
  put(path: string, content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const inode = { live: bytes, durable: bytes };
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  /**
   * The disk as it may be found after a power cut: of the changes of names some of the first ones
   * happened, of each file's unsynced bytes some of the first ones are there.
   *
   * @param choose a number from 0 to its argument, both included
   */
  afterPowerCut(choose: (most: number) => number): SimulatedDisk {
    const disk = new SimulatedDisk();
    disk.irreplaceable = this.irreplaceable;
    for (const change of this.#unsynced.slice(0, choose(this.#unsynced.length))) {
      change(this.#durableNames);
    }
    for (const [path, { live, durable }] of this.#durableNames) {
      let same = 0;
      while (same < live.length && same < durable.length && live[same] === durable[same]) same++;
      const kept = same + choose(live.length - same);
      disk.put(path, kept === same ? durable : live.slice(0, kept));
    }
    return disk;
  }

  async open(path: string, options: Deno.OpenOptions): Promise<OpenFile> {
    await this.#call();
    if (path.endsWith("/data")) return this.#openDirectory();
    let inode = this.#names.get(path);
    if (options.write && this.readOnly) throw new Error("Read-only file system (os error 30)");
    if (!inode) {
      if (!options.create && !options.createNew) throw new Deno.errors.NotFound(path);
      const made = inode = { live: NOTHING, durable: NOTHING };
      this.#rename((names) => names.set(path, made));
    } else if (options.createNew) throw new Deno.errors.AlreadyExists(path);
    if (options.truncate) inode.live = NOTHING;
    return this.#openFile(inode);
  }

  #openFile(inode: Inode): OpenFile {
    let position = 0;
    const sync = async () => {
      await this.#call();
      if (this.failSyncs) throw new Error("Input/output error (os error 5)");
      this.syncs++;
      inode.durable = inode.live;
    };
    return {
      write: async (bytes) => {
        // A power cut in the middle of a write leaves a part of it.
        const cut = this.callsLeft === 0;
        const room = Math.min(this.bytesLeft, cut ? bytes.length >> 1 : bytes.length);
        if (!cut) await this.#call();
        if (this.readOnly) throw new Error("Read-only file system (os error 30)");
        const end = position + room;
        const live = new Uint8Array(Math.max(inode.live.length, end));
        live.set(inode.live);
        live.set(bytes.subarray(0, room), position);
        inode.live = live;
        position = end;
        this.bytesLeft -= room;
        if (cut) await this.#call();
        if (room === 0) throw new Error("No space left on device (os error 28)");
        return room;
      },
      truncate: async (length = 0) => {
        await this.#call();
        if (this.readOnly) throw new Error("Read-only file system (os error 30)");
        this.bytesLeft += inode.live.length - length;
        inode.live = inode.live.slice(0, length);
      },
      seek: (offset) => Promise.resolve(position = Number(offset)),
      sync,
      syncData: sync,
      lock: () => Promise.resolve(),
      close: () => {},
    };
  }

  #openDirectory(): OpenFile {
    const file = this.#openFile({ live: NOTHING, durable: NOTHING });
    file.sync = async () => {
      await this.#call();
      for (const change of this.#unsynced) change(this.#durableNames);
      this.#unsynced = [];
    };
    return file;
  }

  async rename(from: string | URL, to: string | URL): Promise<void> {
    await this.#call();
    if (this.readOnly) throw new Error("Read-only file system (os error 30)");
    if (`${to}` === this.irreplaceable) {
      throw Object.assign(new Error("Device or resource busy (os error 16)"), { code: "EBUSY" });
    }
    const inode = this.#get(`${from}`);
    this.bytesLeft += this.#names.get(`${to}`)?.live.length ?? 0;
    this.#rename((names) => {
      names.delete(`${from}`);
      names.set(`${to}`, inode);
    });
  }

  async remove(path: string | URL): Promise<void> {
    await this.#call();
    if (this.readOnly) throw new Error("Read-only file system (os error 30)");
    this.bytesLeft += this.#get(`${path}`).live.length;
    this.#rename((names) => names.delete(`${path}`));
  }

  async *readDir(path: string | URL): AsyncGenerator<Deno.DirEntry> {
    await this.#call();
    for (const name of this.#names.keys()) {
      const entry = { isFile: true, isDirectory: false, isSymlink: false };
      if (name.startsWith(`${path}/`)) yield { name: name.slice(`${path}/`.length), ...entry };
    }
  }

  async readFile(path: string | URL): Promise<Uint8Array<ArrayBuffer>> {
    await this.#call();
    return this.#get(`${path}`).live.slice();
  }

  // deno-lint-ignore require-await
  async realPath(path: string | URL): Promise<string> {
    if (path !== "/data") this.#get(`${path}`);
    return `${path}`;
  }

  // deno-lint-ignore require-await
  async stat(path: string | URL): Promise<Deno.FileInfo> {
    this.#get(`${path}`);
    return { uid: 0, gid: 0 } as Deno.FileInfo;
  }

  mkdir(): Promise<void> {
    return Promise.resolve();
  }

  chmod(): Promise<void> {
    return Promise.resolve();
  }

  chown(): Promise<void> {
    return Promise.resolve();
  }

  #get(path: string): Inode {
    const inode = this.#names.get(path);
    if (!inode) throw new Deno.errors.NotFound(`no such file: ${path}`);
    return inode;
  }

  #rename(change: (names: Map<string, Inode>) => void): void {
    change(this.#names);
    this.#unsynced.push(change);
  }

  /** A call takes its time, not always the same; now and then timers get their turn. */
  async #call(): Promise<void> {
    this.#random = (this.#random * 48271) % 0x7fffffff;
    if (this.#random % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
    for (let turns = this.#random % 7; turns > 0; turns--) await null;
    if (this.callsLeft-- <= 0) throw new PowerCut("the power is cut");
  }
}
