/**
 * What is sent to the Worker that runs other people's codecs, and what it sends back.
 *
 * @module
 */

/** A codec that runs in the Worker. */
export type CodecName = "webp" | "avif" | "heif";

/** A picture to decode. */
export interface CodecRequest {
  readonly codec: CodecName;
  /** The whole file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What shows through transparent pixels, red, green and blue, 0–255; null to get their alpha. */
  readonly background: readonly number[] | null;
  /** Whether the codec decodes to more than 8 bits if it can: the averages then keep them. */
  readonly isDeep?: boolean;
}

/** The pixels, or null if the codec could not decode the picture. */
export type CodecResponse = {
  readonly width: number;
  readonly height: number;
  /** RGB, or RGBA if there is no background; 8 bits a component. */
  readonly data: Uint8Array<ArrayBuffer>;
} | null;
