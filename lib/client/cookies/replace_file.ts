/**
 * Atomic replacement of a small file: a crash at any instant leaves the old or the new content.
 */
import { dirname } from "@std/path";

/**
 * Writes `text` beside `path` (mode 0600), flushes it to the disk and renames it over `path`.
 * Synchronous, so that a signal finds it done or not begun. The directory is not synced, unlike
 * users.json: after a power failure the old cookies are as good as the new ones.
 *
 * @throws what the file system throws; no temporary file is left behind
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
      // It was not created, or cannot be removed either: the first error says why.
    }
    throw error;
  }
}
