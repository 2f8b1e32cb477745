/** Serves the web page from a generated module: `/` and the files under `/assets/`. */
import { decodeBase64 } from "@std/encoding/base64";
import { ifNoneMatch } from "@std/http/etag";
import { gunzipSync } from "node:zlib";
import { type Handler, PreparedResponse, type Request, type Response } from "../../http/mod.ts";
import type { RouteTable } from "../router.ts";
import { PAGE_FILES } from "./assets.ts";
import { type ContentCoding, preferredCoding } from "./content_coding.ts";

type Field = readonly [name: string, value: string];

/** Allows scripts, styles and images from this server only, and no framing of the page. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const DOCUMENT_FIELDS: readonly Field[] = [
  ["Content-Security-Policy", CONTENT_SECURITY_POLICY],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Embedder-Policy", "require-corp"],
  // The document's name stays while those of its assets change, so it must be revalidated.
  ["Cache-Control", "no-cache"],
];

/** Sent over TLS only: browsers ignore it elsewhere and log a complaint. */
const SECURE_FIELD: Field = ["Cross-Origin-Opener-Policy", "same-origin"];

const ASSET_FIELDS: readonly Field[] = [
  ["Cache-Control", "public, max-age=31536000, immutable"],
];

interface Variant {
  readonly etag: string;
  readonly whole: Response;
  readonly notModified: Response;
}

type PageFile = (typeof PAGE_FILES)[number];

function content(file: PageFile, coding: ContentCoding): Uint8Array<ArrayBuffer> {
  switch (coding) {
    case "br":
      return decodeBase64(file.brotli);
    case "gzip":
      return decodeBase64(file.gzip);
    case "identity":
      return Uint8Array.from(gunzipSync(decodeBase64(file.gzip)));
  }
}

function makeVariant(file: PageFile, coding: ContentCoding, isSecure: boolean): Variant {
  const body = content(file, coding);
  const etag = `"${file.sha256.slice(0, 24)}-${coding}"`;
  const fields: Field[] = [
    ["ETag", etag],
    ["Vary", "Accept-Encoding"],
    ["Cross-Origin-Resource-Policy", "same-origin"],
    ...(file.path === "/" ? DOCUMENT_FIELDS : ASSET_FIELDS),
    ...(file.path === "/" && isSecure ? [SECURE_FIELD] : []),
  ];
  const codingField: Field[] = coding === "identity" ? [] : [["Content-Encoding", coding]];
  return {
    etag,
    whole: {
      status: 200,
      fields: [["Content-Type", file.type] as const, ...codingField, ...fields],
      body,
    },
    notModified: new PreparedResponse({ status: 304, fields }),
  };
}

function fileHandler(file: PageFile, isSecure: (request: Request) => boolean): Handler {
  const variants = new Map<string, Variant>();
  return (request) => {
    const coding = preferredCoding(request.fields.get("accept-encoding"));
    const secure = file.path === "/" && isSecure(request);
    const name = secure ? `${coding} secure` : coding;
    let variant = variants.get(name);
    if (variant === undefined) variants.set(name, variant = makeVariant(file, coding, secure));
    const condition = request.fields.get("if-none-match");
    return condition !== null && !ifNoneMatch(condition, variant.etag)
      ? variant.notModified
      : variant.whole;
  };
}

/**
 * Returns the routes of the page.
 *
 * @param isSecure tells whether the client of a request uses TLS
 */
export function pageRoutes(isSecure: (request: Request) => boolean): RouteTable {
  return Object.fromEntries(PAGE_FILES.map((file) => {
    const handler = fileHandler(file, isSecure);
    return [file.path, { GET: handler, HEAD: handler }];
  }));
}
