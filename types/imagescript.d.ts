// imagescript's WebAssembly codecs, imported one by one (each is a small CommonJS module without types).

declare module "imagescript/jpeg" {
  /** A decoded JPEG; `format` 0 grey (1 byte a pixel), 1 RGB (3 bytes), 2 CMYK, inverted (4 bytes). */
  export interface Frame {
    width: number;
    height: number;
    format: 0 | 1 | 2;
    buffer: Uint8Array;
  }
  const codec: {
    /** Compiles the codec; `decode` scales to the smallest of 1/8, 1/4, 1/2, 1 covering the size. */
    init(): Promise<{ decode(bytes: Uint8Array, width: number, height: number): Frame }>;
  };
  export default codec;
}

declare module "imagescript/gif" {
  /** One frame of a GIF, RGBA, to be placed at (x, y) of the canvas. */
  export interface GifFrame {
    x: number;
    y: number;
    width: number;
    height: number;
    /** Hundredths of a second until the next frame. */
    delay: number;
    /** What to do with the frame afterwards; 2 and 3 have changed places against GIF89a. */
    dispose: number;
    buffer: Uint8Array;
  }
  /** A decoder that yields frames on demand. */
  export interface GifDecoder {
    width: number;
    height: number;
    frame(): GifFrame | null;
    free(): void;
  }
  const codec: {
    init(): Promise<{ Decoder: new (bytes: Uint8Array, limit?: number) => GifDecoder }>;
  };
  export default codec;
}
