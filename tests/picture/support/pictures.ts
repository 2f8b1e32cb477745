import { CodecWorker } from "../../../lib/picture/codecs/codec_worker.ts";
import { averageJpeg } from "../../../lib/picture/formats/jpeg/averages.ts";
import { readJpegHeader } from "../../../lib/picture/formats/jpeg/header.ts";
import { decode } from "../../../lib/picture/formats/decode.ts";
import { checkedHeader } from "../../../lib/picture/formats/identify.ts";
import type { Grid } from "../../../lib/picture/pixels/grid.ts";
import type { Raster, Rgb, Size } from "../../../lib/picture/pixels/raster.ts";
import type { Rectangle } from "../../../lib/picture/pixels/rectangle.ts";
import { type Canvas, draw, type PictureRemark } from "../../../lib/picture/mod.ts";
import { type Cell, screenOf } from "../../../tools/screens/terminal_screen.ts";

// A busy machine must not fail a test of something else.
CodecWorker.timeoutMs = 600_000;

/** The bytes of a fixture. */
export function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`../fixtures/${name}`, import.meta.url));
}

/** A canvas in true colour, drawn with halves. */
export function canvas(columns: number, rows: number, more: Partial<Canvas> = {}): Canvas {
  return { columns, rows, symbols: "half", colors: "truecolor", ...more };
}

/** What the terminal shows of a picture. */
export async function shown(bytes: Uint8Array, on: Canvas): Promise<Cell[][]> {
  return screenOf(await draw(bytes, on));
}

/** The colour that a one-coloured cell shows; fails on a cell of two colours. */
export function colorOf(cell: Cell): readonly number[] {
  const color = cell.text === " " ? cell.background : cell.text === "█" ? cell.foreground : null;
  if (!Array.isArray(color)) throw new Error(`"${cell.text}" is not a cell of one colour`);
  return color;
}

/** A JPEG with an orientation: an EXIF block (EXIF 2.3, 4.5) right behind the first marker. */
export function oriented(jpeg: Uint8Array, orientation: number, little: boolean): Uint8Array {
  const exif = new DataView(new ArrayBuffer(36));
  const bytes = new Uint8Array(exif.buffer);
  exif.setUint16(0, 0xffe1);
  exif.setUint16(2, 34);
  bytes.set(new TextEncoder().encode("Exif\0\0" + (little ? "II" : "MM")), 4);
  exif.setUint16(12, 42, little);
  exif.setUint32(14, 8, little);
  exif.setUint16(18, 1, little); // one field: tag, SHORT, one value
  exif.setUint16(20, 0x0112, little);
  exif.setUint16(22, 3, little);
  exif.setUint32(24, 1, little);
  exif.setUint16(28, orientation, little);
  const whole = new Uint8Array(jpeg.length + bytes.length);
  whole.set(jpeg.subarray(0, 2));
  whole.set(bytes, 2);
  whole.set(jpeg.subarray(2), 2 + bytes.length);
  return whole;
}

/** The averages of a JPEG, or a part of it, on black; null if it has none. */
export function jpegAverages(
  bytes: Uint8Array,
  areas: Size,
  minimum: Size = areas,
  part?: Rectangle,
): Grid | null {
  const header = readJpegHeader(bytes);
  const background = [0, 0, 0] as const;
  return header === null ? null : averageJpeg(bytes, header, { areas, minimum, background, part });
}

/** What a terminal shows of a picture, and what there is to say about it. */
export async function shownWithRemarks(
  bytes: Uint8Array,
  on: Canvas,
): Promise<{ rows: Cell[][]; remarks: PictureRemark[] }> {
  const remarks: PictureRemark[] = [];
  const rows = await shown(bytes, { ...on, onRemark: (remark) => remarks.push(remark) });
  return { rows, remarks };
}

/** The pixels of a picture, on black by default. */
export async function decoded(
  bytes: Uint8Array,
  background: Rgb = [0, 0, 0],
): Promise<Raster> {
  const header = checkedHeader(bytes);
  return await decode(bytes, header, header, background);
}
