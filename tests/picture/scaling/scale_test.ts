import { assert, assertEquals } from "@std/assert";
import { encodePng } from "../../../lib/picture/formats/png/writer.ts";
import {
  identify,
  planScaling,
  type ScaledPicture,
  scalePicture,
} from "../../../lib/picture/mod.ts";
import { encodeJpeg } from "../../../lib/picture/scaling/jpeg_encoder.ts";
import { paint } from "../support/painted.ts";
import { decoded, fixture, oriented } from "../support/pictures.ts";

type Color = readonly number[];

async function scaled(bytes: Uint8Array, box: number): Promise<ScaledPicture> {
  const plan = planScaling(bytes, box);
  assert(plan !== null && plan !== "fits", `there is nothing to scale: ${plan}`);
  return await scalePicture(bytes, plan);
}

/** The colour in the middle of a scaled picture. */
async function middle({ bytes }: ScaledPicture): Promise<Color> {
  const { width, height, channels, data } = await decoded(bytes);
  const at = ((height >> 1) * width + (width >> 1)) * channels;
  return channels === 1 ? [data[at], data[at], data[at]] : [...data.subarray(at, at + 3)];
}

function assertNear(actual: Color, expected: Color, tolerance = 3) {
  assert(
    actual.every((value, c) => Math.abs(value - expected[c]) <= tolerance),
    `${actual} is not near ${expected}`,
  );
}

/** A chunk of a PNG without its checksum, which nobody checks here, right behind IHDR. */
function withChunk(png: Uint8Array, type: string, content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(png.length + content.length + 12);
  whole.set(png.subarray(0, 33));
  new DataView(whole.buffer).setUint32(33, content.length);
  whole.set(new TextEncoder().encode(type), 37);
  whole.set(content, 41);
  whole.set(png.subarray(33), 45 + content.length);
  return whole;
}

/** A segment of a JPEG right behind its first marker. */
function withSegment(jpeg: Uint8Array, marker: number, content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(jpeg.length + content.length + 4);
  whole.set(jpeg.subarray(0, 2));
  const length = content.length + 2;
  whole.set([0xff, marker, length >> 8, length & 255], 2);
  whole.set(content, 6);
  whole.set(jpeg.subarray(2), 6 + content.length);
  return whole;
}

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** An ICC profile in which green is stored where others have red, the other way round too. */
function swappingProfile(gamma: number): Uint8Array {
  const tags = ["rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"];
  // The primaries of sRGB under D50, those of red and green exchanged.
  const primaries = [[0.3851, 0.7169, 0.0971], [0.4361, 0.2225, 0.0139], [0.1431, 0.0606, 0.7141]];
  const view = new DataView(new ArrayBuffer(132 + tags.length * 32));
  const bytes = new Uint8Array(view.buffer);
  bytes.set(latin1("RGB XYZ "), 16);
  view.setUint32(128, tags.length);
  tags.forEach((tag, i) => {
    const at = 132 + tags.length * 12 + i * 20;
    bytes.set(latin1(tag), 132 + i * 12);
    view.setUint32(136 + i * 12, at);
    view.setUint32(140 + i * 12, 20);
    bytes.set(latin1(i < 3 ? "XYZ " : "curv"), at);
    if (i < 3) primaries[i].forEach((value, c) => view.setInt32(at + 8 + c * 4, value * 65536));
    else {
      view.setUint32(at + 8, 1);
      view.setUint16(at + 12, gamma * 256);
    }
  });
  return bytes;
}

Deno.test("a picture is scaled to fit the box, in its proportions", async () => {
  const png = await encodePng(paint(600, 200, (x) => [x & 255, 40, 90, 255]));
  const wide = await decoded((await scaled(png, 160)).bytes);
  assertEquals([wide.width, wide.height], [160, 53]);
  const line = await encodePng(paint(3, 2000, () => [200, 10, 10, 255]));
  const thin = identify((await scaled(line, 160)).bytes);
  assertEquals([thin?.width, thin?.height], [1, 160]);
});

