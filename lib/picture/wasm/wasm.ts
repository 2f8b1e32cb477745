/**
 * The WebAssembly module, and what passes in and out of its memory.
 *
 * @module
 */
import { WASM_BASE64 } from "./module.ts";

/** The exports of lib/picture/wasm/source; addresses and sizes are in bytes. */
export interface Wasm {
  readonly memory: WebAssembly.Memory;
  reset(): void;
  allocate(size: number): number;
  openAreas(
    width: number,
    height: number,
    channels: number,
    across: number,
    down: number,
  ): void;
  addRows(from: number, count: number): void;
  areaAverages(): number;
  openJpeg(): void;
  readSegment(marker: number, from: number, end: number): number;
  cropScan(left: number, top: number, width: number, height: number): void;
  openScan(
    scan: number,
    across: number,
    down: number,
    minColumns: number,
    minRows: number,
    red: number,
    green: number,
    blue: number,
  ): void;
  decodeRow(): number;
  decodedMcus(): number;
  isScanPartial(): number;
  jpegAverages(): number;
  openPalette(colors: number, count: number): void;
  nearestColor(red: number, green: number, blue: number): number;
  chooseBlocks(
    grid: number,
    columns: number,
    rows: number,
    across: number,
    down: number,
    masks: number,
    count: number,
    dithers: boolean,
  ): number;
  chooseCharacters(
    grid: number,
    columns: number,
    rows: number,
    ink: number,
    count: number,
    dithers: boolean,
  ): number;
  drawInk(
    grid: number,
    columns: number,
    rows: number,
    ink: number,
    codePoints: number,
    count: number,
  ): number;
  encode(
    cells: number,
    columns: number,
    rows: number,
    characters: number,
    solid: number,
    colors: number,
  ): number;
}

/**
 * Memory that a module is kept with, bytes. What a large file took goes back: no module's memory
 * shrinks.
 */
const KEPT_BYTES = 16 * 1024 * 1024;

let module: WebAssembly.Module | undefined;
let instance: Wasm | undefined;

/**
 * Returns the module with its memory free. Use the result before anything is awaited: the next call
 * frees the memory again.
 */
export function freshWasm(): Wasm {
  if (instance === undefined || instance.memory.buffer.byteLength > KEPT_BYTES) instance = load();
  instance.reset();
  // Takes no more memory, but takes away what was lent of it, so that nobody reads it by mistake.
  instance.memory.grow(0);
  return instance;
}

function load(): Wasm {
  module ??= new WebAssembly.Module(Uint8Array.fromBase64(WASM_BASE64));
  return new WebAssembly.Instance(module).exports as unknown as Wasm;
}

/** Copies numbers into the module, with room for more bytes behind them. @returns their address */
export function place(
  wasm: Wasm,
  data: Uint8Array | Int32Array | Float32Array,
  room = 0,
): number {
  const at = wasm.allocate(data.byteLength + room);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  new Uint8Array(wasm.memory.buffer).set(bytes, at);
  return at;
}

/** Floats in the module: good until it is used again, then of no length. */
export function floatsAt(wasm: Wasm, at: number, count: number): Float32Array {
  return new Float32Array(wasm.memory.buffer, at, count);
}

/**
 * The module with floats in it, all else of its memory free or about to be: what lies there already
 * stays.
 */
export function wasmWith(values: Float32Array): { wasm: Wasm; at: number } {
  if (instance !== undefined && values.buffer === instance.memory.buffer) {
    return { wasm: instance, at: values.byteOffset };
  }
  const wasm = freshWasm();
  // Colours are read four floats at a time.
  return { wasm, at: place(wasm, values, 4) };
}

/** The text that stands behind its length. */
export function textAt(wasm: Wasm, at: number): string {
  const { buffer } = wasm.memory;
  const [length] = new Int32Array(buffer, at, 1);
  return new TextDecoder().decode(new Uint8Array(buffer, at + 4, length));
}

/** The code points of characters; 0 for none. */
export function codePoints(characters: readonly (string | null)[]): Int32Array {
  return Int32Array.from(characters, (character) => character?.codePointAt(0) ?? 0);
}
