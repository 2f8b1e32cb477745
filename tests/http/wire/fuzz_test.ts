/** Random bytes, split at random. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { CLIENT_LIMITS, HttpError, SERVER_LIMITS } from "../../../lib/http/mod.ts";
import { ChunkedDecoder } from "../../../lib/http/wire/chunked.ts";
import { RequestHead } from "../../../lib/http/wire/request_head.ts";
import { ResponseHead } from "../../../lib/http/wire/response_head.ts";
import { statuses, TestServer } from "../support/test_server.ts";

/** Pieces that a head is made of, well and badly formed, so that random texts come close to real ones. */
const piece = fc.oneof(
  fc.constantFrom(
    "GET ",
    "POST ",
    "OPTIONS ",
    "BREW ",
    "/",
    "/a?b",
    "*",
    "%41",
    "%",
    "http://a/",
    " HTTP/1.1",
    " HTTP/1.0",
    " HTTP/2.0",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    "Host: a\r\n",
    "Host: b:80\r\n",
    "Content-Length: 3\r\n",
    "Content-Length: ",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Expect: 100-continue\r\n",
    "Cookie: a=b\r\n",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
    "abc",
    "0\r\nX: y\r\n\r\n",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.0 404\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
  ),
  fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 6,
  }),
);
const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));

/** A text and places to cut it. */
const cutText = fc.tuple(text, fc.array(fc.nat(300), { maxLength: 8 }));

function cut(whole: string, places: number[]): string[] {
  const at = [
    0,
    ...places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b),
    whole.length,
  ];
  return at.slice(1).map((to, i) => whole.slice(at[i], to)).filter((part) => part !== "");
}

/** What can be seen of an exchange: every response without its date, and what the handler was asked. */
async function outcome(pieces: string[]): Promise<string> {
  await using server = new TestServer(({ method }) => ({ status: 200, body: `<${method}>` }));
  const received = await server.exchange(...pieces);
  // Whether a 100 is needed depends on what had come by then.
  const visible = received.replace(/Date: .*\r\n/g, "").replaceAll(
    "HTTP/1.1 100 Continue\r\n\r\n",
    "",
  );
  return visible + JSON.stringify(server.asked);
}

Deno.test("any bytes, split anywhere, get the responses that they get in one piece", async () => {
  await fc.assert(
    fc.asyncProperty(cutText, async ([whole, places]) => {
      assertEquals(await outcome(cut(whole, places)), await outcome([whole]));
    }),
    { numRuns: 1500 },
  );
});

Deno.test("any bytes, one at a time, get the responses that they get in one piece", async () => {
  await fc.assert(
    fc.asyncProperty(text, async (whole) => {
      assertEquals(await outcome([...whole]), await outcome([whole]));
    }),
    { numRuns: 300 },
  );
});

Deno.test("any bytes get valid responses, and nothing is an error of the server", async () => {
  const faults: unknown[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 5 }), async (pieces) => {
      await using server = new TestServer(undefined, {
        observer: { failed: (_, error) => faults.push(error) },
      });
      const received = await server.exchange(...pieces);
      for (const status of statuses(received)) {
        assert([100, 200, 204, 400, 413, 414, 417, 431, 501, 505].includes(status), received);
      }
      assertEquals(faults, []);
    }),
    { numRuns: 500 },
  );
});

/** Everything a head parser says about these bytes, given in the pieces that `places` make. */
function headOutcome(
  head: RequestHead | ResponseHead,
  whole: Uint8Array,
  places: number[],
): string {
  head.reset();
  const ends = places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b);
  // The bytes move between two calls, as a connection's buffer moves them.
  for (const [move, end] of [...ends, whole.length].entries()) {
    const bytes = new Uint8Array(end + move);
    bytes.set(whole.subarray(0, end), move);
    try {
      if (!head.parse(bytes, move, end + move)) continue;
    } catch (error) {
      assert(error instanceof HttpError, `${error}`);
      return `${error.status} ${error.message}`;
    }
    const { fields, length } = head;
    const line = head instanceof RequestHead
      ? [
        head.method,
        head.minorVersion,
        head.targetFrom,
        head.targetTo,
        head.queryMark,
        head.encoded,
      ]
      : [head.status, head.minorVersion, head.reasonFrom, head.reasonTo];
    const { count, ascii, folded, known, repeated } = fields;
    const offsets = [...fields.offsets.subarray(0, 4 * count)];
    return JSON.stringify({ line, length, count, ascii, folded, known, repeated, offsets });
  }
  return "incomplete";
}

