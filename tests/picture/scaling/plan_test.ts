/**
 * What scaling a picture takes: the exact limits, and what may be transparent.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { planScaling, type ScalingPlan } from "../../../lib/picture/scaling/plan.ts";
import { fixture, oriented } from "../support/pictures.ts";

function planOf(bytes: Uint8Array, box: number): ScalingPlan {
  const plan = planScaling(bytes, box);
  assert(plan !== null && plan !== "fits", `there is no plan: ${plan}`);
  return plan;
}

/** A fixture with another size in its frame header. */
async function jpegOf(width: number, height: number, name = "baseline.jpg"): Promise<Uint8Array> {
  const jpeg = (await fixture(name)).slice();
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && [0xc0, 0xc2].includes(jpeg[i + 1]));
  jpeg.set([height >> 8, height & 255, width >> 8, width & 255], frame + 5);
  return jpeg;
}

Deno.test("a picture fits if it is upright, no larger than the box, and shown by any browser", async () => {
  for (
    const [width, height, fits] of [
      [160, 160, true],
      [161, 160, false],
      [160, 161, false],
      [1, 1, true],
    ] as const
  ) {
    assertEquals(planScaling(await jpegOf(width, height), 160) === "fits", fits);
  }
  for (const name of ["rgb8.png", "lossy.webp", "interlaced.gif"]) {
    assertEquals(planScaling(await fixture(name), 64), "fits");
  }
  for (const name of ["rgb.tif", "plain.avif", "plain.heic"]) {
    assertEquals(planOf(await fixture(name), 640).size, { width: 64, height: 48 });
  }
  const turned = oriented(await fixture("baseline.jpg"), 6, true);
  assertEquals(planOf(turned, 640).size, { width: 64, height: 48 });
  assertEquals(planOf(await fixture("rgb8.png"), 63).size, { width: 63, height: 47 });
});

Deno.test("a JPEG of two megapixels is decoded whole, a larger one to twice the result at least", async () => {
  const minimum = async (width: number, height: number, box: number) =>
    planOf(await jpegOf(width, height), box).minimum;
  assertEquals(await minimum(2000, 1000, 100), { width: 2000, height: 1000 });
  assertEquals(await minimum(2000, 1001, 100), { width: 250, height: 126 });
  assertEquals(await minimum(3000, 3000, 2560), { width: 3000, height: 3000 });
});

Deno.test("a large sequential JPEG is averaged, to four megapixels at most", async () => {
  const isAveraged = async (width: number, height: number, box: number, name?: string) =>
    planOf(await jpegOf(width, height, name), box).isAveraged;
  assertEquals(await isAveraged(2000, 1000, 100), false);
  assertEquals(await isAveraged(2000, 1001, 100), true);
  assertEquals(await isAveraged(2000, 1001, 100, "progressive.jpg"), false);
  assertEquals(await isAveraged(4000, 4000, 1000), true);
  assertEquals(await isAveraged(4000, 4001, 1000), false);
});

Deno.test("more scans of a progressive JPEG take more time, and its coefficients memory", async () => {
  const progressive = await jpegOf(3000, 3000, "progressive.jpg");
  const plan = planOf(progressive, 160), plain = planOf(await jpegOf(3000, 3000), 160);
  // The other is averaged, which takes 7 bytes more for each of its pixels.
  assert(plan.memoryBytes - plain.memoryBytes > 2 * 3 * 3000 * 3000 - 7 * 375 ** 2 - 10_000);
  const scans =
    progressive.filter((byte, i) => byte === 0xff && progressive[i + 1] === 0xda).length;
  const further = (plan.milliseconds - plain.milliseconds) / (9e6 * 4 / 1e6);
  assertEquals(Math.round(further), scans - 1);
  // A fill byte may stand in front of the marker of a scan.
  const more = planOf(Uint8Array.from([...progressive, 0xff, 0xff, 0xda]), 160);
  assertEquals(Math.round((more.milliseconds - plan.milliseconds) / 36), 1);
});

Deno.test("the size to decode at is an eighth, a quarter or half if that is enough", async () => {
  const minimum = async (box: number) => planOf(await jpegOf(8000, 8000), box).minimum;
  for (
    const [box, side] of [
      [500, 1000],
      [501, 2000],
      [1000, 2000],
      [1001, 4000],
      [2000, 4000],
      [2001, 8000],
    ] as const
  ) {
    assertEquals(await minimum(box), { width: side, height: side });
  }
});

