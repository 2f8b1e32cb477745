/**
 * The Worker that runs other people's codecs, so that the program can be ended at any time while
 * one of them is busy. Each is loaded for the first picture that needs it.
 *
 * @module
 */
import { sampleReducer } from "../pixels/sample_reducer.ts";
import type { CodecName, CodecRequest, CodecResponse } from "./protocol.ts";

/** Pixels as a codec gives them: RGBA, 8 bits a component. */
interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** What is used here of the global scope of a Worker. */
interface WorkerScope {
  onmessage: (event: MessageEvent<CodecRequest>) => void;
  postMessage(message: CodecResponse, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

// Codecs report on the console what this Worker reports by its response.
for (const name of ["log", "info", "warn", "error"] as const) console[name] = () => {};

scope.onmessage = async ({ data: { codec, bytes, background, isDeep } }) => {
  let response: CodecResponse = null;
  try {
    const rgba = await CODECS[codec](bytes, isDeep);
    if (rgba !== null) {
      const { width, height } = rgba;
      response = {
        width,
        height,
        data: background === null ? own(rgba.data) : overBackground(rgba, background),
      };
    }
  } catch {
    // Whatever a codec throws, the bytes are at fault.
  }
  scope.postMessage(response, response === null ? [] : [response.data.buffer]);
};

const CODECS: Record<CodecName, (bytes: Uint8Array, isDeep?: boolean) => Promise<Rgba | null>> = {
  async webp(bytes) {
    const { default: load } = await import("@jsquash/webp/decoder");
    const wasmBinary = await read(import.meta.resolve("@jsquash/webp/wasm"));
    return (await load({ wasmBinary })).decode(bytes);
  },
  async avif(bytes, isDeep) {
    const { default: load } = await import("@jsquash/avif/decoder");
    const wasmBinary = await read(import.meta.resolve("@jsquash/avif/wasm"));
    const decoder = await load({ wasmBinary });
    if (!isDeep) return decoder.decode(bytes, 8);
    const deep = decoder.decode(bytes, 16);
    return deep === null ? null : { ...deep, data: reduced(deep.data) };
  },
  async heif(bytes) {
    const { default: load } = await import("libheif/decoder");
    const heif = load({ wasmBinary: await read(import.meta.resolve("libheif/wasm")) });
    const decoder = new heif.HeifDecoder();
    const images = decoder.decode(bytes);
    try {
      const image = images.find((image) => image.is_primary()) ?? images[0];
      const width = image.get_width(), height = image.get_height();
      const target = { width, height, data: new Uint8ClampedArray(width * height * 4) };
      return await new Promise((resolve) => image.display(target, resolve));
    } finally {
      for (const image of images) image.free();
      if (decoder.decoder) heif.heif_context_free(decoder.decoder);
    }
  },
};

/** Reduces RGBA of 16 bits to 8, so that averages keep what a single sample cannot. */
function reduced(deep: Uint16Array): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(deep.length);
  const reducers = Array.from({ length: 4 }, () => sampleReducer());
  deep.forEach((sample, i) => data[i] = reducers[i & 3](sample));
  return data;
}

/** Reads a file of a package, from the disk or from within a compiled program. */
function read(url: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(url));
}

/** The same bytes in memory that can be handed over. */
function own(bytes: Uint8Array | Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}

/** Lays pixels over the background. */
function overBackground(
  { width, height, data: rgba }: Rgba,
  [red, green, blue]: readonly number[],
): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    const alpha = rgba[from + 3], rest = 255 - alpha;
    data[to] = (rgba[from] * alpha + red * rest + 127) / 255;
    data[to + 1] = (rgba[from + 1] * alpha + green * rest + 127) / 255;
    data[to + 2] = (rgba[from + 2] * alpha + blue * rest + 127) / 255;
  }
  return data;
}
