/** The content of a response to `/list`. */
import { createHash } from "node:crypto";
import type { ListPage } from "./listing.ts";

/** A page as JSON, with its strong entity tag. */
export interface ListBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** Encodes a page. */
export function encodePage(page: ListPage): ListBody {
  const bytes = new TextEncoder().encode(JSON.stringify(page));
  return { bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url")}"` };
}
