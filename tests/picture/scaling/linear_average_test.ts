/**
 * Averages of light, against the plainest way to compute them.
 *
 * @module
 */
import { assert } from "@std/assert";
import fc from "fast-check";
import type { Raster } from "../../../lib/picture/pixels/raster.ts";
import { averageLight } from "../../../lib/picture/scaling/linear_average.ts";

const lightOf = (value: number) =>
  value <= 0.04045 * 255 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const valueOf = (light: number) =>
  255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055);

/** How much of a sample lies in an area, both along one line. */
function overlap(sample: number, samples: number, area: number, areas: number): number {
  const from = Math.max(sample / samples, area / areas);
  const to = Math.min((sample + 1) / samples, (area + 1) / areas);
  return Math.max(0, to - from);
}

/** The average of an area: premultiplied light and alpha, then the colour of it. */
function average(
  { width, height, pixels }: Picture,
  x: number,
  y: number,
  across: number,
  down: number,
): number[] {
  const sums = [0, 0, 0, 0];
  let whole = 0;
  pixels.forEach(([red, green, blue, alpha], i) => {
    const share = overlap(i % width, width, x, across) *
      overlap(Math.floor(i / width), height, y, down);
    [red, green, blue].forEach((value, c) => sums[c] += lightOf(value) * share * alpha / 255);
    sums[3] += share * alpha / 255;
    whole += share;
  });
  const color = sums.slice(0, 3).map((sum) => sums[3] < 1e-9 ? 0 : valueOf(sum / sums[3]));
  return [...color, sums[3] / whole * 255];
}

/** Pixels, RGB and alpha. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly (readonly [number, number, number, number])[];
}

/** Lays pixels over a grey. */
function over({ width, height, pixels }: Picture, under: number, channels: 1 | 3): Raster {
  const data = pixels.flatMap(([red, green, blue, alpha]) =>
    (channels === 1 ? [red] : [red, green, blue])
      .map((value) => Math.round((value * alpha + under * (255 - alpha)) / 255))
  );
  return { width, height, channels, data: Uint8Array.from(data) };
}

const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 255));
const side = fc.integer({ min: 1, max: 9 });
const picture = (alpha: fc.Arbitrary<number>) =>
  fc.tuple(side, side, fc.boolean()).chain(([width, height, isGrey]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      channels: fc.constant(isGrey ? 1 as const : 3 as const),
      // A grey picture has the same value thrice.
      pixels: fc.array(fc.tuple(byte, byte, byte, alpha), {
        minLength: width * height,
        maxLength: width * height,
      }).map((pixels) =>
        isGrey ? pixels.map(([v, , , a]): [number, number, number, number] => [v, v, v, a]) : pixels
      ),
      across: fc.integer({ min: 1, max: width }),
      down: fc.integer({ min: 1, max: height }),
    })
  );

Deno.test("an area has the average light of what lies in it", async () => {
  await fc.assert(
    fc.asyncProperty(picture(fc.constant(255)), async (shape) => {
      const { across, down, channels } = shape;
      const size = { width: across, height: down };
      const { rgba } = await averageLight(over(shape, 0, channels), null, size, null);
      for (let i = 0; i < across * down; i++) {
        const expected = average(shape, i % across, Math.floor(i / across), across, down);
        expected.forEach((value, c) => assert(Math.abs(rgba[i * 4 + c] - value) <= 1));
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("transparent pixels are weighted by their alpha, and their colour is ignored", async () => {
  // Opaque or not at all: nothing of a colour is lost over black and white.
  await fc.assert(
    fc.asyncProperty(picture(fc.constantFrom(0, 255)), async (shape) => {
      const { across, down, channels } = shape;
      const [onBlack, onWhite] = [over(shape, 0, channels), over(shape, 255, channels)];
      const size = { width: across, height: down };
      const { rgba } = await averageLight(onBlack, onWhite, size, null);
      for (let i = 0; i < across * down; i++) {
        const expected = average(shape, i % across, Math.floor(i / across), across, down);
        expected.forEach((value, c) => assert(Math.abs(rgba[i * 4 + c] - value) <= 1));
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("half transparent pixels keep their colour as far as it is left, and their alpha", async () => {
  const alphas = fc.integer({ min: 100, max: 255 });
  await fc.assert(
    fc.asyncProperty(picture(alphas), async (shape) => {
      const { width, height, channels } = shape;
      const [onBlack, onWhite] = [over(shape, 0, channels), over(shape, 255, channels)];
      const { rgba } = await averageLight(onBlack, onWhite, { width, height }, null);
      shape.pixels.forEach((pixel, i) =>
        pixel.forEach((value, c) => assert(Math.abs(rgba[i * 4 + c] - value) <= 4))
      );
    }),
  );
});

Deno.test("colours are converted after they were averaged", async () => {
  const raster = { width: 2, height: 1, channels: 3, data: new Uint8Array(6).fill(9) } as const;
  const seen: number[][] = [];
  const { rgba } = await averageLight(raster, null, { width: 2, height: 1 }, (data) => {
    seen.push([...data].map(Math.round));
    data.fill(77);
  });
  assert(seen.length === 1 && seen[0].join() === "9,9,9,9,9,9");
  assert([...rgba].join() === "77,77,77,255,77,77,77,255");
});
