import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { chooseBlocks } from "../../../lib/picture/cells/choose.ts";
import { average, type Grid } from "../../../lib/picture/pixels/grid.ts";
import { freshWasm, place } from "../../../lib/picture/wasm/wasm.ts";
import { type Colors, paletteOf } from "../../../lib/picture/cells/palette.ts";
import { type BlockSet, blockSet } from "../../../lib/picture/cells/symbols.ts";
import { type CellPaint, FLAT, paintOf } from "../support/wasm_cells.ts";

const SETS = ["half", "quadrant", "block", "sextant", "mixed"] as const;

function cellsOf(grid: Grid, set: BlockSet, colors: Exclude<Colors, "none">): CellPaint[] {
  return paintOf(chooseBlocks(grid, set, colors));
}

/** The squared error of a cell of one glyph and two colours. */
function errorOf(grid: Grid, mask: readonly boolean[] | null, front: number, back: number): number {
  let error = 0;
  for (let i = 0; i < grid.width * grid.height; i++) {
    const color = mask?.[i] ? front : back;
    for (let c = 0; c < 3; c++) {
      error += (grid.data[i * 3 + c] - (color >> (16 - 8 * c) & 255)) ** 2;
    }
  }
  return error;
}

/** The least squared error with whole components, by trying every glyph of the set. */
function leastError(grid: Grid, set: BlockSet): number {
  const mean = (mask: readonly boolean[] | null, covered: boolean) => {
    let color = 0;
    for (let c = 0; c < 3; c++) {
      let sum = 0, count = 0;
      for (let i = 0; i < grid.width * grid.height; i++) {
        if ((mask?.[i] ?? false) !== covered) continue;
        sum += grid.data[i * 3 + c];
        count++;
      }
      color = color << 8 | (count === 0 ? 0 : Math.round(sum / count));
    }
    return color;
  };
  return Math.min(
    ...[null, ...set.glyphs.map((split) => split.mask)].map((mask) =>
      errorOf(grid, mask, mean(mask, true), mean(mask, false))
    ),
  );
}

for (const symbols of SETS) {
  Deno.test(`each cell has the ${symbols} glyph and colours of least squared error`, () => {
    const set = blockSet(symbols);
    const pixels = set.across * set.down * 3;
    fc.assert(
      fc.property(
        fc.array(fc.nat(255), { minLength: pixels, maxLength: pixels }),
        // From noise to nearly flat: there the rounding of colours decides.
        fc.constantFrom(1, 0.1, 0.01),
        (values, contrast) => {
          const data = Float32Array.from(values, (value) => 100 + (value - 100) * contrast);
          const grid = { width: set.across, height: set.down, data };
          const [{ glyph, covered, rest }] = cellsOf(grid, set, "truecolor");
          const mask = glyph === FLAT ? null : set.glyphs[glyph].mask;
          const error = errorOf(grid, mask, covered, rest);
          const least = leastError(grid, set);
          // A thousandth for contrast, and what comes of rounding a colour that was moved for it.
          assert(error <= least * 1.001 + 0.06 * Math.sqrt(least * pixels) + 0.01);
        },
      ),
      { numRuns: 60 },
    );
  });
}

Deno.test("colours make up for contrast that is lost within a half, not beyond what is there", () => {
  const set = blockSet("half");
  const cell = (top: readonly number[], bottom: readonly number[]): [number, number] => {
    const values = [top, bottom].flatMap((half) => [half, half, half, half]).flat();
    const data = Float32Array.from(values.flatMap((value) => [value, value, value]));
    const grid = { width: set.across, height: set.down, data };
    const [{ covered, rest }] = cellsOf(grid, set, "truecolor");
    return [covered & 255, rest & 255];
  };
  // The means are 120 and 60.
  assertEquals(cell([70, 170], [20, 100]), [121, 59]);
  assertEquals(cell([120, 120], [60, 60]), [120, 60]);
  // White and black stay what they are.
  assertEquals(cell([255, 255], [20, 180]), [255, 98]);
});