Deno.test("a head gives the same offsets however it is split, and throws nothing but HttpError", () => {
  const small = { headBytes: 60, fields: 3, target: 12 };
  for (
    const head of [
      new RequestHead(SERVER_LIMITS),
      new RequestHead(small),
      new ResponseHead(CLIENT_LIMITS),
      new ResponseHead({ ...CLIENT_LIMITS, ...small }),
    ]
  ) {
    fc.assert(
      fc.property(cutText, ([whole, places]) => {
        const bytes = Uint8Array.from(whole, (character) => character.charCodeAt(0));
        assertEquals(headOutcome(head, bytes, places), headOutcome(head, bytes, []));
      }),
      { numRuns: 5000 },
    );
  }
});

Deno.test("chunks give the same content however they are split", () => {
  const content = fc.array(
    fc.oneof(
      piece,
      fc.constantFrom("1\r\na\r\n", '2;x="y";z=1 ;w\r\nab\r\n', "1\na\n", "0\r\n", "a\r\n"),
    ),
  );
  const decode = (whole: string, places: number[], tolerant: boolean): string => {
    const decoder = new ChunkedDecoder(40, tolerant);
    let data = "";
    let used = 0;
    for (const part of cut(whole, places)) {
      const bytes = Uint8Array.from(part, (character) => character.charCodeAt(0));
      for (let at = 0; at < bytes.length && !decoder.done;) {
        try {
          decoder.decode(bytes, at, bytes.length);
        } catch (error) {
          assert(error instanceof HttpError, `${error}`);
          return `${data} ${error.message}`;
        }
        data += String.fromCharCode(...bytes.subarray(decoder.dataFrom, decoder.dataTo));
        at += decoder.consumed;
        used += decoder.consumed;
      }
    }
    return `${data} ${decoder.done} ${used}`;
  };
  fc.assert(
    fc.property(content, fc.array(fc.nat(300)), fc.boolean(), (pieces, places, tolerant) => {
      const whole = pieces.join("");
      assertEquals(decode(whole, places, tolerant), decode(whole, [], tolerant));
    }),
    { numRuns: 5000 },
  );
});

Deno.test("any content in chunks of any sizes is decoded unchanged", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (chunks) => {
      const encoded: number[] = [];
      const ascii = (line: string) => encoded.push(...new TextEncoder().encode(line));
      for (const chunk of chunks) {
        ascii(`${chunk.length.toString(16)}\r\n`);
        encoded.push(...chunk);
        ascii("\r\n");
      }
      ascii("0\r\n\r\nrest");
      const decoder = new ChunkedDecoder(10, false);
      const bytes = Uint8Array.from(encoded);
      const decoded: number[] = [];
      let at = 0;
      while (!decoder.done) {
        decoder.decode(bytes, at, bytes.length);
        decoded.push(...bytes.subarray(decoder.dataFrom, decoder.dataTo));
        at += decoder.consumed;
      }
      assertEquals(decoded, chunks.flatMap((chunk) => [...chunk]));
      assertEquals(bytes.length - at, 4);
    }),
  );
});

Deno.test("a head that arrives byte by byte is scanned once, not again with every byte", () => {
  const lines = Array.from({ length: 100 }, () => `A: ${"x".repeat(95)}\r\n`);
  const bytes = new TextEncoder().encode(`GET / HTTP/1.1\r\n${lines.join("")}\r\n`);
  let looks = 0;
  const counted = new Proxy(bytes, {
    get(target, property) {
      if (typeof property === "string" && /^\d+$/.test(property)) looks++;
      const value = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const head = new RequestHead({ headBytes: 1 << 20, fields: 1 << 20, target: 100 });
  for (let end = 1; end <= bytes.length; end++) head.parse(counted, 0, end);
  assertEquals(head.length, bytes.length);
  // A few looks at a byte that ends a token; a square would be 50 million.
  assert(looks < 6 * bytes.length, `${looks} looks at ${bytes.length} bytes`);
});
