/**
 * Cells in the memory of the WebAssembly module.
 *
 * @module
 */
import type { Wasm } from "../wasm/wasm.ts";

/** A way to divide a cell between two colours, as far as writing it goes. */
export interface Glyph {
  /** The character that shows the covered part in the foreground colour. */
  readonly glyph: string;
  /** The character that shows the rest in the foreground colour; null if there is none. */
  readonly inverse: string | null;
}

/**
 * Cells with what to paint in them, in the memory of the module: wasm/source/cells/cells.ts says
 * how.
 */
export interface Cells {
  readonly wasm: Wasm;
  readonly columns: number;
  readonly rows: number;
  /** Their address. */
  readonly at: number;
}
