// imagescript's WebAssembly codec for JPEG, imported alone (a small CommonJS module without types).

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
