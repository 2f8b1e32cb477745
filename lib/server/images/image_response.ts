/** The answer that carries an image, whole or in part, or says that the client's copy is still good. */
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

/** What every answer about an image says of it. */
type ImageFields = readonly (readonly [string, string])[];

/** The whole of an image that is in memory, made once and sent many times. */
const wholeResponses = new WeakMap<Image, Response>();

function describe(image: Image): ImageFields {
  return [
    // A shared cache must not hand it to somebody without a key.
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

/** Returns what `whole` does, for a HEAD: without opening a file that is not going to be read. */
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
 * Answers a request for an image that was found, its conditions and range in the order of RFC 9110
 * §13.2.2. A range is defined for `GET` alone (§14.2), "not modified" for `GET` and `HEAD` (§15.4.5).
 *
 * @throws ImageUnavailable where the file is no longer what was found, or cannot be opened now
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
