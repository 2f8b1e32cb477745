/**
 * The strips and tiles of a TIFF: where they are, and the rows in them.
 */
import { MAX_SIDE } from "../../limits.ts";
import { inflate } from "../inflate.ts";
import { type LzwCodes, unpackLzw } from "../lzw.ts";
import { unpackBits } from "./pack_bits.ts";
import { TIFF, type TiffFields } from "../ifd.ts";
import { unpackJpeg } from "./jpeg.ts";
import { JPEG, LZW, NONE, PACK_BITS, type TiffLayout } from "./layout.ts";

/** Part of the picture that is compressed by itself: a strip or a tile. */
export interface TiffSegment {
  /** One, or where each sample has a plane of its own, one for each. */
  readonly data: readonly Uint8Array[];
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The strips or tiles of a picture, from the upper left to the lower right.
 *
 * @throws {Error} if there are none, or they have no size
 */
export function* segmentsOf(
  fields: TiffFields,
  { width, height, samples, planes, isLsbFirst }: TiffLayout,
  bytes: Uint8Array,
): Generator<TiffSegment> {
  const tiled = fields.has(TIFF.TILE_OFFSETS);
  const offsets = fields.get(tiled ? TIFF.TILE_OFFSETS : TIFF.STRIP_OFFSETS) ?? [];
  const counts = fields.get(tiled ? TIFF.TILE_BYTE_COUNTS : TIFF.STRIP_BYTE_COUNTS) ?? [];
  const across = tiled ? fields.get(TIFF.TILE_WIDTH)?.[0] ?? 0 : width;
  const rows = tiled ? fields.get(TIFF.TILE_HEIGHT)?.[0] : fields.get(TIFF.ROWS_PER_STRIP)?.[0];
  const down = Math.min(rows ?? height, Math.max(height, 65_536));
  if (across === 0 || down === 0 || across > MAX_SIDE) {
    throw new Error("A strip or tile has no size");
  }
  const perRow = Math.ceil(width / across);
  const needed = perRow * Math.ceil(height / down);
  const parts = planes ? samples : 1;
  if (offsets.length === 0) throw new Error("Strips or tiles are missing");
  // One writer of files leaves out the count of a single strip. One that is missing is empty.
  const part = (i: number) => {
    const start = offsets[i] ?? bytes.length;
    const data = bytes.subarray(start, start + (counts[i] ?? bytes.length));
    return isLsbFirst ? data.map(reversed) : data;
  };
  for (let i = 0; i < needed; i++) {
    yield {
      data: Array.from({ length: parts }, (_, plane) => part(plane * needed + i)),
      left: i % perRow * across,
      top: Math.floor(i / perRow) * down,
      width: across,
      height: down,
    };
  }
}

/** The bits of a byte the other way round. */
function reversed(octet: number): number {
  let bits = 0;
  for (let i = 0; i < 8; i++) bits = bits << 1 | octet >> i & 1;
  return bits;
}

/**
 * Unpacks a segment and hands over its first rows, which are only lent, one after the other.
 *
 * @throws {Error} if there are fewer, or they are damaged
 */
export async function segmentRows(
  segment: TiffSegment,
  layout: TiffLayout,
  rows: number,
  take: (row: Uint8Array, y: number) => Promise<void> | undefined,
): Promise<void> {
  const planes = segment.data.map((data) => rowsIn(data, segment, layout));
  const whole = new Uint8Array(Math.ceil(segment.width * layout.samples * layout.bits / 8));
  for (let y = 0; y < rows; y++) {
    for (const [plane, unpackedRows] of planes.entries()) {
      const { value: row, done } = await unpackedRows.next();
      if (done) throw new Error("A strip or tile ends early");
      if (!layout.planes) await take(row, y);
      else weave(row, whole, plane, layout);
    }
    if (layout.planes) await take(whole, y);
  }
  for (const unpackedRows of planes) await unpackedRows.return();
}

/** Unpacks the rows of a segment, or of a plane of it. Each is only lent. */
async function* rowsIn(
  data: Uint8Array,
  segment: TiffSegment,
  layout: TiffLayout,
): AsyncGenerator<Uint8Array, void> {
  if (layout.subsampling !== null) {
    yield* ycbcrRows(unpacked(data, segment, layout), segment.width, layout.subsampling);
    return;
  }
  const samples = layout.planes ? 1 : layout.samples;
  const row = new Uint8Array(Math.ceil(segment.width * samples * layout.bits / 8));
  let filled = 0;
  for await (const piece of unpacked(data, segment, layout)) {
    for (let used = 0; used < piece.length;) {
      const part = piece.subarray(used, used + row.length - filled);
      row.set(part, filled);
      filled += part.length;
      used += part.length;
      if (filled < row.length) continue;
      if (layout.predictor === "horizontal") addUp(row, samples, layout);
      else if (layout.predictor === "floating-point") joinBytes(row, samples, layout);
      yield row;
      filled = 0;
    }
  }
}

/** Puts a plane's row among the others, sample by sample. */
function weave(
  row: Uint8Array,
  whole: Uint8Array,
  plane: number,
  { bits, samples }: TiffLayout,
): void {
  const size = bits / 8;
  for (let from = 0, to = plane * size; from < row.length; from += size, to += samples * size) {
    for (let i = 0; i < size; i++) whole[to + i] = row[from + i];
  }
}

function unpacked(
  data: Uint8Array,
  segment: TiffSegment,
  layout: TiffLayout,
): Iterable<Uint8Array | Promise<Uint8Array>> | AsyncIterable<Uint8Array> {
  switch (layout.compression) {
    case NONE:
      return [data];
    case LZW:
      return unpackLzw(data, lzwCodes(data));
    case PACK_BITS:
      return unpackBits(data);
    case JPEG:
      return [unpackJpeg(data, segment, layout)];
    default:
      return inflate([data]);
  }
}

/**
 * The codes of a strip. Before TIFF 5.0 they were written the lowest bit first, and began with a
 * clear code that looks like this.
 */
function lzwCodes(data: Uint8Array): LzwCodes {
  const isOld = data[0] === 0 && (data[1] & 1) === 1;
  return { literalBits: 8, isLsbFirst: isOld, growsEarly: !isOld };
}

/** Undoes the predictor (TIFF 6.0, section 14). */
function addUp(row: Uint8Array, samples: number, { bits, isLittleEndian }: TiffLayout): void {
  if (bits === 8) return addUpBytes(row, samples);
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const size = bits / 8, back = samples * size;
  for (let i = back; i + size <= row.length; i += size) {
    if (size === 2) {
      const sum = view.getUint16(i, isLittleEndian) + view.getUint16(i - back, isLittleEndian);
      view.setUint16(i, sum, isLittleEndian);
    } else if (size === 4) {
      const sum = view.getUint32(i, isLittleEndian) + view.getUint32(i - back, isLittleEndian);
      view.setUint32(i, sum, isLittleEndian);
    } else {
      const sum = view.getBigUint64(i, isLittleEndian) +
        view.getBigUint64(i - back, isLittleEndian);
      view.setBigUint64(i, sum, isLittleEndian);
    }
  }
}

/** Turns differences from the byte that is `back` earlier into sums. */
function addUpBytes(row: Uint8Array, back: number): void {
  for (let i = back; i < row.length; i++) row[i] += row[i - back];
}

/**
 * Undoes the predictor for floating-point numbers (TIFF Technical Note 3): a row is all highest
 * bytes, then all second ones, and so on, each the difference from the one before.
 */
function joinBytes(row: Uint8Array, samples: number, { bits, isLittleEndian }: TiffLayout): void {
  addUpBytes(row, samples);
  const size = bits / 8, count = row.length / size;
  const apart = row.slice();
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < size; k++) {
      row[i * size + (isLittleEndian ? size - 1 - k : k)] = apart[k * count + i];
    }
  }
}

