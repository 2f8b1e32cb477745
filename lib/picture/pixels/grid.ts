/**
 * Averages over equal areas.
 *
 * @module
 */
import { floatsAt, freshWasm } from "../wasm/wasm.ts";
import type { Raster } from "./raster.ts";
import type { Rectangle } from "./rectangle.ts";

/**
 * Averages over the areas of a regular grid, RGB, each component 0–255 and not rounded. They may
 * lie in the wasm's memory: then they are good until the module is used again, that is, for one
 * painting.
 */
export interface Grid {
  readonly width: number;
  readonly height: number;
  /** `width * height * 3` components. */
  readonly data: Float32Array;
  /** Whether a part of the picture is missing, because the file is cut short or damaged. */
  readonly isPartial?: boolean;
}

/** Bytes of a raster that are handed over at a time, at most, unless a single row is larger. */
const BATCH = 1 << 18;

/**
 * Averages a raster over a grid of `width` × `height` equal areas. A pixel that two areas share
 * counts in both by the part that lies in each, so the result is the exact area average for any two
 * sizes, larger or smaller. The average is of the stored (gamma-encoded) values, because that is
 * what a terminal's colours and the usual measures of likeness are made of.
 *
 * @param part the part of the raster that is averaged; all of it by default
 */
export function average(
  raster: Raster,
  width: number,
  height: number,
  part: Rectangle = { x: 0, y: 0, width: raster.width, height: raster.height },
): Grid {
  const { channels, data } = raster;
  const stride = raster.width * channels, length = part.width * channels;
  const rows = Math.min(part.height, Math.max(1, Math.floor(BATCH / length)));
  const wasm = freshWasm();
  wasm.openAreas(part.width, part.height, channels, width, height);
  const at = wasm.allocate(rows * length);
  const batch = new Uint8Array(wasm.memory.buffer, at, rows * length);
  for (let row = 0; row < part.height; row += rows) {
    const count = Math.min(rows, part.height - row);
    const from = (part.y + row) * stride + part.x * channels;
    if (length === stride) batch.set(data.subarray(from, from + count * stride));
    else {
      for (let i = 0; i < count; i++) {
        batch.set(data.subarray(from + i * stride, from + i * stride + length), i * length);
      }
    }
    wasm.addRows(at, count);
  }
  const averages = floatsAt(wasm, wasm.areaAverages(), width * height * channels);
  return {
    width,
    height,
    data: channels === 3 ? averages : tripled(averages),
    ...(raster.isPartial ? { isPartial: true } : {}),
  };
}

/** Rounds averages to pixels. */
export function toRaster(
  { width, height, data, isPartial }: Grid,
): Raster & { readonly data: Uint8Array<ArrayBuffer> } {
  // `Uint8Array.from` with a function takes forty times as long.
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) bytes[i] = Math.round(data[i]);
  return { width, height, channels: 3, data: bytes, ...(isPartial ? { isPartial } : {}) };
}

function tripled(values: Float32Array): Float32Array {
  const data = new Float32Array(values.length * 3);
  for (let i = 0, to = 0; i < values.length; i++) {
    data[to++] = values[i];
    data[to++] = values[i];
    data[to++] = values[i];
  }
  return data;
}
