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

/**
 * Returns the SHA-256 of a file in hex, with the memory of a few pieces if it is large.
 *
 * @param wholeLimit replaces `WHOLE_LIMIT`
 * @throws what the file system throws
 */
export async function fileHash(path: string, wholeLimit: number = WHOLE_LIMIT): Promise<string> {
  if ((await Deno.stat(path)).size <= wholeLimit) return await hash(await Deno.readFile(path));
  const { createHash } = await import("node:crypto");
  const whole = createHash("sha256");
  using file = await Deno.open(path);
  const step = new Uint8Array(256 * 1024);
  for (let count; (count = await file.read(step)) !== null;) whole.update(step.subarray(0, count));
  return whole.digest("hex");
}

async function hash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
