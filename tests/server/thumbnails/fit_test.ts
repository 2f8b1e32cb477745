/** The parameter `fit`. */
import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../../lib/http/mod.ts";
import { parseFit } from "../../../lib/server/thumbnails/fit.ts";

Deno.test("the larger side is rounded up to the next step", () => {
  for (
    const [text, box] of [
      ["1x1", 160],
      ["160x160", 160],
      ["161x1", 320],
      ["1x161", 320],
      ["640x480", 640],
      ["1000x1281", 2560],
      ["2560x2560", 2560],
      ["2561x1", 2560],
      ["65535x65535", 2560],
    ] as const
  ) assertEquals(parseFit(text), box, text);
});

Deno.test("anything but two sides from 1 to 65535 is a 400 that says so", () => {
  const wrong = ["", "x", "1", "1x", "x1", "0x1", "1x0", "65536x1", "1x65536", "-1x1", "1.5x2"];
  for (const text of [...wrong, "1X1", " 1x1", "1x1x1", "１x１", "1e3x1", "999999x1"]) {
    const error = assertThrows(() => parseFit(text), HttpError, '"fit" must be two numbers');
    assertEquals(error.status, 400, text);
  }
});
