/**
 * Pictures in the protocols of kitty and iTerm2.
 *
 * @module
 */
import { encodePng } from "../formats/png/writer.ts";
import type { BoxedPixels } from "../pixels/raster.ts";

/** The longest piece of payload that the kitty protocol allows in one command. */
const KITTY_PIECE = 4096;

/**
 * A picture in the kitty graphics protocol: a PNG, transmitted and displayed at once (`a=T`,
 * `f=100`), scaled to the box of cells, no answer asked for (`q=2`).
 *
 * @param id what `placeKitty`, `hideKitty` and `deleteKitty` name it by; the cursor then stays
 * where it is (`C=1`)
 */
export async function encodeKitty(pixels: BoxedPixels, id?: number): Promise<string> {
  const payload = base64(await encodePng(pixels));
  const named = id === undefined ? "" : `,i=${id},p=1,C=1`;
  let text = "";
  for (let at = 0; at < payload.length; at += KITTY_PIECE) {
    const more = at + KITTY_PIECE < payload.length ? 1 : 0;
    const keys = at === 0
      ? `a=T,f=100,q=2${named},c=${pixels.columns},r=${pixels.rows},m=${more}`
      : `m=${more}`;
    text += `\x1b_G${keys};${payload.slice(at, at + KITTY_PIECE)}\x1b\\`;
  }
  return text + "\n";
}

/** Shows a picture again that the terminal still has, where the cursor is. */
export function placeKitty(id: number, columns: number, rows: number): string {
  return `\x1b_Ga=p,q=2,i=${id},p=1,C=1,c=${columns},r=${rows}\x1b\\`;
}

/** Takes a picture off the screen; the terminal keeps it. */
export function hideKitty(id: number): string {
  return `\x1b_Ga=d,d=i,q=2,i=${id}\x1b\\`;
}

/** Takes a picture off the screen and out of the terminal's memory. */
export function deleteKitty(id: number): string {
  return `\x1b_Ga=d,d=I,q=2,i=${id}\x1b\\`;
}

/**
 * A picture as an inline image of iTerm2 (OSC 1337, `File=`): a PNG, scaled to the box of cells.
 */
export async function encodeIterm2(pixels: BoxedPixels): Promise<string> {
  const png = await encodePng(pixels);
  const keys = `inline=1;size=${png.length};width=${pixels.columns};height=${pixels.rows}` +
    ";preserveAspectRatio=0";
  return `\x1b]1337;File=${keys}:${base64(png)}\x07\n`;
}

/** Base64 (RFC 4648, section 4), made in pieces that a function call can take. */
function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}