Deno.test("an upright picture that fits and that any browser shows is left as it is", async () => {
  for (const name of ["baseline.jpg", "rgba8.png", "disposal.gif"]) {
    assertEquals(planScaling(await fixture(name), 160), "fits");
  }
});

Deno.test("a picture is never enlarged", async () => {
  const tiff = await fixture("rgb.tif");
  const before = await decoded(tiff);
  const { mediaType, bytes } = await scaled(tiff, 2560);
  assertEquals(mediaType, "image/jpeg");
  const after = await decoded(bytes);
  assertEquals([after.width, after.height], [before.width, before.height]);
});

Deno.test("black and white average to the middle of their light, in PNG and in JPEG", async () => {
  const checkered = paint(640, 640, (x, y) => (x + y) % 2 ? [255, 255, 255, 255] : [0, 0, 0, 255]);
  for (const bytes of [await encodePng(checkered), await encodeJpeg(checkered, 100)]) {
    assertNear(await middle(await scaled(bytes, 160)), [188, 188, 188], 4);
  }
});

Deno.test("a large JPEG, which is reduced while it is decoded, keeps its colours", async () => {
  const photo = await encodeJpeg(
    paint(2400, 1600, (x, y) => [x < 1200 ? 220 : 30, y < 800 ? 200 : 40, 90, 255]),
    90,
  );
  for (const bytes of [photo, oriented(photo, 3, true)]) {
    const { width, height, data } = await decoded((await scaled(bytes, 320)).bytes);
    assertEquals([width, height], [320, 213]);
    const at = (50 * width + 70) * 3;
    const expected = bytes === photo ? [220, 200, 90] : [30, 40, 90];
    assertNear([...data.subarray(at, at + 3)], expected, 6);
  }
  // Cut short, it is scaled as far as it goes.
  const cut = await scaled(photo.subarray(0, photo.length >> 1), 320);
  assertEquals(identify(cut.bytes)?.width, 320);
});

Deno.test("a transparent pixel's colour does not show, and transparency makes a PNG", async () => {
  const checkered = paint(
    320,
    320,
    (x, y) => (x + y) % 2 ? [230, 60, 20, 255] : [0, 255, 0, 0],
  );
  const { mediaType, bytes } = await scaled(await encodePng(checkered), 160);
  assertEquals(mediaType, "image/png");
  // On black, half of the red is left.
  assertNear(await middle({ mediaType, bytes }), [115, 30, 10]);
});

Deno.test("alpha that is opaque everywhere makes a JPEG", async () => {
  const opaque = await encodePng(paint(320, 320, () => [230, 60, 20, 255]));
  const { mediaType, bytes } = await scaled(opaque, 160);
  assertEquals(mediaType, "image/jpeg");
  assertNear(await middle({ mediaType, bytes }), [230, 60, 20]);
});

/** The fixtures' four quarters: upper left, upper right, lower left, lower right. */
const QUARTERS: Color[] = [[224, 32, 32], [32, 192, 64], [32, 64, 224], [240, 240, 240]];

for (
  const name of [
    "baseline.jpg",
    "progressive.jpg",
    "cmyk.jpg",
    "rgb16.png",
    "interlaced.gif",
    "lzw.tif",
    "lossy.webp",
    "plain.avif",
    "plain.heic",
  ]
) {
  Deno.test(`${name} keeps its colours when it is scaled`, async () => {
    const { width, height, data } = await decoded((await scaled(await fixture(name), 32)).bytes);
    assertEquals([width, height], [32, 24]);
    QUARTERS.forEach((color, quarter) => {
      const x = quarter % 2 ? 24 : 8, y = quarter < 2 ? 6 : 18;
      const at = (y * width + x) * 3;
      assertNear([...data.subarray(at, at + 3)], color, 12);
    });
  });
}

