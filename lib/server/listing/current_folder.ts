/** Which folder a Worker is reading: how the server's thread learns where a Worker hangs. */
import { MAX_IMAGE_NAME_LENGTH } from "../images/image_name.ts";

/** Bytes of the length in front of the characters. */
const LENGTH_BYTES = 4;

/**
 * The folder that a Worker is about to touch, in memory shared with the server's thread. A Worker
 * that waits in a system call, for a network file system that is away, cannot say so in a message.
 */
export class CurrentFolder {
  readonly buffer: SharedArrayBuffer;
  readonly #length: Int32Array;
  readonly #units: Uint16Array;

  /** @param buffer that of the same object on the other thread (a new one) */
  constructor(
    buffer: SharedArrayBuffer = new SharedArrayBuffer(LENGTH_BYTES + 2 * MAX_IMAGE_NAME_LENGTH),
  ) {
    this.buffer = buffer;
    this.#length = new Int32Array(buffer, 0, 1);
    this.#units = new Uint16Array(buffer, LENGTH_BYTES);
  }

  /** Path within the images directory; a longer one than may be served is cut. */
  get path(): string {
    return String.fromCharCode(...this.#units.subarray(0, Atomics.load(this.#length, 0)));
  }

  set path(path: string) {
    const length = Math.min(path.length, this.#units.length);
    for (let i = 0; i < length; i++) this.#units[i] = path.charCodeAt(i);
    Atomics.store(this.#length, 0, length);
  }
}

/** Whether a folder is another or within it. Both are paths within the images directory. */
export function isWithin(folder: string, other: string): boolean {
  return other === "" || folder === other || folder.startsWith(`${other}/`);
}
