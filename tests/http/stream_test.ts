/** What can be said about any byte stream. */
import { assertEquals } from "@std/assert";
import { isDisconnect } from "../../lib/http/mod.ts";
import { drain, isReset } from "../../lib/http/stream.ts";

const { errors } = Deno;
const RESETS = [
  errors.ConnectionReset,
  errors.ConnectionAborted,
  errors.BrokenPipe,
  errors.UnexpectedEof,
];
const ENDS = [errors.BadResource, errors.Interrupted, errors.NotConnected, errors.TimedOut];

Deno.test("a reset, a time-out and a stream closed here are disconnects; a fault is not", () => {
  for (const kind of RESETS) {
    assertEquals([isReset(new kind()), isDisconnect(new kind())], [true, true], kind.name);
  }
  for (const kind of ENDS) {
    assertEquals([isReset(new kind()), isDisconnect(new kind())], [false, true], kind.name);
  }
  const coded = (code: string) => Object.assign(new Error(), { code });
  for (const code of ["EPIPE", "ECONNRESET", "ETIMEDOUT", "ERR_STREAM_DESTROYED"]) {
    assertEquals([isReset(coded(code)), isDisconnect(coded(code))], [false, true], code);
  }
  for (
    const fault of [new Error(), coded("ENOENT"), new errors.NotFound(), { code: "EPIPE" }, null]
  ) assertEquals([isReset(fault), isDisconnect(fault)], [false, false]);
});

Deno.test("draining ends at the limit, or with the input", async () => {
  for (const [available, limit, reads] of [[Infinity, 30, 3], [Infinity, 31, 4], [20, 90, 3]]) {
    let given = 0, count = 0;
    const stream = {
      read(into: Uint8Array) {
        count++;
        if (given >= available) return Promise.resolve(null);
        given += into.length;
        return Promise.resolve(into.length);
      },
      write: () => Promise.reject(new Error("written to")),
      closeWrite: () => Promise.reject(new Error("ended")),
      close: () => {},
    };
    await drain(stream, new Uint8Array(10), limit);
    assertEquals(count, reads);
  }
});
