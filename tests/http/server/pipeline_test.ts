/** Pipelined requests of any kind get whole responses in order. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  CachedBody,
  PreparedResponse,
  type Request,
  type Response,
} from "../../../lib/http/mod.ts";
import { byteAt, CountedSource } from "../support/body_source.ts";
import { asText, readAll, TestServer, toBytes } from "../support/test_server.ts";

/** One request of a pipeline and its response. */
interface Exchange {
  readonly kind: "text" | "bytes" | "repeated" | "prepared" | "source" | "long head";
  /** Bytes of the response's content. */
  readonly length: number;
  /** Whether the handler gives a promise. */
  readonly later: boolean;
  /** Whether it asks for the signal, so that the next requests are read while it works. */
  readonly watches: boolean;
  /** Bytes of the request's content; 0 for none. */
  readonly content: number;
  readonly chunked: boolean;
  readonly expects: boolean;
  /** Bytes of a field that only makes the request's head longer. */
  readonly padding: number;
}

const exchange: fc.Arbitrary<Exchange> = fc.record({
  kind: fc.constantFrom("text", "bytes", "repeated", "prepared", "source", "long head"),
  length: fc.oneof(fc.nat(50), fc.nat(8_300), fc.nat(100_000)),
  later: fc.boolean(),
  watches: fc.boolean(),
  content: fc.oneof(fc.constant(0), fc.nat(3_000)),
  chunked: fc.boolean(),
  expects: fc.boolean(),
  padding: fc.oneof(fc.constant(0), fc.nat(9_000)),
});

function requestText({ content, chunked, expects, padding }: Exchange, index: number): string {
  const body = "z".repeat(content);
  const expect = expects && content > 0 ? "Expect: 100-continue\r\n" : "";
  const start = `POST /${index} HTTP/1.1\r\nHost: a\r\nX: ${"p".repeat(padding)}\r\n${expect}`;
  if (content === 0) return `${start}\r\n`;
  if (!chunked) return `${start}Content-Length: ${content}\r\n\r\n${body}`;
  return `${start}Transfer-Encoding: chunked\r\n\r\n${
    content.toString(16)
  }\r\n${body}\r\n0\r\n\r\n`;
}

/** What the source gives, so that content in the wrong place is noticed. */
const contentOf = (length: number) => CONTENT.slice(0, length);

const CONTENT = asText(Uint8Array.from({ length: 100_000 }, (_, i) => byteAt(i)));

/** Bytes of content that a prepared response surely has room for, whatever UTF-8 makes of them. */
const PREPARED_BYTES = 1_500;

const repeated = new Map<number, Response>();

function responseOf({ kind, length }: Exchange): Response {
  switch (kind) {
    case "text":
      return { status: 200, body: contentOf(length) };
    case "bytes":
      return { status: 200, body: toBytes(contentOf(length)) };
    case "prepared":
      return new PreparedResponse({ status: 200, body: contentOf(length % PREPARED_BYTES) });
    case "source":
      return { status: 200, body: new CountedSource(length, length, 5_000) };
    case "long head":
      return {
        status: 200,
        fields: [["X", "v".repeat(length % 15_000)]],
        body: contentOf(length % 8_193),
      };
    case "repeated": {
      let response = repeated.get(length);
      if (response === undefined) {
        const body = new CachedBody(length);
        body.bytes.set(toBytes(contentOf(length)));
        repeated.set(length, response = { status: 200, body });
      }
      return response;
    }
  }
}

/** The contents of the responses in a text, one after the other, without interim ones. */
function contents(received: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < received.length;) {
    const end = received.indexOf("\r\n\r\n", at) + 4;
    const head = received.slice(at, end);
    const length = /^HTTP\/1\.1 100 /.test(head)
      ? 0
      : Number(/^HTTP\/1\.1 200 .*\r\nContent-Length: (\d+)\r\n/s.exec(head)?.[1]);
    if (!/^HTTP\/1\.1 100 /.test(head)) found.push(received.slice(end, end + length));
    at = Number.isNaN(length) ? received.length : end + length;
  }
  return found;
}

Deno.test("pipelined requests of every kind get responses of every kind whole and in order", async () => {
  const pipeline = fc.array(exchange, { minLength: 1, maxLength: 12 });
  const capacity = fc.constantFrom(500, 5_000, Infinity);
  const piece = fc.constantFrom(7, 1_000, Infinity);
  await fc.assert(
    fc.asyncProperty(pipeline, capacity, piece, async (exchanges, capacity, piece) => {
      const faults: unknown[] = [];
      const handler = async ({ body }: Request, one: Exchange): Promise<Response> => {
        assertEquals(asText(body), "z".repeat(one.content));
        await new Promise((resolve) => setTimeout(resolve, 0));
        return responseOf(one);
      };
      await using server = new TestServer((request) => {
        const one = exchanges[Number(request.path.slice(1))];
        if (one.watches) assertEquals(request.signal.aborted, false);
        return one.later ? handler(request, one) : responseOf(one);
      }, { observer: { failed: (_peer, error) => faults.push(error) } });
      const stream = server.connect("192.0.2.7", capacity);
      const received = readAll(stream);
      const request = toBytes(exchanges.map(requestText).join(""));
      for (let at = 0; at < request.length;) {
        at += await stream.write(request.subarray(at, at + piece));
      }
      await stream.closeWrite();
      const expected = exchanges.map(({ kind, length }) =>
        contentOf(
          kind === "long head"
            ? length % 8_193
            : kind === "prepared"
            ? length % PREPARED_BYTES
            : length,
        )
      );
      assertEquals(contents(await received), expected);
      assertEquals(faults, []);
      stream.close();
    }),
    { numRuns: 60 },
  );
});
