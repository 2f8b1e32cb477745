/** The server's secret, from which the keys that sign tokens are derived. */
import { randomBytes } from "node:crypto";
import { type FileSystem, writeFileAtomic } from "./atomic_file.ts";
import { StoreUnusable } from "./store.ts";

/** Length of the secret, bytes: that of a SHA-256 hash. */
const SECRET_BYTES = 32;

/** Returns a new random secret. */
export function makeSecret(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(SECRET_BYTES));
}

/**
 * Reads the secret from its file. Creates the file if it is missing.
 *
 * @param path the file: 32 raw bytes, mode 0600
 * @throws {StoreUnusable} if the file has another length
 * @throws the error of the file system
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
      `${path} must have ${SECRET_BYTES} bytes, but has ${secret.length}; restore the file, or ` +
        `remove it to create a new secret, which ends all sessions and keys`,
    );
  }
  return secret;
}
