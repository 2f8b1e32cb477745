/**
 * Replacing a small file so that a crash at any instant leaves the old or the new content, whole.
 */
import { dirname } from "@std/path";

/**
 * Writes `text` beside `path` (mode 0600), flushes it to the disk and renames it over `path`.
 * Synchronous, so that a signal handler can rely on it having happened or not.
 * @throws what the file system throws; nothing is left behind then
 */
export function replaceFile(path: string, text: string): void {
  const folder = dirname(path);
  Deno.mkdirSync(folder, { recursive: true });
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    const file = Deno.openSync(temporary, { write: true, createNew: true, mode: 0o600 });
    try {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      file.syncDataSync();
    } finally {
      file.close();
    }
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was never made, or cannot be removed either: the first error is the one that tells why.
    }
    throw error;
  }
}
