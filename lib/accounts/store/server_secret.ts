/**
 * The server's secret, from which the keys that sign tokens are derived.
 */
import { randomBytes } from "node:crypto";
import { type FileSystem, writeFileAtomic } from "./atomic_file.ts";
import { StoreUnusable } from "./store.ts";

/** The length of the secret, bytes: the output of SHA-256. */
const SECRET_BYTES = 32;

/** A fresh secret from the system's generator. */
export function makeSecret(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(SECRET_BYTES));
}

/**
 * Reads the secret from its file, which is made, whole and synced, on the first start.
 *
 * @param path the file: 32 raw bytes, mode 0600
 * @throws StoreUnusable where the file is of another length
 */
export async function loadSecret(fs: FileSystem, path: string): Promise<Uint8Array<ArrayBuffer>> {
  let secret: Uint8Array<ArrayBuffer>;
  try {
    secret = await fs.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    secret = makeSecret();
    await writeFileAtomic(fs, path, [secret]);
    return secret;
  }
  if (secret.length !== SECRET_BYTES) {
    throw new StoreUnusable(
      `${path} is ${secret.length} bytes long instead of ${SECRET_BYTES}; put the right file back, or ` +
        `remove it to make a new secret, which ends all sessions and keys`,
    );
  }
  return secret;
}
