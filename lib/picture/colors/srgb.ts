/**
 * From the colours of a file to sRGB, which is what terminals show. The averages of a picture are
 * converted, not its pixels: that costs nothing, and differs by too little to be seen.
 *
 * @module
 */
import { inflate } from "../formats/inflate.ts";
import { type ColorDescription, HLG, PQ, type Primaries } from "./description.ts";
import { linearToSrgb, srgbToLinear } from "./curve.ts";
import { type Curve, readProfile } from "./icc.ts";
import { BT709, inverse, type Matrix, multiply, PCS_TO_SRGB, toXyz } from "./matrix.ts";

/** Converts averages, 0–255, in place. */
export type Conversion = (data: Float32Array) => void;

/** Values that a curve is looked up at; between them it is straight. */
const STEPS = 4096;

/** The luminance that becomes white, cd/m² (ITU-R BT.2408). */
const WHITE_LUMINANCE = 203;

/** The peak of a screen that HLG is meant for, cd/m², and its system gamma (ITU-R BT.2100). */
const HLG_PEAK = 1000, HLG_GAMMA = 1.2;

/** Differences from sRGB that are no reason to convert, of 255. */
const MIN_DIFFERENCE = 1;

/** Code points of ITU-T H.273. */
const PRIMARIES: Readonly<Record<number, Primaries>> = {
  9: [[0.708, 0.292], [0.17, 0.797], [0.131, 0.046], [0.3127, 0.329]], // BT.2020
  11: [[0.68, 0.32], [0.265, 0.69], [0.15, 0.06], [0.314, 0.351]], // DCI-P3
  12: [[0.68, 0.32], [0.265, 0.69], [0.15, 0.06], [0.3127, 0.329]], // Display P3
};

/**
 * Makes the conversion for a description.
 *
 * @returns null if the colours are those of sRGB, or their description is of a kind that is not
 * known
 */
export async function conversionFrom(
  description: ColorDescription | null | undefined,
): Promise<Conversion | null> {
  const conversion = description ? await conversionOf(description) : null;
  if (conversion === null) return null;
  // Many files say at length that they are sRGB.
  const samples = Float32Array.from({ length: 4 * 4 * 4 * 3 }, (_, i) => {
    const [color, c] = [Math.floor(i / 3), i % 3];
    return (color >> (2 * c) & 3) * 85;
  });
  const converted = samples.slice();
  conversion(converted);
  const isSrgb = converted.every((value, i) => Math.abs(value - samples[i]) < MIN_DIFFERENCE);
  return isSrgb ? null : conversion;
}

async function conversionOf(description: ColorDescription): Promise<Conversion | null> {
  switch (description.kind) {
    case "icc":
      return fromProfile(
        description.isDeflated ? await inflated(description.profile) : description.profile,
      );
    case "gamma": {
      const { gamma, primaries } = description;
      return convert(Array(3).fill((value: number) => value ** gamma), fromPrimaries(primaries));
    }
    case "cicp":
      return fromCodePoints(description.primaries, description.transfer);
  }
}

function fromProfile(profile: Uint8Array): Conversion | null {
  const read = readProfile(profile);
  if (read === null) return null;
  const { curves, matrix } = read;
  if (matrix === null) return convert([curves[0], curves[0], curves[0]], null);
  return convert(curves, multiply(PCS_TO_SRGB, matrix));
}

function fromCodePoints(primaries: number, transfer: number): Conversion | null {
  const matrix = fromPrimaries(PRIMARIES[primaries] ?? null);
  const same = (curve: Curve) => [curve, curve, curve];
  switch (transfer) {
    case 4:
      return convert(same((value) => value ** 2.2), matrix);
    case 5:
      return convert(same((value) => value ** 2.8), matrix);
    case 8:
      return convert(same((value) => value), matrix);
    case PQ:
      return convert(same((value) => pqLuminance(value) / WHITE_LUMINANCE), matrix, compressed);
    case HLG:
      return convert(same(hlgScene), matrix, compressed, hlgDisplay);
    default:
      return convert(same(srgbToLinear), matrix);
  }
}