/**
 * Converts YCbCr (TIFF 6.0, section 21), whose pixels come in units of several lumas and the two
 * chromas that they share, to rows of RGB.
 */
async function* ycbcrRows(
  pieces: Iterable<Uint8Array | Promise<Uint8Array>> | AsyncIterable<Uint8Array>,
  width: number,
  [across, down]: readonly [number, number],
): AsyncGenerator<Uint8Array, void> {
  const size = across * down + 2, units = Math.ceil(width / across);
  const stored = new Uint8Array(units * size);
  const row = new Uint8Array(width * 3);
  let filled = 0;
  for await (const piece of pieces) {
    for (let used = 0; used < piece.length;) {
      const part = piece.subarray(used, used + stored.length - filled);
      stored.set(part, filled);
      filled += part.length;
      used += part.length;
      if (filled < stored.length) continue;
      filled = 0;
      for (let y = 0; y < down; y++) {
        for (let x = 0; x < width; x++) {
          const unit = Math.floor(x / across) * size;
          const luma = stored[unit + y * across + x % across];
          const cb = stored[unit + size - 2] - 128, cr = stored[unit + size - 1] - 128;
          row[x * 3] = byteOf(luma + 1.402 * cr);
          row[x * 3 + 1] = byteOf(luma - 0.344136 * cb - 0.714136 * cr);
          row[x * 3 + 2] = byteOf(luma + 1.772 * cb);
        }
        yield row;
      }
    }
  }
}

function byteOf(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
