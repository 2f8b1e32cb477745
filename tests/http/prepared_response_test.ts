/** Responses that are encoded once a second. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { PreparedResponse, type RequestEnd } from "../../lib/http/mod.ts";
import { dateLine } from "../../lib/http/wire/response_encoder.ts";
import { asText, statuses, TestServer } from "./support/test_server.ts";

const FIELDS = [["X-One", "1"]] as const;

/** What a server with this response sends to these requests, without the date. */
async function exchanged(response: PreparedResponse, ...requests: string[]): Promise<string> {
  await using server = new TestServer(() => response);
  const received = await server.exchange(requests.join(""));
  assertEquals(statuses(received), requests.map(() => response.status));
  return received.replaceAll(/^Date: .*\r\n/gm, "");
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n", head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";

Deno.test("a prepared response is sent like any other, to HEAD without its content", async () => {
  const response = new PreparedResponse({ status: 200, fields: FIELDS, body: "grüße" });
  const fields = "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 7\r\n";
  const whole = `${fields}\r\ngrüße`;
  assertEquals(
    new TextDecoder().decode(Uint8Array.from(
      await exchanged(response, get, head, get, get),
      (byte) => byte.charCodeAt(0),
    )),
    whole + `${fields}\r\n` + whole + whole,
  );
});

Deno.test("a prepared response says whether the connection persists", async () => {
  const response = new PreparedResponse({ status: 404, body: "no" });
  const old = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  const last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  assertMatch(
    await exchanged(response, get, old, last),
    /^[^:]*Content-Length: 2\r\n\r\nno[^:]*C.*2\r\nConnection: keep-alive\r\n\r\nno[^:]*C.*2\r\nConnection: close\r\n\r\nno$/s,
  );
});

Deno.test("a prepared response has its Date from the second in which it is sent", () => {
  const response = new PreparedResponse({ status: 200, body: "x" });
  for (const instant of [0, 86_400_000]) {
    const text = asText(response.bytes(dateLine(instant), false));
    assertMatch(text, new RegExp(`\r\nDate: ${new Date(instant).toUTCString()}\r\n`));
  }
});

Deno.test("204 and 304 have no content, prepared or not", async () => {
  assertEquals(
    await exchanged(new PreparedResponse({ status: 204, fields: FIELDS }), get),
    "HTTP/1.1 204 No Content\r\nX-One: 1\r\n\r\n",
  );
  assertEquals(
    await exchanged(new PreparedResponse({ status: 304, body: "abc" }), get, head),
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n".repeat(2),
  );
});

Deno.test("the observer receives the number of content bytes of a prepared response", async () => {
  const counts: number[] = [];
  const responded = ({ bodyBytes }: RequestEnd) => {
    counts.push(bodyBytes);
  };
  for (const status of [200, 304]) {
    const response = new PreparedResponse({ status, body: "abc" });
    await using server = new TestServer(() => response, { observer: { responded } });
    await server.exchange(get + head + get);
  }
  assertEquals(counts, [3, 0, 3, 0, 0, 0]);
});

Deno.test("a response that is invalid or takes more than 4 KB cannot be prepared", () => {
  assertThrows(() => new PreparedResponse({ status: 99 }), TypeError);
  assertThrows(() => new PreparedResponse({ status: 200, fields: [["a b", "c"]] }), TypeError);
  const [whole] = /^[^]*\r\n\r\n/.exec(
    asText(new PreparedResponse({ status: 200, body: "x".repeat(3000) }).bytes(dateLine(0), true)),
  )!;
  const room = 4096 - whole.length;
  const longest = new PreparedResponse({ status: 200, body: new Uint8Array(room) });
  assertEquals(longest.bytes(dateLine(0), false).length, 4096);
  const tooLong = new PreparedResponse({ status: 200, body: new Uint8Array(room + 1) });
  assertThrows(() => tooLong.bytes(dateLine(0), false), TypeError, "got 4097");
  assertThrows(() => new PreparedResponse({ status: 200, body: "x".repeat(4096) }), TypeError);
  assertThrows(
    () => new PreparedResponse({ status: 200, fields: [["X", "x".repeat(4096)]] }),
    TypeError,
  );
});
