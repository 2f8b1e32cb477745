import { KERNEL } from "./kernel_module.ts";

/** What lib/picture/kernel exports; addresses and sizes are in bytes. */
export interface Kernel {
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
  openScan(
    scan: number,
    across: number,
    down: number,
    leastAcross: number,
    leastDown: number,
  ): void;
  decodeRow(): number;
  jpegAverages(count: number): number;
  fit(
    grid: number,
    columns: number,
    rows: number,
    across: number,
    down: number,
    splits: number,
    splitCount: number,
  ): number;
}

/** Memory that a kernel is kept with, bytes. What a large file took goes back: no module's memory shrinks. */
const KEPT_BYTES = 16 * 1024 * 1024;

let module: WebAssembly.Module | undefined;
let instance: Kernel | undefined;

/**
 * The kernel with its memory free. One thing is done with it at a time, from this call to the copying of
 * the result, and nothing is awaited in between: the next call frees the memory again.
 */
export function freshKernel(): Kernel {
  if (instance === undefined || instance.memory.buffer.byteLength > KEPT_BYTES) instance = load();
  instance.reset();
  return instance;
}

function load(): Kernel {
  module ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL), (c) => c.charCodeAt(0)));
  return new WebAssembly.Instance(module).exports as unknown as Kernel;
}

/** Copies bytes into the kernel, with room for more behind them. @returns their address */
export function place(kernel: Kernel, bytes: Uint8Array, room = 0): number {
  const at = kernel.allocate(bytes.length + room);
  new Uint8Array(kernel.memory.buffer).set(bytes, at);
  return at;
}

/** A copy of floats in the kernel. */
export function floatsAt(kernel: Kernel, at: number, count: number): Float32Array {
  return new Float32Array(kernel.memory.buffer, at, count).slice();
}
