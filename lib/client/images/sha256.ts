/**
 * SHA-256 without `node:crypto`, as far as possible: loading that takes longer than all else that
 * the client does until it has an image.
 */

/** Files up to this size are hashed in one piece by the Web Crypto API, bytes. */
const WHOLE_LIMIT = 32 * 1024 * 1024;

/** Returns the SHA-256 of a text in hex. */
export function textHash(text: string): Promise<string> {
  return hash(new TextEncoder().encode(text));
}

/** Returns the SHA-256 of a text in hex, where nothing can be awaited. Slow the first time. */
export function textHashSync(text: string): string {
  // An import would load it at the start.
  // deno-lint-ignore no-process-global
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(text).digest("hex");
}

/** The SHA-256 of a file in hex and, if it was read in one piece, its content. */
export interface HashedFile {
  readonly hash: string;
  readonly content: Uint8Array<ArrayBuffer> | null;
}

/**
 * Reads a file for its SHA-256, with the memory of a few pieces if it is large.
 *
 * @param wholeLimit replaces `WHOLE_LIMIT`
 * @throws what the file system throws
 */
export async function hashFile(
  path: string,
  wholeLimit: number = WHOLE_LIMIT,
): Promise<HashedFile> {
  if ((await Deno.stat(path)).size <= wholeLimit) {
    const content = await Deno.readFile(path);
    return { hash: await hash(content), content };
  }
  const { createHash } = await import("node:crypto");
  const whole = createHash("sha256");
  using file = await Deno.open(path);
  const step = new Uint8Array(256 * 1024);
  for (let count; (count = await file.read(step)) !== null;) whole.update(step.subarray(0, count));
  return { hash: whole.digest("hex"), content: null };
}

async function hash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
