/** Parsers that are given a message byte by byte, in memory that holds other bytes behind it. */
import { assertEquals } from "@std/assert";
import { CLIENT_LIMITS, HttpError } from "../../../lib/http/mod.ts";
import { ChunkedDecoder } from "../../../lib/http/wire/chunked.ts";
import { FieldsView } from "../../../lib/http/wire/fields_view.ts";
import type { MessageHead } from "../../../lib/http/wire/message_head.ts";
import { RequestHead } from "../../../lib/http/wire/request_head.ts";
import { ResponseHead } from "../../../lib/http/wire/response_head.ts";
import { asText, toBytes } from "../support/test_server.ts";

/** Bytes left over from other messages. Each means something somewhere in a message. */
const LEFT_OVER = ["\0", "x", "1", "/", "%", " ", ":", ";", ",", "\r", "\n", "\x80"];

/** How far a parser came, and the result or the error. */
type Outcome = [bytes: number, result: unknown];

/**
 * Gives a parser one byte more at a time, behind which other bytes lie, and returns the outcome.
 *
 * @param parse returns the result, or null if it needs more
 */
function byteByByte(
  text: string,
  leftOver: string,
  parse: (bytes: Uint8Array, end: number) => unknown,
): Outcome {
  for (let end = 0; end <= text.length; end++) {
    const bytes = toBytes("??" + text.slice(0, end) + leftOver.repeat(40));
    try {
      const result = parse(bytes, 2 + end);
      if (result !== null) return [end, result];
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return [end, error.status];
    }
  }
  return [text.length, null];
}

/**
 * The outcome of a head, which must not depend on what lies behind it, nor on the split, nor on
 * what the parser was used for before.
 */
function headOutcome(create: () => MessageHead, text: string): Outcome {
  const head = create();
  const parse = (bytes: Uint8Array, end: number) => {
    if (!head.parse(bytes, 2, end)) return null;
    const fields = [
      ...new FieldsView(head.fields, { headText: () => asText(bytes.subarray(2, end)) }),
    ];
    const start: unknown[] = [head.length];
    if (head instanceof RequestHead) {
      const target = text.slice(head.targetFrom, head.targetTo);
      start.push(head.minorVersion, ...head.seen(bytes, 2), target);
      start.push(head.queryMark, head.encoded, head.started);
    } else if (head instanceof ResponseHead) {
      const reason = text.slice(head.reasonFrom, head.reasonTo);
      start.push(head.minorVersion, head.status, reason, head.ascii);
    }
    return [...start, fields];
  };
  const outcomes = LEFT_OVER.map((leftOver) => {
    const outcome = byteByByte(text, leftOver, parse);
    head.reset();
    return outcome;
  });
  for (const outcome of outcomes) assertEquals(outcome, outcomes[0], JSON.stringify(text));
  // In one piece the result is the same.
  const [length, result] = outcomes[0];
  try {
    assertEquals(parse(toBytes(`??${text}`), 2 + text.length), result, JSON.stringify(text));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    assertEquals(error.status, result, JSON.stringify(text));
  }
  return [length, result];
}

/** Small limits, which the messages below reach exactly. */
const REQUEST_LIMITS = { headBytes: 30, fields: 3, target: 8 };

Deno.test("a request's head is parsed alike however it is split, up to its exact limits", () => {
  const head = () => new RequestHead(REQUEST_LIMITS);
  assertEquals(headOutcome(head, "GET / HTTP/1.1\r\n\r\n"), [
    18,
    [18, 1, "GET", "/", "/", -1, false, true, []],
  ]);
  assertEquals(headOutcome(head, "\r\nPOST /a?b%?c HTTP/1.0\r\nA:\r\nB: \t c \t\r\n\r\n"), [
    41,
    [41, 0, "POST", "/a", "/a?b%?c", 9, true, true, [["A", ""], ["B", "c"]]],
  ]);
  // The target: 8 bytes, and 9.
  assertEquals(headOutcome(head, "GET /2345678 HTTP/1.1\r\n\r\n")[1], [
    25,
    ...[1, "GET", "/2345678", "/2345678", -1, false, true],
    [],
  ]);
  for (const target of ["/23456789", "/234567%9", "/2345678?"]) {
    assertEquals(headOutcome(head, `GET ${target} HTTP/1.1\r\n\r\n`), [13, 414]);
  }
  // The method: 32 bytes, and 33.
  const [length, result] = headOutcome(head, `${"M".repeat(32)} / HTTP/1.1\r\n\r\n`);
  assertEquals([length, (result as unknown[])[2]], [47, "M".repeat(32)]);
  assertEquals(headOutcome(head, `${"M".repeat(33)} / HTTP/1.1\r\n\r\n`), [33, 501]);
  // The fields: 30 bytes, and 31; three lines, and four.
  const line = (bytes: number) => `GET / HTTP/1.1\r\nA: ${"b".repeat(bytes - 7)}\r\n\r\n`;
  assertEquals(headOutcome(head, line(30))[0], 46);
  assertEquals(headOutcome(head, line(31)), [46, 431]);
  assertEquals(headOutcome(head, `GET / HTTP/1.1\r\n${"A:b\r\n".repeat(3)}\r\n`)[0], 33);
  assertEquals(headOutcome(head, `GET / HTTP/1.1\r\n${"A:b\r\n".repeat(4)}\r\n`), [32, 431]);
  for (
    const [text, at] of [["\rx", 2], [" /", 1], ["GET /\r", 6], ["GET / HTTP/1.1\rx", 16]] as const
  ) {
    assertEquals(headOutcome(head, text), [at, 400]);
  }
});