for (const name of ["rgba8.png", "alpha.webp", "alpha.avif", "alpha.tif"]) {
  Deno.test(`${name} keeps its transparency when it is scaled`, async () => {
    assertEquals((await scaled(await fixture(name), 16)).mediaType, "image/png");
  });
}

Deno.test("a picture is turned upright, then fitted", async () => {
  // Red on the left of what is stored.
  const stored = await encodeJpeg(
    paint(400, 200, (x) => x < 200 ? [220, 20, 20, 255] : [20, 20, 220, 255]),
    95,
  );
  // Where red is once the picture is upright, as a place in a picture of 2 × 2.
  const expected: [orientation: number, x: number, y: number, upright: boolean][] = [
    [2, 1, 0, true],
    [3, 1, 1, true],
    [4, 0, 1, true],
    [5, 0, 0, false],
    [6, 1, 0, false],
    [7, 1, 1, false],
    [8, 0, 1, false],
  ];
  for (const [orientation, x, y, isWide] of expected) {
    const { bytes } = await scaled(oriented(stored, orientation, true), 160);
    const { width, height, data } = await decoded(bytes);
    assertEquals([width, height], isWide ? [160, 80] : [80, 160], `orientation ${orientation}`);
    const at = ((y * (height - 40) + 20) * width + x * (width - 40) + 20) * 3;
    assertNear([...data.subarray(at, at + 3)], [220, 20, 20], 12);
  }
});

Deno.test("a turned picture that fits is made upright all the same", async () => {
  const small = await encodeJpeg(paint(40, 20, () => [9, 90, 200, 255]), 95);
  const { width, height } = await decoded((await scaled(oriented(small, 6, false), 160)).bytes);
  assertEquals([width, height], [20, 40]);
});

Deno.test("the result holds no metadata", async () => {
  const photo = await encodeJpeg(paint(400, 300, (x, y) => [x & 255, y & 255, 70, 255]), 90);
  const secret = "GPS 37.5665 N 126.9780 E";
  let bytes = oriented(photo, 6, true);
  bytes = withSegment(bytes, 0xe1, latin1(`http://ns.adobe.com/xap/1.0/\0<x>${secret}</x>`));
  bytes = withSegment(bytes, 0xed, latin1(`Photoshop 3.0\0${secret}`));
  bytes = withSegment(bytes, 0xfe, latin1(secret));
  bytes = withSegment(bytes, 0xe2, latin1("ICC_PROFILE\0\x01\x01" + secret));
  const text = new TextDecoder("latin1").decode((await scaled(bytes, 160)).bytes);
  for (const trace of ["Exif", "xap", "Photoshop", "ICC_PROFILE", secret]) {
    assert(!text.includes(trace), `${trace} is still there`);
  }
  const clear = await encodePng(paint(400, 300, (x) => [x & 255, 1, 2, x < 200 ? 255 : 0]));
  const png = withChunk(clear, "tEXt", latin1(`Comment\0${secret}`));
  const result = await scaled(png, 160);
  assertEquals(result.mediaType, "image/png");
  assert(!new TextDecoder("latin1").decode(result.bytes).includes(secret));
});

Deno.test("a profile is converted to sRGB, in JPEG and in PNG", async () => {
  // Half the light, with a gamma of 2, in the component that the profile calls green.
  const pixels = paint(320, 320, () => [180, 0, 0, 255]);
  const profile = swappingProfile(2);
  const jpeg = withSegment(
    await encodeJpeg(pixels, 100),
    0xe2,
    new Uint8Array([...latin1("ICC_PROFILE\0\x01\x01"), ...profile]),
  );
  const compressed = await new Response(
    new Blob([profile.slice()]).stream().pipeThrough(new CompressionStream("deflate")),
  ).bytes();
  const png = withChunk(
    await encodePng(pixels),
    "iCCP",
    new Uint8Array([...latin1("name\0\0"), ...compressed]),
  );
  for (const bytes of [jpeg, png]) {
    assertNear(await middle(await scaled(bytes, 160)), [0, 188, 0], 6);
  }
});