Deno.test("decoding takes three times the components, averaging sixteen bytes a pixel", async () => {
  for (const [box, pixelBytes] of [[500, 16], [1000, 16], [2000, 9]] as const) {
    const jpeg = await jpegOf(8000, 8000);
    const { memoryBytes, size, minimum } = planOf(jpeg, box);
    const rest = 2 * jpeg.length + size.width * size.height * 16;
    assertEquals((memoryBytes - rest) / (minimum.width * minimum.height), pixelBytes);
  }
});

Deno.test("the header says whether a picture may be transparent, which costs a second pass", async () => {
  const may: Record<string, boolean> = {
    "baseline.jpg": false,
    "rgb8.png": false,
    "rgba8.png": true,
    "grey_alpha.png": true,
    "palette.png": false,
    "rgb.tif": false,
    "alpha.tif": true,
    "lossy.webp": false,
    "lossless.webp": true,
    "alpha.webp": true,
    "plain.avif": false,
    "alpha.avif": true,
    "plain.heic": false,
    "disposal.gif": false,
  };
  for (const [name, expected] of Object.entries(may)) {
    assertEquals(planOf(await fixture(name), 1).mayBeTransparent, expected, name);
  }
  // Of the flags of the extended header one counts.
  const webp = await fixture("alpha.webp");
  for (
    const [flags, expected] of [[0x10, true], [0xff, true], [0xef, false], [0, false]] as const
  ) {
    assertEquals(planOf(webp.with(20, flags), 1).mayBeTransparent, expected);
  }
  // Of a BMP a part may be left out.
  const bmp = new Uint8Array(58);
  bmp.set([0x42, 0x4d, ...[0, 0, 0, 0, 0, 0, 0, 0], 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1]);
  assertEquals(planOf(bmp.with(28, 24), 1).mayBeTransparent, true);
  // The alpha of an AVIF is in its metadata, which are near the start.
  for (const [at, expected] of [[1_000_000, true], [1_000_001, false]] as const) {
    const avif = new Uint8Array(1_000_100);
    avif.set(await fixture("plain.avif"));
    avif.set(new TextEncoder().encode("aauxC\0\0\0\0urn:mpeg:"), at - 1);
    assertEquals(planOf(avif, 1).mayBeTransparent, expected);
  }
  const [once, twice] = [await fixture("rgb8.png"), await fixture("rgba8.png")];
  assertEquals(planOf(twice, 1).milliseconds, 2 * planOf(once, 1).milliseconds);
});

Deno.test("what takes too much memory, or only too much time, has no plan", async () => {
  const png = await fixture("rgba8.png"), webp = await fixture("lossy.webp");
  const isPlanned = (bytes: Uint8Array, set: (view: DataView) => void) => {
    const copy = bytes.slice();
    set(new DataView(copy.buffer));
    return planScaling(copy, 160) !== null;
  };
  // 45 ns for a pixel on black, and as many on white.
  const withHeight = (height: number) => (view: DataView) => {
    view.setUint32(16, 8000);
    view.setUint32(20, height);
  };
  assertEquals([isPlanned(png, withHeight(8000)), isPlanned(png, withHeight(9000))], [true, false]);
  // 16 bytes for a pixel, which takes 80 ns.
  const lossy = (height: number) => (view: DataView) => {
    view.setUint16(26, 8000, true);
    view.setUint16(28, height, true);
  };
  assertEquals([isPlanned(webp, lossy(7000)), isPlanned(webp, lossy(8700))], [true, false]);
});

Deno.test("a GIF may be transparent by its first picture's colour or size, or without one", async () => {
  const gif = await fixture("disposal.gif");
  const control = gif.findIndex((byte, i) => byte === 0x21 && gif[i + 1] === 0xf9);
  const image = gif.indexOf(0x2c, control + 8);
  const may = (at: number, value: number) => planOf(gif.with(at, value), 1).mayBeTransparent;
  assertEquals(may(control + 3, gif[control + 3] & ~1), false);
  assertEquals(may(control + 3, gif[control + 3] | 1), true);
  assertEquals(may(image + 5, 19), true);
  assertEquals(may(image + 7, 19), true);
  assertEquals(may(image + 5, 20), false);
  assertEquals(planOf(gif.subarray(0, 13), 1).mayBeTransparent, true);
});
