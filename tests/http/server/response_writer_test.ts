/** How responses are put together and cut into writes, at the exact limits of the buffers. */
import { assertEquals, assertThrows } from "@std/assert";
import { CachedBody, PreparedResponse, type Response } from "../../../lib/http/mod.ts";
import { BufferPool } from "../../../lib/http/server/buffer_pool.ts";
import {
  NO_ROOM,
  ResponseWriter,
  SOURCE_FOLLOWS,
} from "../../../lib/http/server/response_writer.ts";
import { CONNECTION_CLOSE, CONNECTION_DEFAULT } from "../../../lib/http/wire/response_encoder.ts";
import { byteAt } from "../support/body_source.ts";
import { asText, toBytes } from "../support/test_server.ts";

const BUFFER = 16 * 1024, COPIED = 8 * 1024, WHOLE = 96 * 1024, RECEIVED = 4096;

const DATE = toBytes("Date: x\r\n");

/** A writer whose stream accepts at most `most` bytes at a time. */
function open(most = Infinity, pool = new BufferPool(BUFFER, 1)) {
  const writes: string[] = [];
  let accepted = 0;
  const stream = {
    write(bytes: Uint8Array) {
      const part = bytes.subarray(0, most);
      writes.push(asText(part));
      return Promise.resolve(part.length);
    },
    read: () => Promise.resolve(null),
    closeWrite: () => Promise.resolve(),
    close: () => {},
  };
  const writer = new ResponseWriter(stream, { largeBuffers: pool, clock: { date: DATE } }, {
    waitForPeer: () => {},
    accepted: (bytes) => accepted = bytes,
  });
  /** Sends what is pending; returns the lengths of the writes, and all their bytes. */
  const flush = async () => {
    await writer.flush();
    const sent = writes.splice(0);
    assertEquals([accepted, writer.acceptedBytes], [writer.appendedBytes, writer.appendedBytes]);
    return { lengths: sent.map(({ length }) => length), text: sent.join("") };
  };
  const append = (response: Response) => writer.append(response, false, CONNECTION_DEFAULT);
  return { writer, pool, append, flush };
}

const counted = (length: number) => Uint8Array.from({ length }, (_, i) => byteAt(i));
const headOf = (length: number, fields = "") =>
  `HTTP/1.1 200 OK\r\n${asText(DATE)}${fields}Content-Length: ${length}\r\n\r\n`;

/** A response with a field such that its head takes this many bytes, for content of 0 to 9 bytes. */
function withHead(bytes: number, body = ""): Response {
  const value = "v".repeat(bytes - headOf(body.length).length - "X: \r\n".length);
  return { status: 200, fields: [["X", value]], body };
}

Deno.test("content up to 8 KB is copied after its head; longer content is sent separately", async () => {
  for (const most of [Infinity, 1000, 1]) {
    for (
      const [size, apart] of [[0, false], [1, false], [COPIED, false], [COPIED + 1, true]] as const
    ) {
      for (const body of [counted(size), asText(counted(size))]) {
        if (most === 1 && size > 1) continue;
        const { append, flush } = open(most);
        assertEquals(append({ status: 200, body }), size);
        const { lengths, text } = await flush();
        const head = headOf(size);
        assertEquals(text, head + asText(counted(size)));
        if (most === Infinity) {
          assertEquals(lengths, apart ? [head.length, size] : [head.length + size]);
        }
      }
    }
  }
});

Deno.test("content above 96 KB is sent in pieces that end at multiples of 4096 bytes", async () => {
  for (const most of [Infinity, 5000]) {
    const { append, flush } = open(most);
    for (const size of [WHOLE + 1, WHOLE, 300_000, COPIED + 1]) {
      assertEquals(append({ status: 200, body: counted(size) }), size);
      const { lengths, text } = await flush();
      const head = headOf(size);
      assertEquals(text === head + asText(counted(size)), true);
      if (most !== Infinity) continue;
      if (size <= WHOLE) assertEquals(lengths, [head.length, size]);
      else {
        assertEquals(lengths[0], BUFFER);
        for (const length of lengths.slice(0, -1)) {
          assertEquals([length % RECEIVED, length <= 15 * RECEIVED], [0, true]);
        }
      }
    }
  }
});

Deno.test("a head takes the whole buffer, and no byte more", async () => {
  const { append, flush } = open();
  assertEquals(append(withHead(BUFFER)), 0);
  assertEquals((await flush()).lengths, [BUFFER]);
  assertThrows(() => append(withHead(BUFFER + 1)), TypeError, "got 16385");
  // Content behind a large head: in the buffer as far as all of it fits.
  assertEquals(append(withHead(BUFFER - 3, "abc")), 3);
  assertEquals((await flush()).lengths, [BUFFER]);
  assertEquals(append(withHead(BUFFER - 2, "abc")), 3);
  const { lengths, text } = await flush();
  assertEquals([lengths, text.slice(-3)], [[BUFFER - 2, 3], "abc"]);
});

