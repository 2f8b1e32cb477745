/**
 * From an image file to what the screen shows of it.
 */
import { Failure } from "./failure.ts";
import type { PictureOptions } from "./options.ts";
import { printable } from "./printable.ts";
import type { Screen } from "./screen.ts";

/** Columns of a picture where nobody says how wide the screen is: over a pipe. */
export const PIPE_COLUMNS = 80;
/** Rows that stay free on a terminal for the sentences and the menu around a picture. */
const ROWS_AROUND = 7;

/** The room that a picture has. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** The room on this screen, by the options and the size of the terminal. */
export function roomFor(options: PictureOptions, isTerminal: boolean): Room {
  let columns = PIPE_COLUMNS;
  // A picture over a pipe is as high as its width makes it.
  let rows = 10_000;
  if (isTerminal) {
    try {
      const size = Deno.consoleSize();
      columns = size.columns;
      rows = Math.max(4, size.rows - ROWS_AROUND);
    } catch {
      // A terminal that does not tell its size is treated as a pipe.
    }
  }
  return { columns: options.width ?? columns, rows: options.height ?? rows };
}

/**
 * Draws the image in the file `path`.
 * @returns false where its type is not one that is drawn
 * @throws Failure where it should be drawn and cannot
 */
export async function showPicture(
  path: string,
  options: PictureOptions,
  screen: Screen,
): Promise<boolean> {
  const shown = printable(path);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new Failure("CACHE_UNUSABLE", (m) => m.cacheUnusable(shown, m.fileError(error)));
  }
  // Loaded when the first picture is shown: the menu does not wait for decoders.
  const { capabilities, draw, PictureError } = await import("../picture/mod.ts");
  try {
    const text = await draw(bytes, {
      ...roomFor(options, screen.outIsTerminal),
      symbols: options.symbols ?? "block",
      colors: options.colors ?? capabilities(Deno.env, screen.outIsTerminal),
    });
    await screen.put(text);
    return true;
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    // An empty file is no type that nobody here knows; it is what is left of a picture.
    if (error.code === "unknown-type" && bytes.length > 0) return false;
    if (error.code === "too-large") {
      throw new Failure("TOO_MANY_PIXELS", (m) => m.imageTooManyPixels(shown));
    }
    throw new Failure("IMAGE_DAMAGED", (m) => m.imageDamaged(shown));
  }
}
