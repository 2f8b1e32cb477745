/**
 * ICC profiles (ICC.1:2022) of the matrix kind, as cameras and screens have them: a curve for each
 * component, and a matrix.
 *
 * @module
 */
import type { Matrix } from "./matrix.ts";

/** A curve from a stored value to linear light, both 0–1. */
export type Curve = (value: number) => number;

/** What a profile of the matrix kind says. */
export interface MatrixProfile {
  /** One for grey, three for RGB. */
  readonly curves: readonly Curve[];
  /** From linear RGB to the profile connection space (CIE XYZ, white D50); null for grey. */
  readonly matrix: Matrix | null;
}

/** Reads a profile. @returns null if it is of another kind, or damaged */
export function readProfile(profile: Uint8Array): MatrixProfile | null {
  if (profile.length < 132) return null;
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  const text = (at: number) => String.fromCharCode(...profile.subarray(at, at + 4));
  const tags = new Map<string, { at: number; length: number }>();
  for (let i = 0, at = 132; i < view.getUint32(128) && at + 12 <= profile.length; i++, at += 12) {
    const offset = view.getUint32(at + 4), length = view.getUint32(at + 8);
    if (offset + length <= profile.length) tags.set(text(at), { at: offset, length });
  }
  const curve = (name: string) => {
    const tag = tags.get(name);
    return tag === undefined || tag.length < 12 ? null : readCurve(view, tag.at, tag.length);
  };
  if (text(16) === "GRAY") {
    const grey = curve("kTRC");
    return grey === null ? null : { curves: [grey], matrix: null };
  }
  if (text(16) !== "RGB " || text(20) !== "XYZ ") return null;
  const curves = ["rTRC", "gTRC", "bTRC"].map(curve);
  const columns = ["rXYZ", "gXYZ", "bXYZ"].map((name) => tags.get(name));
  if (!curves.every((each) => each !== null)) return null;
  if (!columns.every((tag) => tag !== undefined && tag.length >= 20)) return null;
  const row = (i: number) => {
    const at = (column: number) => fixed(view, columns[column]!.at + 8 + i * 4);
    return [at(0), at(1), at(2)] as const;
  };
  return { curves, matrix: [row(0), row(1), row(2)] };
}

/** Reads a curve (10.6, 10.18). */
function readCurve(view: DataView, at: number, length: number): Curve | null {
  const type = view.getUint32(at);
  if (type === 0x63757276) { // "curv"
    const count = view.getUint32(at + 8);
    if (count === 0) return (value) => value;
    if (12 + count * 2 > length) return null;
    if (count === 1) {
      const gamma = view.getUint16(at + 12) / 256;
      return (value) => value ** gamma;
    }
    return (value) => {
      const place = Math.max(0, Math.min(1, value)) * (count - 1);
      const low = Math.floor(place), high = Math.min(low + 1, count - 1);
      const [from, to] = [low, high].map((i) => view.getUint16(at + 12 + i * 2) / 65_535);
      return from + (to - from) * (place - low);
    };
  }
  if (type !== 0x70617261) return null; // "para"
  const kind = view.getUint16(at + 8);
  const count = [1, 3, 4, 5, 7][kind] ?? 0;
  if (count === 0 || 12 + count * 4 > length) return null;
  const [g, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from(
    { length: count },
    (_, i) => fixed(view, at + 12 + i * 4),
  );
  // 0 below -b / a, from where on the curve begins.
  const power = (value: number) => Math.max(0, a * value + b) ** g;
  switch (kind) {
    case 0:
      return (value) => value ** g;
    case 1:
      return power;
    case 2:
      return (value) => power(value) + c;
    case 3:
      return (value) => value >= d ? power(value) : c * value;
    default:
      return (value) => value >= d ? power(value) + e : c * value + f;
  }
}

/** A number of 16.16 bits. */
function fixed(view: DataView, at: number): number {
  return view.getInt32(at) / 65_536;
}
