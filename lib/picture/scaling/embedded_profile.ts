/**
 * Finds the ICC profile in a file.
 *
 * @module
 */
import { jpegSegments } from "../formats/jpeg/header.ts";
import type { PictureType } from "../formats/identify.ts";

/** The most bytes of a profile; those of cameras and screens have one to a few thousand. */
const MAX_PROFILE_BYTES = 1_000_000;

/** How far into a file its boxes or chunks are searched for a profile, bytes. */
const SEARCHED_BYTES = 1_000_000;

/** The tag of TIFF that holds a profile (ICC.1:2010, B.4). */
const TIFF_PROFILE = 34675;

/**
 * Returns the ICC profile that is in a file, or null.
 *
 * @param bytes the whole file
 */
export async function embeddedProfile(
  bytes: Uint8Array,
  type: PictureType,
): Promise<Uint8Array | null> {
  switch (type) {
    case "jpeg":
      return jpegProfile(bytes);
    case "png":
      return await pngProfile(bytes);
    case "tiff":
      return tiffProfile(bytes);
    case "webp":
      return webpProfile(bytes);
    case "avif":
    case "heif":
      return boxedProfile(bytes);
    default:
      return null;
  }
}

/** The profile of a JPEG, which is split over APP2 segments, each with its number (B.3). */
function jpegProfile(bytes: Uint8Array): Uint8Array | null {
  const parts: Uint8Array[] = [];
  for (const { marker, start, end } of jpegSegments(bytes)) {
    if (marker !== 0xe2 || end - start < 14 || !hasText(bytes, start, "ICC_PROFILE\0")) continue;
    parts[bytes[start + 12] - 1] ??= bytes.subarray(start + 14, end);
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length === 0 || length > MAX_PROFILE_BYTES) return null;
  const profile = new Uint8Array(length);
  let at = 0;
  parts.forEach((part) => {
    profile.set(part, at);
    at += part.length;
  });
  return profile;
}

/** The profile of a PNG: chunk iCCP (PNG, third edition, 11.3.2.3), a name and compressed data. */
async function pngProfile(bytes: Uint8Array): Promise<Uint8Array | null> {
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (hasText(bytes, at + 4, "IDAT")) return null;
    if (!hasText(bytes, at + 4, "iCCP")) continue;
    const chunk = bytes.subarray(at + 8, at + 8 + view.getUint32(at));
    return await inflated(chunk.slice(chunk.indexOf(0) + 2));
  }
  return null;
}

async function inflated(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  const profile = new Uint8Array(MAX_PROFILE_BYTES);
  let length = 0;
  try {
    const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
    for await (const piece of stream) {
      if (length + piece.length > profile.length) return null;
      profile.set(piece, length);
      length += piece.length;
    }
  } catch {
    return null;
  }
  return profile.subarray(0, length);
}

function tiffProfile(bytes: Uint8Array): Uint8Array | null {
  const view = viewOf(bytes);
  const little = bytes[0] === 0x49;
  const directory = view.getUint32(4, little);
  if (directory + 2 > bytes.length) return null;
  const end = directory + 2 + view.getUint16(directory, little) * 12;
  for (let at = directory + 2; at < end && at + 12 <= bytes.length; at += 12) {
    if (view.getUint16(at, little) !== TIFF_PROFILE) continue;
    return within(bytes, view.getUint32(at + 8, little), view.getUint32(at + 4, little));
  }
  return null;
}

/** The chunk ICCP of a WebP (RFC 9649 §2.7.1.4). */
function webpProfile(bytes: Uint8Array): Uint8Array | null {
  const view = viewOf(bytes);
  const end = Math.min(bytes.length - 8, SEARCHED_BYTES);
  for (let at = 12; at < end;) {
    const length = view.getUint32(at + 4, true);
    if (hasText(bytes, at, "ICCP")) return within(bytes, at + 8, length);
    at += 8 + length + length % 2;
  }
  return null;
}

/** The first box `colr` with a profile (ISO/IEC 14496-12, 12.1.5), in whichever box it is. */
function boxedProfile(bytes: Uint8Array): Uint8Array | null {
  const view = viewOf(bytes);
  const end = Math.min(bytes.length - 8, SEARCHED_BYTES);
  for (let at = bytes.indexOf(0x63, 4); at >= 0 && at < end; at = bytes.indexOf(0x63, at + 1)) {
    if (!hasText(bytes, at, "colrprof")) continue;
    return within(bytes, at + 8, view.getUint32(at - 4) - 12);
  }
  return null;
}

function within(bytes: Uint8Array, start: number, length: number): Uint8Array | null {
  const isThere = length > 0 && length <= MAX_PROFILE_BYTES && start + length <= bytes.length;
  return isThere ? bytes.subarray(start, start + length) : null;
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
