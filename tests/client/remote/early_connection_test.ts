/** A connection that waits for its first request. */
import { assertEquals } from "@std/assert";
import { EarlyConnection } from "../../../lib/client/remote/early_connection.ts";

/** A stream that gives the pieces, then ends or waits. */
function stream(pieces: string[], ends: boolean) {
  return {
    read(into: Uint8Array): Promise<number | null> {
      const piece = pieces.shift();
      if (piece !== undefined) {
        return Promise.resolve(new TextEncoder().encodeInto(piece, into).written);
      }
      return ends ? Promise.resolve(null) : new Promise(() => {});
    },
    write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
    closeWrite: () => Promise.resolve(),
    close() {},
  };
}

Deno.test("an idle connection is open, and one that the server closed is not", async () => {
  assertEquals(await new EarlyConnection(stream([], false)).hasEnded(), false);
  assertEquals(await new EarlyConnection(stream([], true)).hasEnded(), true);
  const reset = { ...stream([], true), read: () => Promise.reject(new Error("reset")) };
  assertEquals(await new EarlyConnection(reset).hasEnded(), true);
  assertEquals(await new EarlyConnection(stream([], true)).read(new Uint8Array(1)), null);
});

Deno.test("early bytes are read first, in pieces of any size, then the rest and the end", async () => {
  const early = new EarlyConnection(stream(["hello", " world"], true));
  assertEquals(await early.hasEnded(), false);
  let text = "";
  const into = new Uint8Array(3);
  for (let count; (count = await early.read(into)) !== null;) {
    text += new TextDecoder().decode(into.subarray(0, count));
  }
  // The stream of this test drops what does not fit.
  assertEquals(text, "hello wo");
  assertEquals(await early.read(into), null);
});
