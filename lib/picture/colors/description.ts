/**
 * How a file says what its colours mean. Only what differs from sRGB needs saying.
 *
 * @module
 */

/** What a file says about its colours. */
export type ColorDescription =
  /** An ICC profile. */
  | { readonly kind: "icc"; readonly profile: Uint8Array; readonly isDeflated: boolean }
  /** Code points of ITU-T H.273. */
  | { readonly kind: "cicp"; readonly primaries: number; readonly transfer: number }
  /** The exponent of its curve, and where its primaries are, or null for those of sRGB. */
  | {
    readonly kind: "gamma";
    readonly gamma: number;
    readonly primaries: Primaries | null;
  };

/** The chromaticities of red, green, blue and white. */
export type Primaries = readonly [
  red: readonly [x: number, y: number],
  green: readonly [x: number, y: number],
  blue: readonly [x: number, y: number],
  white: readonly [x: number, y: number],
];

/** Code points of the transfer functions that have more light than white (ITU-T H.273). */
export const PQ = 16, HLG = 18;

/** Whether the colours have more light than white: then eight bits are too few for the dark ones. */
export function isHdr(color: ColorDescription | null | undefined): boolean {
  return color?.kind === "cicp" && (color.transfer === PQ || color.transfer === HLG);
}