function fromPrimaries(primaries: Primaries | null): Matrix | null {
  return primaries === null ? null : multiply(inverse(toXyz(BT709)), toXyz(primaries));
}

/** Changes a linear colour in place. */
type Step = (color: [number, number, number]) => void;

/**
 * Makes a conversion of curves to linear light, what becomes of that before the matrix, the matrix
 * to linear sRGB, what becomes of that, and the curve of sRGB.
 */
function convert(
  curves: readonly Curve[],
  matrix: Matrix | null,
  after: Step | null = null,
  before: Step | null = null,
): Conversion {
  const linear = curves.map(tableOf);
  const toSrgb = encodingTable();
  return (data) => {
    const color: [number, number, number] = [0, 0, 0];
    for (let at = 0; at < data.length; at += 3) {
      for (let c = 0; c < 3; c++) color[c] = lookUp(linear[c], data[at + c] / 255);
      before?.(color);
      if (matrix !== null) {
        const [red, green, blue] = color;
        for (let c = 0; c < 3; c++) {
          color[c] = matrix[c][0] * red + matrix[c][1] * green + matrix[c][2] * blue;
        }
      }
      after?.(color);
      for (let c = 0; c < 3; c++) {
        data[at + c] = 255 * lookUp(toSrgb, Math.sqrt(Math.max(0, Math.min(1, color[c]))));
      }
    }
  };
}

function tableOf(curve: Curve): Float32Array {
  return Float32Array.from({ length: STEPS + 1 }, (_, i) => curve(i / STEPS));
}

let encoding: Float32Array | undefined;

/**
 * The curve of sRGB, by the root of the linear value: so dark values are as far apart as bright
 * ones.
 */
function encodingTable(): Float32Array {
  return encoding ??= tableOf((root) => linearToSrgb(root * root));
}

function lookUp(table: Float32Array, value: number): number {
  const place = Math.max(0, Math.min(1, value)) * STEPS, low = Math.floor(place);
  return low === STEPS ? table[STEPS] : table[low] + (table[low + 1] - table[low]) * (place - low);
}

/** The luminance of a PQ value, cd/m² (ITU-R BT.2100, table 4). */
function pqLuminance(value: number): number {
  const power = value ** (1 / 78.84375);
  return 10_000 *
    (Math.max(0, power - 0.8359375) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125);
}

/** The scene light of an HLG value, 0–1 (ITU-R BT.2100, table 5). */
function hlgScene(value: number): number {
  const a = 0.17883277, b = 1 - 4 * a, c = 0.5 - a * Math.log(4 * a);
  return value <= 0.5 ? value * value / 3 : (Math.exp((value - c) / a) + b) / 12;
}

/** From scene light to what a screen shows of it, in parts of white. */
function hlgDisplay(color: [number, number, number]): void {
  const luminance = 0.2627 * color[0] + 0.678 * color[1] + 0.0593 * color[2];
  const scale = HLG_PEAK / WHITE_LUMINANCE * luminance ** (HLG_GAMMA - 1);
  for (let c = 0; c < 3; c++) color[c] *= scale;
}

/** Brings what is brighter than white down to it, and keeps its hue. */
function compressed(color: [number, number, number]): void {
  const most = Math.max(1, ...color);
  for (let c = 0; c < 3; c++) color[c] /= most;
}

/** The most bytes of an inflated profile; those of cameras and screens have a few thousand. */
const MAX_PROFILE_BYTES = 1_000_000;

/** Inflates a profile. @returns no bytes if it is damaged or too large */
async function inflated(data: Uint8Array): Promise<Uint8Array> {
  const profile = new Uint8Array(MAX_PROFILE_BYTES);
  let length = 0;
  try {
    for await (const piece of inflate([data])) {
      // Throws where there is no room.
      profile.set(piece, length);
      length += piece.length;
    }
  } catch {
    return new Uint8Array(0);
  }
  return profile.subarray(0, length);
}
