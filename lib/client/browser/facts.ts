/**
 * What an image file says about the photograph: when, with which camera, how and where it was
 * taken (Exif).
 */

/** Facts about a photograph; null for what the file does not say. Not safe to print yet. */
export interface PhotoFacts {
  /** When it was taken, `YYYY-MM-DD HH:MM:SS`. */
  readonly taken: string | null;
  /** Maker and model of the camera. */
  readonly camera: string | null;
  readonly lens: string | null;
  /** Exposure time, aperture, sensitivity and focal length. */
  readonly exposure: string | null;
  /** Latitude and longitude in degrees, north and east positive. */
  readonly place: string | null;
}

/** The tags that are read; the library skips all others, such as makers' notes. */
const TAGS = {
  exif: [
    "Make",
    "Model",
    "LensModel",
    "DateTimeOriginal",
    "ExposureTime",
    "FNumber",
    "ISOSpeedRatings",
    "FocalLength",
  ],
  gps: ["Latitude", "Longitude"],
} as const;

/**
 * Reads what a file says.
 *
 * @param bytes the whole file, of any type
 */
export async function readFacts(bytes: Uint8Array<ArrayBuffer>): Promise<PhotoFacts> {
  // Loaded for the first image that is asked about.
  const { default: reader } = await import("exifreader");
  let tags: ReturnType<typeof reader.load> = {};
  try {
    const { buffer, byteOffset, byteLength } = bytes;
    const isWhole = byteLength === buffer.byteLength;
    tags = reader.load(isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength), {
      expanded: true,
      includeTags: TAGS,
    });
  } catch {
    // A file without metadata, or damaged: it says nothing.
  }
  const { exif = {}, gps = {} } = tags;
  const text = (tag: string) => textOf(exif[tag]?.description);
  return {
    taken: dateOf(text("DateTimeOriginal")),
    camera: cameraOf(text("Make"), text("Model")),
    lens: text("LensModel"),
    exposure: joined([
      suffixed(text("ExposureTime"), " s"),
      text("FNumber"),
      prefixed("ISO ", text("ISOSpeedRatings")),
      text("FocalLength"),
    ], " · "),
    place: placeOf(gps.Latitude, gps.Longitude),
  };
}

/** What a file may hold in place of text: nothing, blanks, zeros, another type. */
function textOf(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const text = `${value}`.replaceAll("\0", "").trim();
  const isNothing = text === "" || text === "undefined" || text.includes("NaN") ||
    /^0+(\/|$)/.test(text);
  return isNothing ? null : text;
}

/** Cameras whose clock was not set write zeros, or blanks between the colons. */
function dateOf(text: string | null): string | null {
  const [, year, month, day, time] = /^([1-9]\d{3}):(\d{2}):(\d{2})(.*)$/s.exec(text ?? "") ?? [];
  return year === undefined ? null : `${year}-${month}-${day}${time}`;
}

/** Most models begin with the name of their maker. */
function cameraOf(make: string | null, model: string | null): string | null {
  if (make === null || model === null) return model ?? make;
  const [first] = make.split(" ");
  return model.toLowerCase().startsWith(first.toLowerCase()) ? model : `${make} ${model}`;
}

function placeOf(latitude: unknown, longitude: unknown): string | null {
  const isDegrees = (value: unknown, most: number): value is number =>
    typeof value === "number" && Math.abs(value) <= most;
  if (!isDegrees(latitude, 90) || !isDegrees(longitude, 180)) return null;
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
}

function prefixed(prefix: string, text: string | null): string | null {
  return text === null ? null : prefix + text;
}

function suffixed(text: string | null, suffix: string): string | null {
  return text === null ? null : text + suffix;
}

function joined(parts: readonly (string | null)[], separator: string): string | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(separator);
}
