import { assert, assertEquals } from "@std/assert";
import { identify } from "../../../lib/picture/mod.ts";
import { canvas, colorOf, decoded, fixture, oriented, shown } from "../support/pictures.ts";

type Color = readonly number[];

/** The fixtures' four quarters: upper left, upper right, lower left, lower right. */
const COLORS: Color[] = [[224, 32, 32], [32, 192, 64], [32, 64, 224], [240, 240, 240]];

async function quarters(bytes: Uint8Array): Promise<Color[]> {
  const rows = await shown(bytes, canvas(4, 2));
  assertEquals(rows.map((row) => row.length), [4, 4]);
  return [rows[0][0], rows[0][3], rows[1][0], rows[1][3]].map(colorOf);
}

function assertNear(actual: readonly Color[], expected: readonly Color[], tolerance: number) {
  actual.forEach((color, i) =>
    color.forEach((value, c) => {
      const off = Math.abs(value - expected[i][c]);
      assert(off <= tolerance, `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
    })
  );
}

const IN_COLOR = [
  "baseline.jpg",
  "progressive.jpg",
  "cmyk.jpg",
  "rgb8.png",
  "rgb16.png",
  "palette.png",
  "interlaced.png",
  "interlaced.gif",
  "rgb.tif",
  "big_endian.tif",
  "lzw.tif",
  "deflate.tif",
  "packbits.tif",
  "cmyk.tif",
  "planes.tif",
  "jpeg.tif",
  "jpeg_ycbcr.tif",
  "jpeg_cmyk.tif",
  "bigtiff.tif",
  "float.tif",
  "float_predictor.tif",
  "ten_bits.tif",
  "twelve_bits.tif",
  "long_predictor.tif",
];

for (const name of IN_COLOR) {
  Deno.test(`${name} is drawn in its colours`, async () => {
    assertNear(await quarters(await fixture(name)), COLORS, /jpe?g/.test(name) ? 3 : 0);
  });
}

for (const name of ["grey.jpg", "grey8.png", "grey16.png", "grey.tif"]) {
  Deno.test(`${name} is drawn in greys`, async () => {
    const greys = await quarters(await fixture(name));
    assertNear(greys, [[73, 73, 73], [149, 149, 149], [69, 69, 69], [240, 240, 240]], 2);
    assert(greys.every(([red, green, blue]) => red === green && green === blue));
  });
}

Deno.test("a PNG of one bit a pixel is drawn in black and white", async () => {
  const black = [0, 0, 0], white = [255, 255, 255];
  assertEquals(await quarters(await fixture("grey1.png")), [black, white, black, white]);
});

Deno.test("CMYK without Adobe's segment is drawn as ink, not inverted", async () => {
  const marked = await fixture("cmyk.jpg");
  const bare = new Uint8Array([...marked.subarray(0, 2), ...marked.subarray(18)]);
  // The first quarter's stored values are 154, 165, 18, 224; read as inks, that is nearly black.
  const [first] = await quarters(bare);
  assertNear([first], [[12, 11, 29]], 2);
});

Deno.test("a JPEG whose components call themselves R, G and B is no YCbCr", async () => {
  const jpeg = (await fixture("baseline.jpg")).slice();
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
  const scan = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xda);
  [..."RGB"].forEach((letter, i) => {
    jpeg[frame + 10 + i * 3] = jpeg[scan + 5 + i * 2] = letter.charCodeAt(0);
  });
  // The stored values of the quarters are their luma and chroma.
  const stored = [[89, 96, 224], [130, 91, 58], [73, 213, 99], [240, 128, 128]];
  const jfif = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xe0);
  if (jfif < 0) throw new Error("the fixture is a JFIF file");
  assertNear(await quarters(jpeg), COLORS, 3);
  jpeg[jfif + 4] = 0;
  assertNear(await quarters(jpeg), stored, 3);
});

for (const name of ["rgba8.png", "rgba16.png", "alpha.tif", "alpha_associated.tif"]) {
  Deno.test(`${name} lies over the background by its alpha`, async () => {
    const [clear, half, solid] = await quarters(await fixture(name));
    assertNear([clear, half, solid], [[0, 0, 0], [16, 96, 32], [32, 64, 224]], 1);
    const rows = await shown(await fixture(name), canvas(4, 2, { background: [200, 100, 0] }));
    assertNear([colorOf(rows[0][0]), colorOf(rows[0][3])], [[200, 100, 0], [116, 146, 32]], 1);
  });
}

Deno.test("grey with alpha lies over the background", async () => {
  const [clear, half, solid] = await quarters(await fixture("grey_alpha.png"));
  assertNear([clear, half, solid], [[0, 0, 0], [74, 74, 74], [69, 69, 69]], 2);
});

Deno.test("an interlaced PNG of odd size has every pixel in its place (Adam7, PNG 8.2)", async () => {
  const interlaced = await decoded(await fixture("interlaced_odd.png"));
  const plain = await decoded(await fixture("plain_odd.png"));
  assertEquals([plain.width, plain.height], [61, 47]);
  assertEquals(interlaced, plain);
});

/**
 * Where the four quarters of the stored picture are seen, by orientation (EXIF 2.3, tag 0x0112).
 */
const SEEN: Record<number, number[]> = {
  1: [0, 1, 2, 3],
  2: [1, 0, 3, 2],
  3: [3, 2, 1, 0],
  4: [2, 3, 0, 1],
  5: [0, 2, 1, 3],
  6: [2, 0, 3, 1],
  7: [3, 1, 2, 0],
  8: [1, 3, 0, 2],
};

for (const [orientation, places] of Object.entries(SEEN)) {
  Deno.test(`EXIF orientation ${orientation} is drawn upright`, async () => {
    const jpeg = await fixture("baseline.jpg");
    for (const little of [true, false]) {
      const turned = oriented(jpeg, Number(orientation), little);
      const swapped = Number(orientation) > 4;
      assertEquals(identify(turned), {
        type: "jpeg",
        width: swapped ? 48 : 64,
        height: swapped ? 64 : 48,
      });
      const rows = await shown(turned, canvas(4, 4));
      const [first, last] = [rows[0], rows.at(-1)!];
      assertEquals([first.length, rows.length], swapped ? [4, 3] : [4, 2]);
      const corners = [first[0], first.at(-1)!, last[0], last.at(-1)!].map(colorOf);
      assertNear(corners, places.map((place) => COLORS[place]), 3);
    }
  });
}

Deno.test("an orientation that does not exist counts as upright", async () => {
  assertNear(await quarters(oriented(await fixture("baseline.jpg"), 9, true)), COLORS, 3);
});

Deno.test("a TIFF's orientation is applied", async () => {
  const bytes = await fixture("turned.tif");
  assertEquals(identify(bytes), { type: "tiff", width: 48, height: 64 });
  const rows = await shown(bytes, canvas(4, 4));
  assertEquals(colorOf(rows[0][0]), COLORS[2]);
});

Deno.test("the first bytes determine type and size; other types are not pictures", async () => {
  assertEquals(identify(await fixture("rgb8.png")), { type: "png", width: 64, height: 48 });
  assertEquals(identify(await fixture("disposal.gif")), { type: "gif", width: 20, height: 20 });
  assertEquals(identify(await fixture("rgb.tif")), { type: "tiff", width: 64, height: 48 });
  for (const other of ["", "RIFF\0\0\0\0WEBPVP8 ", "<svg/>", "GIF88a", "\x89PNG"]) {
    assertEquals(identify(new TextEncoder().encode(other)), null);
  }
});