Deno.test("a set has no two glyphs that divide a cell alike", () => {
  for (const symbols of SETS) {
    const { glyphs } = blockSet(symbols);
    const masks = glyphs.flatMap(({ mask }) => [mask, mask.map((covered) => !covered)]);
    assertEquals(new Set(masks.map(String)).size, glyphs.length * 2, symbols);
    const characters = glyphs.flatMap(({ glyph, inverse }) =>
      inverse === null ? [glyph] : [glyph, inverse]
    );
    assertEquals(new Set(characters).size, characters.length, symbols);
  }
});

Deno.test("averages keep the mean of the picture, for any two sizes", () => {
  const side = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(side, side, side, side, fc.infiniteStream(fc.nat(255)), (w, h, tw, th, values) => {
      const data = Uint8Array.from({ length: w * h }, () => values.next().value);
      const grid = average({ width: w, height: h, channels: 1, data }, tw, th);
      assertEquals([grid.width, grid.height, grid.data.length], [tw, th, tw * th * 3]);
      const mean = (list: ArrayLike<number>) =>
        Array.from(list).reduce((a, b) => a + b) / list.length;
      assert(Math.abs(mean(grid.data) - mean(data)) < 0.01);
    }),
    { numRuns: 100 },
  );
});

Deno.test("an average counts a pixel by the part that lies in the area", () => {
  const data = Uint8Array.of(0, 90, 240, 30, 30, 30, 60, 60, 60);
  const grid = average({ width: 3, height: 1, channels: 3, data }, 2, 1);
  assertEquals([...grid.data].map(Math.round), [10, 70, 170, 50, 50, 50]);
});

/** The mean colour that cells of a palette show, from afar. */
function meanShown(
  symbols: (typeof SETS)[number],
  colors: "256" | "16",
  color: number[],
): number[] {
  const set = blockSet(symbols), palette = paletteOf(colors);
  const width = 24 * set.across, height = 12 * set.down;
  const data = Float32Array.from({ length: width * height * 3 }, (_, i) => color[i % 3]);
  const cells = cellsOf({ width, height, data }, set, colors);
  const sums = [0, 0, 0];
  for (const { glyph, covered, rest } of cells) {
    const mask = glyph === FLAT ? [false] : set.glyphs[glyph].mask;
    const share = mask.filter(Boolean).length / mask.length;
    for (let c = 0; c < 3; c++) {
      sums[c] += palette[covered * 3 + c] * share + palette[rest * 3 + c] * (1 - share);
    }
  }
  return sums.map((sum) => sum / cells.length);
}

for (const colors of ["256", "16"] as const) {
  Deno.test(`with ${colors} colours, a plain area keeps its mean colour`, () => {
    for (const color of [[100, 100, 100], [120, 60, 40], [20, 30, 70], [200, 180, 90]]) {
      for (const symbols of SETS) {
        const mean = meanShown(symbols, colors, color);
        // A colour as far from all others as most are would be off by 20 to 60 without dithering.
        const most = colors === "256" ? 6 : 16;
        mean.forEach((value, c) => {
          assert(Math.abs(value - color[c]) < most, `${symbols}: ${mean} for ${color}`);
        });
      }
    }
  });
}

for (const [colors, first] of [["256", 16], ["16", 0]] as const) {
  Deno.test(`the nearest of ${colors} colours is found`, () => {
    const palette = paletteOf(colors);
    const wasm = freshWasm();
    wasm.openPalette(place(wasm, palette), Number(colors));
    // Errors that were handed on lead beyond black and white.
    const component = fc.double({ min: -100, max: 400, noNaN: true });
    fc.assert(fc.property(component, component, component, (red, green, blue) => {
      const distance = (n: number) =>
        (palette[n * 3] - red) ** 2 + (palette[n * 3 + 1] - green) ** 2 +
        (palette[n * 3 + 2] - blue) ** 2;
      const found = wasm.nearestColor(red, green, blue);
      assert(found >= first && found < Number(colors), "below, the colours are the user's");
      for (let n = first; n < Number(colors); n++) assert(distance(found) <= distance(n) + 0.5);
    }));
  });
}
