/** What a handler sees of its request. */
import { assertEquals, assertThrows } from "@std/assert";
import type { Request } from "../../../lib/http/mod.ts";
import { asText, statuses, TestServer, toBytes } from "../support/test_server.ts";

/** UTF-8 as text with one character a byte. */
const utf8 = (text: string) => asText(new TextEncoder().encode(text));

Deno.test("the text of a request is its content as UTF-8, without a byte order mark, however it came", async () => {
  const seen: string[] = [];
  await using server = new TestServer(({ text, body }) => {
    // Twice, before and after the bytes.
    seen.push(text);
    assertEquals(new TextDecoder().decode(body), text);
    return { status: 200 };
  });
  for (
    const content of [
      "",
      "abc",
      "\u00e9\u20ac",
      "\ufeffabc",
      "\ufeff\u00e9",
      "\ufeff",
      "\ufeff\ufeffa",
    ]
  ) {
    for (const field of ["x", "\u00e9"]) {
      const bytes = utf8(content);
      const head = `POST / HTTP/1.1\r\nHost: a\r\nX: ${field}\r\n`;
      const withLength = `${head}Content-Length: ${bytes.length}\r\n\r\n`;
      const chunk = bytes === "" ? "" : `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
      const withChunks = `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`;
      const next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      for (
        const pieces of [[withLength + bytes + next], [withLength, bytes, next], [
          withChunks + next,
        ]]
      ) {
        assertEquals(statuses(await server.exchange(...pieces)), [200, 200]);
        assertEquals(seen.splice(0), [content.replace(/^\ufeff/, ""), ""]);
      }
    }
  }
});

Deno.test("path and query of a target are apart, decoded or not, in either form", async () => {
  await using server = new TestServer();
  for (
    const [target, path, query] of [
      ["/", "/", ""],
      ["/?", "/", ""],
      ["/a?b=c?d", "/a", "b=c%3Fd"],
      ["/a%3f?b=%41", "/a?", "b=A"],
      ["http://b/a?b=c", "/a", "b=c"],
      ["http://b?b=c", "/", "b=c"],
    ]
  ) {
    await server.exchange(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const { asked } = server;
    assertEquals([asked.at(-1)!.path, asked.at(-1)!.query], [path, query], target);
  }
});

Deno.test("every part of a request that its connection still needs throws after the response", async () => {
  let kept: Request | undefined;
  let ended: boolean | undefined;
  await using server = new TestServer((request) => {
    kept = request;
    ended = request.inputEnded;
    return { status: 200 };
  });
  await server.exchange("GET /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
  // Not known before the signal is asked for.
  assertEquals(ended, false);
  for (const part of ["signal", "target", "body", "text"] as const) {
    assertThrows(() => kept![part], Error, "until its handler has responded");
  }
});

Deno.test("RFC 9110 §10.1.1: an expectation counts wherever it stands", async () => {
  await using server = new TestServer();
  const post = (lines: string) => `POST / HTTP/1.1\r\n${lines}Content-Length: 1\r\n\r\n`;
  for (const lines of ["Expect: x\r\nHost: a\r\n", "Host: a\r\nExpect: x\r\n"]) {
    assertEquals(statuses(await server.exchange(post(lines) + "x")), [417]);
  }
  const early = post("Expect: 100-continue\r\nHost: a\r\n");
  assertEquals(statuses(await server.exchange(early, "x")), [100, 200]);
  assertEquals(toBytes(server.asked[0].body), toBytes("x"));
});