Deno.test("a damaged profile is ignored", async () => {
  const pixels = paint(320, 320, () => [180, 10, 20, 255]);
  const profile = swappingProfile(2);
  for (const length of [20, 131, 200, profile.length - 4]) {
    const jpeg = withSegment(
      await encodeJpeg(pixels, 95),
      0xe2,
      new Uint8Array([...latin1("ICC_PROFILE\0\x01\x01"), ...profile.subarray(0, length)]),
    );
    await middle(await scaled(jpeg, 160));
  }
});

Deno.test("a profile that inflates beyond the limit is not read", async () => {
  const pixels = paint(320, 320, () => [180, 10, 20, 255]);
  const profile = new Uint8Array(100_000_000);
  profile.set(swappingProfile(2));
  const compressed = await new Response(
    new Blob([profile]).stream().pipeThrough(new CompressionStream("deflate")),
  ).bytes();
  const content = new Uint8Array([...latin1("name\0\0"), ...compressed]);
  const png = withChunk(await encodePng(pixels), "iCCP", content);
  const { DecompressionStream } = globalThis;
  let inflated = 0;
  globalThis.DecompressionStream = class extends DecompressionStream {
    override readonly readable = super.readable.pipeThrough(
      new TransformStream({
        transform(bytes: Uint8Array<ArrayBuffer>, controller) {
          inflated += bytes.length;
          controller.enqueue(bytes);
        },
      }),
    );
  };
  try {
    assertNear(await middle(await scaled(png, 160)), [180, 10, 20]);
  } finally {
    globalThis.DecompressionStream = DecompressionStream;
  }
  assert(inflated < 50_000_000, `${inflated} bytes were inflated`);
});

Deno.test("an animation is scaled by its first frame", async () => {
  const gif = await fixture("disposal.gif");
  const first = await decoded(gif);
  const plan = planScaling(gif, 160);
  assertEquals(plan, "fits");
  const small = planScaling(gif, 1);
  assert(small !== null && small !== "fits");
  const { bytes } = await scalePicture(gif, small);
  const { width, height } = await decoded(bytes);
  assertEquals(Math.max(width, height), 1);
  assert(first.width > 1);
});

Deno.test("a picture that takes too much memory or time is refused by its header", async () => {
  const header = (width: number, height: number, colorType: number) => {
    const png = new Uint8Array(64);
    png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
    png.set(latin1("IHDR"), 12);
    const view = new DataView(png.buffer);
    view.setUint32(16, width);
    view.setUint32(20, height);
    png.set([8, colorType], 24);
    return png;
  };
  assert(planScaling(header(8000, 6000, 2), 320) !== null);
  assertEquals(planScaling(header(10_000, 10_000, 6), 320), null);
  assertEquals(planScaling(header(100_000, 100_000, 2), 320), null);
  // A progressive JPEG with ten thousand scans, each of which goes over all pixels.
  const progressive = (await fixture("progressive.jpg")).slice();
  const frame = progressive.findIndex((byte, at) => byte === 0xff && progressive[at + 1] === 0xc2);
  new DataView(progressive.buffer).setUint16(frame + 5, 5000);
  new DataView(progressive.buffer).setUint16(frame + 7, 5000);
  assert(planScaling(progressive, 320) !== null);
  const scans = new Uint8Array(20_000).map((_, at) => at % 2 ? 0xda : 0xff);
  assertEquals(planScaling(new Uint8Array([...progressive, ...scans]), 320), null);
});

Deno.test("a file that is no picture, or damaged, cannot be planned", () => {
  assertEquals(planScaling(latin1("not a picture"), 320), null);
  assertEquals(planScaling(new Uint8Array(0), 320), null);
});
