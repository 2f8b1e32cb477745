/**
 * Colours as light: the curves of sRGB and of the ICC profiles that cameras and screens write.
 *
 * @module
 */

/** How stored values become linear light, and that light linear sRGB. */
export interface ColorSpace {
  /** Linear light, 0–1, of each stored value of red, green and blue. */
  readonly toLinear: readonly [red: Float32Array, green: Float32Array, blue: Float32Array];
  /** From linear light to linear sRGB, row by row; null if that changes nothing. */
  readonly matrix: readonly number[] | null;
}

/** The curve of sRGB (IEC 61966-2-1): linear light of a value, both 0–1. */
function srgbToLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** The inverse of `srgbToLinear`. */
function linearToSrgb(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

/** Linear light of each value of 8 bits. */
function tableOf(curve: (value: number) => number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => curve(value / 255));
}

const SRGB_TABLE = tableOf(srgbToLinear);

/** What a picture without a profile is in. */
export const SRGB: ColorSpace = { toLinear: [SRGB_TABLE, SRGB_TABLE, SRGB_TABLE], matrix: null };

/** Steps of `encodeSrgb`: near black, where the curve is steepest, a step is a twentieth of a value. */
const STEPS = 65_535;
let encoded: Uint8Array | undefined;

/**
 * Returns the table from linear light to values of sRGB: the value of light 0–1 stands at
 * `Math.round(light * (length - 1))`.
 */
export function srgbEncoder(): Uint8Array {
  return encoded ??= Uint8Array.from(
    { length: STEPS + 1 },
    (_, step) => Math.round(linearToSrgb(step / STEPS) * 255),
  );
}

/** From XYZ under D50, in which profiles are written, to linear sRGB (adapted by Bradford). */
const XYZ_TO_SRGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];

/** Bytes of a profile's header (ICC.1:2010, 7.2); the table of tags follows. */
const HEADER_BYTES = 128;

/** The most tags of a profile that are looked at. */
const MAX_TAGS = 100;

/**
 * Reads an ICC profile of the kind that has a curve for each component and a matrix (ICC.1:2010,
 * 8.3.3 and 8.3.4), as those of cameras, telephones and screens are.
 *
 * @returns null if it is of another kind, e.g. for inks, or damaged
 */
export function readProfile(profile: Uint8Array): ColorSpace | null {
  try {
    return readMatrixProfile(new DataView(profile.buffer, profile.byteOffset, profile.length));
  } catch (error) {
    // An offset that leads out of the profile.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function readMatrixProfile(view: DataView): ColorSpace | null {
  const tags = new Map<string, number>();
  const count = Math.min(view.getUint32(HEADER_BYTES), MAX_TAGS);
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + 4 + i * 12;
    tags.set(textAt(view, at), view.getUint32(at + 4));
  }
  const curve = (name: string) => {
    const at = tags.get(name);
    const read = at === undefined ? null : readCurve(view, at);
    return read === null ? null : tableOf(read);
  };
  if (textAt(view, 16) === "GRAY") {
    const grey = curve("kTRC");
    return grey === null ? null : { toLinear: [grey, grey, grey], matrix: null };
  }
  if (textAt(view, 16) !== "RGB " || textAt(view, 20) !== "XYZ ") return null;
  const [red, green, blue] = ["rTRC", "gTRC", "bTRC"].map(curve);
  if (red === null || green === null || blue === null) return null;
  const columns: number[][] = [];
  for (const name of ["rXYZ", "gXYZ", "bXYZ"]) {
    const at = tags.get(name);
    if (at === undefined) return null;
    columns.push([8, 12, 16].map((offset) => fixedAt(view, at + offset)));
  }
  const matrix = XYZ_TO_SRGB.flatMap((row) =>
    columns.map((column) => row[0] * column[0] + row[1] * column[1] + row[2] * column[2])
  );
  return { toLinear: [red, green, blue], matrix };
}

/** Reads a curve of type `curv` (10.5) or `para` (10.15) as a function on 0–1. */
function readCurve(view: DataView, at: number): ((value: number) => number) | null {
  const type = textAt(view, at);
  if (type === "curv") return readSampledCurve(view, at);
  if (type !== "para") return null;
  const kind = view.getUint16(at + 8);
  const count = [1, 3, 4, 5, 7][kind];
  if (count === undefined) return null;
  const [g, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from(
    { length: count },
    (_, i) => fixedAt(view, at + 12 + i * 4),
  );
  const power = (value: number) => Math.max(0, a * value + b) ** g;
  switch (kind) {
    case 0:
      return power;
    case 1:
      return (value) => value >= -b / a ? power(value) : 0;
    case 2:
      return (value) => value >= -b / a ? power(value) + c : c;
    default:
      return (value) => value >= d ? power(value) + e : c * value + f;
  }
}

function readSampledCurve(view: DataView, at: number): (value: number) => number {
  const count = view.getUint32(at + 8);
  if (count === 0) return (value) => value;
  if (count === 1) {
    const gamma = view.getUint16(at + 12) / 256;
    return (value) => value ** gamma;
  }
  const sample = (index: number) => view.getUint16(at + 12 + index * 2) / 65_535;
  return (value) => {
    const place = value * (count - 1);
    const below = Math.min(count - 2, Math.floor(place));
    return sample(below) + (sample(below + 1) - sample(below)) * (place - below);
  };
}

/** A number of type s15Fixed16. */
function fixedAt(view: DataView, at: number): number {
  return view.getInt32(at) / 65_536;
}

function textAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
