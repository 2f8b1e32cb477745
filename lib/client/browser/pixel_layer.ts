/**
 * The pictures that the terminal draws with its own pixels over the cells. In the kitty protocol
 * they lie over the text and stay until they are deleted, each by its id; in the others they stand
 * in the cells and go with them.
 */
import { deleteKitty, hideKitty, placeKitty } from "../../picture/mod.ts";
import type { Painted } from "../painting/paint.ts";

/** Knows which pictures the terminal has, and which are on the screen. */
export class PixelLayer {
  /** Those that the terminal has. */
  readonly #sent = new Set<number>();
  /** Those on the screen. */
  readonly #placed = new Set<number>();

  /** Returns what draws a picture where the cursor is; nothing for one of characters. */
  draw({ pixels, columns, rows }: Painted): string {
    if (pixels === undefined) return "";
    const { id, text } = pixels;
    if (id === null) return text;
    this.#placed.add(id);
    if (this.#sent.has(id)) return placeKitty(id, columns, rows.length);
    this.#sent.add(id);
    return text;
  }

  /** Returns what takes all pictures off the screen; they can be drawn again at little cost. */
  hide(): string {
    const text = Array.from(this.#placed, hideKitty).join("");
    this.#placed.clear();
    return text;
  }

  /** Returns what takes a picture out of the terminal's memory. */
  delete({ pixels }: Painted): string {
    const id = pixels?.id ?? null;
    if (id === null || !this.#sent.delete(id)) return "";
    this.#placed.delete(id);
    return deleteKitty(id);
  }

  /** Returns what takes all pictures out of the terminal's memory. */
  deleteAll(): string {
    const text = Array.from(this.#sent, deleteKitty).join("");
    this.#sent.clear();
    this.#placed.clear();
    return text;
  }
}
