/** The choice of a content coding (RFC 9110 §12.5.3). */
import { assertEquals } from "@std/assert";
import { preferredCoding } from "../../../lib/server/page/content_coding.ts";

const CASES: readonly (readonly [field: string | null, coding: string])[] = [
  [null, "identity"],
  ["", "identity"],
  ["gzip", "gzip"],
  ["gzip, deflate, br, zstd", "br"],
  ["GZIP", "gzip"],
  ["br;q=0.1, gzip;q=0.5", "gzip"],
  ["br;q=0, gzip;q=0", "identity"],
  ["*", "br"],
  ["*;q=0", "identity"],
  ["br;q=0, *", "gzip"],
  ["identity, gzip;q=0.5", "identity"],
  ["gzip ; q=0.8", "gzip"],
  ["br;q=nonsense, gzip", "gzip"],
];

for (const [field, coding] of CASES) {
  Deno.test(`Accept-Encoding ${field === null ? "absent" : `"${field}"`} gets ${coding}`, () => {
    assertEquals(preferredCoding(field), coding);
  });
}
