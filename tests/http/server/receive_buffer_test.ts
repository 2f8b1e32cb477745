/** The memory that a connection receives into. */
import { assertEquals } from "@std/assert";
import { BufferPool } from "../../../lib/http/server/buffer_pool.ts";
import { ReceiveBuffer } from "../../../lib/http/server/receive_buffer.ts";
import { toBytes } from "../support/test_server.ts";

const SMALL = 8, LARGE = 32;

/** A buffer with its pools, which allocate one buffer at a time. */
function open() {
  const small = new BufferPool(SMALL, 1), large = new BufferPool(LARGE, 1);
  const input = new ReceiveBuffer(small, large);
  /** Receives a text where the next bytes go. */
  const receive = (text: string, least?: number) => {
    const room = input.space(least);
    room.set(toBytes(text));
    input.end += text.length;
    return room.length;
  };
  const content = () => new TextDecoder().decode(input.bytes.subarray(input.start, input.end));
  return { small, large, input, receive, content };
}

/** Whether a pool has this buffer to give. */
function has(pool: BufferPool, buffer: Uint8Array<ArrayBuffer>): boolean {
  const taken = pool.take();
  pool.give(taken);
  return taken === buffer;
}

Deno.test("free space is used up before bytes are moved, and bytes are moved before the buffer grows", () => {
  const { input, receive, content } = open();
  const first = input.bytes;
  assertEquals([receive("abc"), receive("def", 5), receive("gh")], [8, 5, 2]);
  assertEquals([input.bytes === first, content()], [true, "abcdefgh"]);
  // Half of it is used: the rest moves to the front.
  input.start = 4;
  assertEquals([receive("i"), input.start, content()], [4, 0, "efghi"]);
  input.start = 1;
  assertEquals([receive("jkl", 3), input.start, content()], [3, 1, "fghijkl"]);
  assertEquals(input.bytes === first, true);
  // More than half of it is.
  assertEquals([receive("m"), input.start, content()], [25, 0, "fghijklm"]);
  assertEquals([input.bytes.length, receive("n".repeat(24))], [LARGE, 24]);
  assertEquals([receive("o"), input.bytes.length], [LARGE, 2 * LARGE]);
  assertEquals(content(), `fghijklm${"n".repeat(24)}o`);
});

Deno.test("a buffer returns to its pool when it is replaced, and at the end", () => {
  const { small, large, input, receive } = open();
  const first = input.bytes;
  assertEquals(has(small, first), false);
  receive("x".repeat(SMALL));
  receive("y");
  const second = input.bytes;
  assertEquals([has(small, first), has(large, second)], [true, false]);
  receive("z".repeat(LARGE - SMALL - 1));
  receive("z");
  assertEquals(has(large, second), true);
  input.settle();
  assertEquals([input.bytes === first, input.start, input.end], [true, 0, 0]);
  assertEquals(has(small, first), false);
  input.settle();
  assertEquals(input.bytes === first, true);
  receive("x".repeat(SMALL));
  receive("y");
  input.settle();
  assertEquals([input.bytes === first, has(large, second)], [true, true]);
  input.release();
  assertEquals([has(small, first), input.bytes.length], [true, 0]);
});