Deno.test("a response's head is parsed alike however it is split, up to its exact limits", () => {
  const head = () => new ResponseHead({ ...CLIENT_LIMITS, headBytes: 40, fields: 3 });
  assertEquals(headOutcome(head, "HTTP/1.1 200 OK\r\nA:b\r\n c\nB b\nC: \t d\n\r\n"), [
    38,
    [38, 1, 200, "OK", true, [["A", "b c"], ["C", "d"]]],
  ]);
  assertEquals(headOutcome(head, "HTTP/1.0 999\n\n"), [14, [14, 0, 999, "", true, []]]);
  // The whole head: 40 bytes, and 41. A status line alone may not take more, either.
  assertEquals(headOutcome(head, `HTTP/1.1 200 ${"x".repeat(23)}\r\n\r\n`)[0], 40);
  assertEquals(headOutcome(head, `HTTP/1.1 200 ${"x".repeat(24)}\r\n\r\n`), [40, 431]);
  assertEquals(headOutcome(head, `HTTP/1.1 200 ${"x".repeat(50)}`), [41, 502]);
  assertEquals(headOutcome(head, `HTTP/1.1 200\n${"A:b\n".repeat(3)}\n`)[0], 26);
  assertEquals(headOutcome(head, `HTTP/1.1 200\n${"A:b\n".repeat(4)}\n`), [26, 431]);
  for (const [text, at] of [["HTTP/1.1 099", 12], ["HTTP/1.1 2000", 13], ["HTTP/2", 6]] as const) {
    assertEquals(headOutcome(head, text), [at, 502]);
  }
});

/** The outcome of a chunked body: the content, the bytes it took, or the status of the error. */
function chunkedOutcome(text: string, tolerant: boolean): Outcome {
  const outcomes = LEFT_OVER.map((leftOver) => {
    const decoder = new ChunkedDecoder(8, tolerant);
    let at = 2, content = "";
    return byteByByte(text, leftOver, (bytes, end) => {
      while (at < end && !decoder.done) {
        decoder.decode(bytes, at, end);
        content += asText(bytes.subarray(decoder.dataFrom, decoder.dataTo));
        at += decoder.consumed;
      }
      assertEquals(at <= end, true);
      return decoder.done ? content : null;
    });
  });
  for (const outcome of outcomes) assertEquals(outcome, outcomes[0], JSON.stringify(text));
  return outcomes[0];
}

Deno.test("a chunked body is decoded alike however it is split, strictly or not", () => {
  for (const tolerant of [false, true]) {
    const text = '3\r\n\r\n0\r\n2;a="\\""\r\nbc\r\n0\r\n\r\n';
    assertEquals(chunkedOutcome(text, tolerant), [text.length, "\r\n0bc"]);
    assertEquals(chunkedOutcome("3\r\nabc\rx", tolerant), [8, 400]);
    assertEquals(chunkedOutcome("3\r\nabcx", tolerant), [7, 400]);
    assertEquals(chunkedOutcome("1\rx", tolerant), [3, 400]);
    assertEquals(chunkedOutcome("0\r\n\rx", tolerant), [5, 400]);
  }
  assertEquals(chunkedOutcome("0\r\n\n", false), [4, 400]);
  for (const tolerant of [false, true]) {
    assertEquals(chunkedOutcome("0\r\nA\n", tolerant), [5, 400]);
    assertEquals(chunkedOutcome("0\r\nA:\0", tolerant), [6, 400]);
  }
  for (const text of ["1\na\r\n0\n\n", "1;x\na\n0\r\n\n", "1\na\n0\nA:\n\n"]) {
    assertEquals(chunkedOutcome(text, true), [text.length, "a"]);
    assertEquals(chunkedOutcome(text, false), [text.indexOf("\n") + 1, 400]);
  }
});

Deno.test("a request that is incomplete has the method that has arrived", () => {
  const head = new RequestHead(REQUEST_LIMITS);
  const text = "\r\nGET /a?b HTTP/1.1\r\n";
  for (let use = 0; use < 2; use++) {
    const seen: string[] = [];
    for (let end = 0; end <= text.length; end++) {
      assertEquals(head.parse(toBytes(text), 0, end), false);
      assertEquals(head.started, end > 2);
      const parts = head.seen(toBytes(text), 0).join(" ");
      if (parts !== seen.at(-1)) seen.push(parts);
    }
    assertEquals(seen, ["- -", "GET -", "GET /a"]);
    head.reset();
  }
});
