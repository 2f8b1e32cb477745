import type { ResponseWriter } from "./response_writer.ts";
import type { BodySource } from "../message.ts";

/**
 * How much of a `BodySource` is in memory at a time, bytes: twice what TLS encrypts at once, since a
 * smaller piece costs as much there as a whole one.
 */
const SOURCE_BYTES = 96 * 1024;

/** A `BodySource` that failed or was shorter than it said. */
export class BodyError extends Error {
  override readonly name = "BodyError";

  /**
   * @param begun whether part of the answer is already on its way, so that only cutting the connection
   *   tells the peer
   */
  constructor(readonly begun: boolean, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * Sends what waits, and then the content whose head was appended last. Where nothing of that answer has left
 * when its content fails, the head is taken back.
 *
 * @param source closed in any case
 * @param waitForSource called before each read: it is not the peer that is waited for
 * @throws {BodyError} or what the stream throws
 */
export async function sendSource(
  output: ResponseWriter,
  source: BodySource,
  waitForSource: () => void,
): Promise<void> {
  let begun = false;
  let left = source.length;
  try {
    const buffer = new Uint8Array(Math.min(left, SOURCE_BYTES));
    while (left > 0) {
      waitForSource();
      const into = left < buffer.length ? buffer.subarray(0, left) : buffer;
      const read = await readSource(source, into, begun).catch((error) => {
        if (!begun) output.retractHead();
        throw error;
      });
      begun = true;
      await output.send(buffer.subarray(0, read));
      left -= read;
    }
  } finally {
    source.close();
  }
}

/** Reads some. */
async function readSource(
  source: BodySource,
  into: Uint8Array,
  begun: boolean,
): Promise<number> {
  let read: number | null;
  try {
    read = await source.read(into);
  } catch (cause) {
    throw new BodyError(begun, "the content could not be read", { cause });
  }
  if (read === null) throw new BodyError(begun, "the content is shorter than it said");
  return read;
}
