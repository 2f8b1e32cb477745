/** Sends content that is read while it is sent. */
import type { ResponseWriter } from "./response_writer.ts";
import type { BodySource } from "../message.ts";

/**
 * The part of a `BodySource` that is in memory at a time, in bytes: twice what TLS encrypts at
 * once, as a smaller piece costs the same there as a whole one.
 */
const SOURCE_BYTES = 96 * 1024;

/** A `BodySource` that failed or was shorter than its length. */
export class BodyError extends Error {
  override readonly name = "BodyError";

  /**
   * @param begun whether part of the response has been sent, so that only aborting the connection
   *   tells the peer
   */
  constructor(readonly begun: boolean, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * Sends what is pending, then the content whose head was appended last. If the content fails before
 * any byte of that response was sent, the head is retracted.
 *
 * @param source closed in every case
 * @param waitForSource called before each read, when the source is waited for and not the peer
 * @throws {BodyError} if the source fails
 * @throws the errors of the stream
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

/** Reads the next piece. */
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
  if (read === null) throw new BodyError(begun, `the content is shorter than its length says`);
  return read;
}
