import type { ByteStream } from "./message.ts";

/**
 * Reads and drops what a peer still sends after its last answer, until it ends or the stream is closed: closing
 * with bytes unread would reset the connection, and take the answer with it (RFC 9112 §9.6).
 *
 * @param buffer what to read into
 * @param most bytes to read
 * @throws what the stream throws
 */
export async function drain(stream: ByteStream, buffer: Uint8Array, most: number): Promise<void> {
  for (let left = most; left > 0;) {
    const read = await stream.read(buffer);
    if (read === null) return;
    left -= read;
  }
}