Deno.test("responses are collected while they fit in the buffer; others wait", async () => {
  const small = withHead(100);
  for (
    const [response, sent] of [
      [withHead(BUFFER - 100), 0],
      [withHead(BUFFER - 99), NO_ROOM],
      [withHead(BUFFER - 103, "abc"), 3],
      [withHead(BUFFER - 102, "abc"), NO_ROOM],
      [{ status: 200, body: counted(COPIED + 1) }, COPIED + 1],
    ] as [Response, number][]
  ) {
    const { writer, append, flush } = open();
    assertEquals(append(small), 0);
    assertEquals(writer.appendedBytes, 100);
    assertEquals(append(response), sent);
    if (sent === NO_ROOM) assertEquals(writer.appendedBytes, 100);
    const { lengths } = await flush();
    const together = sent === NO_ROOM ? 100 : sent <= 3 ? BUFFER : 100 + headOf(sent).length;
    assertEquals(lengths[0], together);
  }
});

Deno.test("a response can be collected after a prepared one, not after content that is sent separately", async () => {
  const small = { status: 200, body: "x" };
  const { writer, append, flush } = open();
  assertEquals(writer.pending, false);
  append({ status: 200, body: counted(COPIED + 1) });
  assertEquals([append(small), writer.pending], [NO_ROOM, true]);
  await flush();
  const prepared = new PreparedResponse({ status: 200, body: "prepared" });
  assertEquals([append(prepared), append(small), append(prepared)], [8, 1, 8]);
  const { lengths, text } = await flush();
  assertEquals(lengths.length, 1);
  assertEquals(text, `${headOf(8)}prepared${headOf(1)}x${headOf(8)}prepared`);
});

Deno.test("the head of a source's response can be retracted", async () => {
  const { writer, append, flush } = open();
  const source = { length: 5, read: () => Promise.resolve(null), close: () => {} };
  append({ status: 200, body: "x" });
  assertEquals(append({ status: 200, body: source }), SOURCE_FOLLOWS);
  writer.retractHead();
  assertEquals((await flush()).text, `${headOf(1)}x`);
});

Deno.test("a cached body is sent in one piece with its head, and shared until another head is needed", async () => {
  for (const size of [10, WHOLE, WHOLE + 1]) {
    const body = new CachedBody(size);
    body.bytes.set(counted(size));
    const response = { status: 200, body };
    const { writer, pool, append, flush } = open();
    const head = headOf(size);
    for (let i = 0; i < 3; i++) {
      assertEquals(append(response), size);
      // The buffer is free, as the head lies in front of the content.
      const buffer = pool.take();
      assertEquals(asText(buffer.subarray(0, head.length)), head);
      pool.give(buffer);
      // Nothing is collected behind it.
      assertEquals(append({ status: 200, body: "x" }), NO_ROOM);
      const { lengths, text } = await flush();
      assertEquals(text === head + asText(counted(size)), true);
      if (size <= WHOLE) assertEquals(lengths, [head.length + size]);
      else assertEquals(lengths[0] % RECEIVED, 0);
    }
    // Once its head has been sent, there is room for another.
    append(response);
    const other = { status: 200, fields: [["X", "y"]], body } as const;
    const isShared = () => {
      body.prepend(toBytes("other head"), other, DATE, CONNECTION_CLOSE);
      const message = body.borrow(other, DATE, CONNECTION_CLOSE);
      if (message !== null) body.release();
      return message === null;
    };
    writer.nextChunk();
    writer.advance(head.length - 1);
    assertEquals(isShared(), true);
    writer.advance(1);
    assertEquals(isShared(), false);
    writer.release();
    assertEquals(writer.pending, false);
  }
});

Deno.test("a released writer returns its buffer and a borrowed head", () => {
  const { writer, pool, append } = open();
  const body = new CachedBody(10);
  const response = { status: 200, body };
  append(response);
  writer.release();
  body.prepend(toBytes("head"), {}, DATE, CONNECTION_DEFAULT);
  assertEquals(body.borrow(response, DATE, CONNECTION_DEFAULT), null);
  const buffer = pool.take();
  pool.give(buffer);
  append({ status: 200, body: "x" });
  writer.release();
  assertEquals(pool.take() === buffer, true);
});

Deno.test("a cached body is lent with the same response, date and connection only", () => {
  const body = new CachedBody(3);
  const response = {}, head = toBytes("h".repeat(512));
  assertEquals(body.borrow(response, DATE, CONNECTION_DEFAULT), null);
  body.prepend(head, response, DATE, CONNECTION_DEFAULT);
  assertEquals(body.borrow(response, DATE, CONNECTION_DEFAULT)?.length, 515);
  body.release();
  assertEquals(body.borrow({}, DATE, CONNECTION_DEFAULT), null);
  assertEquals(body.borrow(response, toBytes(""), CONNECTION_DEFAULT), null);
  assertEquals(body.borrow(response, DATE, CONNECTION_CLOSE), null);
  // A head without room is not put there.
  const other = {};
  body.prepend(toBytes("h".repeat(513)), other, DATE, CONNECTION_DEFAULT);
  assertEquals(body.borrow(other, DATE, CONNECTION_DEFAULT), null);
  assertEquals(body.borrow(response, DATE, CONNECTION_DEFAULT)?.length, 515);
});
