/**
 * Responses for images: the whole or a range (RFC 9110 §14), or 304 for a copy that is current
 * (§13).
 */
import {
  evaluateConditions,
  formatHttpDate,
  parseRange,
  rangeApplies,
  type Request,
  type Response,
} from "../../http/mod.ts";
import type { Image } from "./image_store.ts";
import { textResponse } from "../router.ts";

/** The header fields that describe an image. */
type ImageFields = readonly (readonly [string, string])[];

/** Responses with a whole image from memory, made once and sent many times. */
const wholeResponses = new WeakMap<Image, Response>();

function describe(image: Image): ImageFields {
  return [
    // A shared cache must not serve it to somebody without a key.
    ["Cache-Control", "private, no-cache"],
    ["Content-Type", image.mediaType],
    ["ETag", image.etag],
    ["Last-Modified", formatHttpDate(image.lastModified)],
    ["Accept-Ranges", "bytes"],
  ];
}

function whole(image: Image): Response | Promise<Response> {
  if (image.content === null) return part(image, 200, describe(image), 0, image.size);
  let response = wholeResponses.get(image);
  if (response === undefined) {
    response = { status: 200, fields: describe(image), body: image.content };
    wholeResponses.set(image, response);
  }
  return response;
}

/** Returns what `whole` returns, for HEAD: does not open a file that will not be read. */
function headOf(image: Image): Response {
  const content = { length: image.size, read: () => Promise.resolve(null), close() {} };
  return { status: 200, fields: describe(image), body: content };
}

function part(
  image: Image,
  status: number,
  fields: ImageFields,
  start: number,
  end: number,
): Response | Promise<Response> {
  if (image.content !== null) {
    return { status, fields, body: image.content.bytes.subarray(start, end) };
  }
  return image.open(start, end).then((body) => ({ status, fields, body }));
}

/**
 * Returns the response to a request for an image, after its conditions and range in the order of
 * RFC 9110 §13.2.2. Ranges apply to `GET` only (§14.2), 304 to `GET` and `HEAD` (§15.4.5).
 *
 * @throws {ImageUnavailable} if the file has changed since it was found, or cannot be opened now
 */
export function imageResponse(request: Request, image: Image): Response | Promise<Response> {
  const { method, fields } = request;
  switch (evaluateConditions(method, fields, image)) {
    case "failed":
      return textResponse(412, "Precondition failed");
    case "not modified":
      return { status: 304, fields: describe(image).filter(([name]) => name !== "Content-Type") };
  }
  if (method === "HEAD" && image.content === null) return headOf(image);
  const range = method === "GET" ? fields.get("range") : null;
  if (range === null || !rangeApplies(fields, image)) return whole(image);
  const bytes = parseRange(range, image.size);
  if (bytes === null) return whole(image);
  if (bytes === "unsatisfiable") {
    return textResponse(416, "Range not satisfiable", ["Content-Range", `bytes */${image.size}`]);
  }
  const { start, end } = bytes;
  const contentRange = ["Content-Range", `bytes ${start}-${end - 1}/${image.size}`] as const;
  return part(image, 206, [...describe(image), contentRange], start, end);
}
