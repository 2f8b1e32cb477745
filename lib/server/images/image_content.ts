/** Reads the content of an open image file: one state of it, never a mixture of two. */
import { createHash } from "node:crypto";
import { type BodySource, CachedBody } from "../../http/mod.ts";
import { changed, type FileState, fileState, sameState } from "./image_file.ts";

/** Bytes read and hashed at once: few enough that other requests are not delayed. */
const HASH_CHUNK_BYTES = 128 * 1024;

/**
 * Reads the whole file and computes its strong entity tag: the SHA-256 of the content in
 * hexadecimal. Other requests are served between chunks.
 *
 * @param state the state of the file when it was opened
 * @param keep whether to return the content, too
 * @throws {ImageUnavailable} if the file changes while it is read
 */
export async function readImage(
  file: Deno.FsFile,
  state: FileState,
  keep: boolean,
): Promise<{ etag: string; content: CachedBody | null }> {
  const content = keep ? new CachedBody(state.size) : null;
  const chunk = new Uint8Array(HASH_CHUNK_BYTES);
  const hash = createHash("sha256");
  let length = 0;
  for (;;) {
    const count = await file.read(chunk);
    if (count === null) break;
    if (length + count > state.size) throw changed();
    const bytes = chunk.subarray(0, count);
    hash.update(bytes);
    content?.bytes.set(bytes, length);
    length += count;
  }
  if (length !== state.size || !sameState(fileState(await file.stat()), state)) {
    throw changed();
  }
  return { etag: `"${hash.digest("hex")}"`, content };
}

/**
 * Returns a range of an open file as the body of a response, which closes the file.
 *
 * The last chunk is returned only if the file is still in `state`. Otherwise reading fails, the
 * connection is aborted, and the client sees an incomplete message instead of a mixture of two
 * states under one entity tag.
 *
 * @param start first byte
 * @param end end of the range, exclusive
 */
export async function fileContent(
  file: Deno.FsFile,
  state: FileState,
  start: number,
  end: number,
): Promise<BodySource> {
  await file.seek(start, Deno.SeekMode.Start);
  let left = end - start;
  return {
    length: left,
    async read(into) {
      if (left === 0) return null;
      const count = await file.read(into.subarray(0, left));
      if (count === null) throw changed();
      left -= count;
      if (left === 0 && !sameState(fileState(await file.stat()), state)) throw changed();
      return count;
    },
    close: () => file.close(),
  };
}
