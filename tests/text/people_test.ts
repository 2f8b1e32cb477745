/** Sizes, dates and file names, as people read them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { byteSize } from "../../lib/text/byte_size.ts";
import { localTime } from "../../lib/text/local_time.ts";
import { WINDOWS_DEVICE } from "../../lib/text/windows_names.ts";

Deno.test("a size has up to three digits and a binary unit", () => {
  const sizes = [0, 999, 1000, 1024, 10_230, 102_300, 1_048_576, 2 ** 50].map(byteSize);
  assertEquals(sizes, [
    "0 B",
    "999 B",
    "0.98 KiB",
    "1.00 KiB",
    "9.99 KiB",
    "99.9 KiB",
    "1.00 MiB",
    "1024 TiB",
  ]);
});

Deno.test("an instant is given in local time, every part with its zeros", () => {
  const seconds = new Date(2026, 0, 2, 3, 4, 5).getTime() / 1000;
  assertEquals(localTime(seconds), "2026-01-02 03:04:05");
  assertMatch(localTime(8.64e12), /^27576[0-9]-/);
});

Deno.test("Windows takes these names for devices, with any case, spaces and extension", () => {
  for (const name of ["con", "CON.jpg", "aux  .png", "com1", "lpt¹.gif", "conout$"]) {
    assert(WINDOWS_DEVICE.test(name), name);
  }
  for (const name of ["console.jpg", "com.jpg", "com10", "xcon"]) {
    assert(!WINDOWS_DEVICE.test(name), name);
  }
});
