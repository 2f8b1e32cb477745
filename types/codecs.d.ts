// Codecs that run in lib/picture/codecs/worker.ts: what is used of them, in our own words.

declare module "@jsquash/webp/decoder" {
  /** Loads the codec. `decode` returns RGBA, or null. */
  export default function load(
    options: { wasmBinary: Uint8Array },
  ): Promise<{
    decode(bytes: Uint8Array): { width: number; height: number; data: Uint8ClampedArray } | null;
  }>;
}

declare module "@jsquash/avif/decoder" {
  /** Loads the codec. `decode` returns RGBA, or null. */
  export default function load(
    options: { wasmBinary: Uint8Array },
  ): Promise<{
    decode(
      bytes: Uint8Array,
      bitDepth: 8,
    ): { width: number; height: number; data: Uint8ClampedArray } | null;
    decode(
      bytes: Uint8Array,
      bitDepth: 16,
    ): { width: number; height: number; data: Uint16Array } | null;
  }>;
}

declare module "libheif/decoder" {
  /** Pixels that an image is written to, RGBA. */
  export interface HeifPixels {
    width: number;
    height: number;
    data: Uint8ClampedArray;
  }
  /** A handle of an image in a file. */
  export interface HeifImage {
    is_primary(): boolean;
    get_width(): number;
    get_height(): number;
    /** Decodes the image; calls back with the pixels, or null. */
    display(into: HeifPixels, done: (pixels: HeifPixels | null) => void): void;
    free(): void;
  }
  /** Reads the images of a file. */
  export interface HeifDecoder {
    /** The context that has to be freed, once there is one. */
    decoder: unknown;
    decode(bytes: Uint8Array): HeifImage[];
  }
  /** Loads the codec. */
  export default function load(options: { wasmBinary: Uint8Array }): {
    HeifDecoder: new () => HeifDecoder;
    heif_context_free(context: unknown): void;
  };
}
