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

declare module "imagescript/png" {
  const codec: {
    init(): Promise<{
      /** Decodes to RGBA, 8 bits a channel. */
      decode(bytes: Uint8Array): { width: number; height: number; framebuffer: Uint8Array };
    }>;
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
    /** The disposal method of GIF89a, as the codec numbers it. */
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

declare module "imagescript/tiff" {
  const codec: {
    init(): Promise<{
      /** Decodes to RGBA, 8 bits a channel. */
      decode(bytes: Uint8Array): { width: number; height: number; buffer: Uint8Array };
    }>;
  };
  export default codec;
}
