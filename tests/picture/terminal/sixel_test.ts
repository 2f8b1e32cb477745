/**
 * Sixels, read back and compared with the plainest error diffusion.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { encodeSixel } from "../../../lib/picture/terminal/sixel.ts";

/** The levels of red, green and blue. */
const LEVELS = [6, 7, 6];

/** The colours of the pixels, each in percent, as a terminal reads them. */
function pixelsOf(text: string, width: number, height: number): number[][] {
  // deno-lint-ignore no-control-regex -- what terminals are commanded with
  const body = /^\x1bP0;1;0q"1;1;\d+;\d+(.*)\x1b\\\n$/s.exec(text)![1];
  const colors = new Map<string, number[]>();
  const pixels: number[][] = Array.from({ length: width * height }, () => []);
  let color: number[] = [], x = 0, top = 0;
  for (
    const [token, defined, rgb, used, count, sixel] of body.matchAll(
      /#(\d+);2;(\d+;\d+;\d+)|#(\d+)|(?:!(\d+))?([?-~])|[-$]/g,
    )
  ) {
    if (defined !== undefined) colors.set(defined, rgb.split(";").map(Number));
    else if (used !== undefined) color = colors.get(used)!;
    else if (token === "$") x = 0;
    else if (token === "-") [x, top] = [0, top + 6];
    else {
      for (let i = 0; i < Number(count ?? 1); i++, x++) {
        for (let bit = 0; bit < 6; bit++) {
          if ((sixel.charCodeAt(0) - 63 >> bit & 1) === 0) continue;
          assertEquals(pixels[(top + bit) * width + x], [], "no pixel has two colours");
          pixels[(top + bit) * width + x] = color;
        }
      }
    }
  }
  return pixels;
}

/** Floyd and Steinberg, in a table of numbers. */
function diffused(width: number, height: number, rgb: Uint8Array): number[][] {
  const wanted = Float32Array.from(rgb);
  const pixels: number[][] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels.push(LEVELS.map((levels, c) => {
        const at = (y * width + x) * 3 + c;
        const step = Math.max(0, Math.min(levels - 1, Math.round(wanted[at] * (levels - 1) / 255)));
        const value = step * 255 / (levels - 1), error = wanted[at] - value;
        for (const [right, down, share] of [[1, 0, 7], [-1, 1, 3], [0, 1, 5], [1, 1, 1]]) {
          const isIn = x + right >= 0 && x + right < width && y + down < height;
          if (isIn) wanted[at + (down * width + right) * 3] += error * share / 16;
        }
        return Math.round(value / 2.55);
      }));
    }
  }
  return pixels;
}

const picture = fc.record({
  width: fc.integer({ min: 1, max: 12 }),
  height: fc.integer({ min: 1, max: 14 }),
})
  .chain(({ width, height }) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      // Steps of eights, so that no error is rounded one way here and the other way there.
      rgb: fc.array(fc.oneof(fc.nat(31).map((value) => value * 8), fc.constantFrom(0, 255)), {
        minLength: width * height * 3,
        maxLength: width * height * 3,
      }).map((values) => Uint8Array.from(values)),
    })
  );

Deno.test("sixels hold every pixel once, in the colour that diffusing the error gives", () => {
  fc.assert(fc.property(picture, ({ width, height, rgb }) => {
    const text = encodeSixel({ width, height, rgb, columns: 1, rows: 1 });
    const [found, expected] = [pixelsOf(text, width, height), diffused(width, height, rgb)];
    // Two ways of adding may round a value between two levels differently.
    const different = found.filter((color, i) => String(color) !== String(expected[i]));
    assertEquals(different.length <= found.length / 20, true, `${found} is not ${expected}`);
  }));
});

Deno.test("four equal sixels are counted, three are not, and the empty end is left out", () => {
  const row = (...whites: number[]) => {
    const rgb = Uint8Array.from(whites.flatMap((white) => Array(3).fill(white * 255)));
    return encodeSixel({ width: whites.length, height: 1, rgb, columns: 1, rows: 1 })
      .split("#").filter((part) => !part.includes(";")).map((part) => part.split("\x1b")[0]);
  };
  const [black, white] = ["0", "251"];
  assertEquals(row(1, 1, 1, 1), [`${white}!4@`]);
  assertEquals(row(1, 1, 1), [`${white}@@@`]);
  assertEquals(row(1, 0, 0, 0, 0, 1), [`${white}@!4?@$`, `${black}?!4@`]);
  assertEquals(row(0, 1, 0), [`${black}@?@$`, `${white}?@`]);
});
