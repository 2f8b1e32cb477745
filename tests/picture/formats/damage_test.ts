import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  draw,
  identify,
  PictureError,
  type PictureProblem,
  type PictureRemark,
} from "../../../lib/picture/mod.ts";
import { decode } from "../../../lib/picture/formats/decode.ts";
import { checkedHeader } from "../../../lib/picture/formats/identify.ts";
import { canvas, fixture, shownWithRemarks } from "../support/pictures.ts";

async function problemOf(bytes: Uint8Array): Promise<PictureProblem> {
  const error = await assertRejects(() => draw(bytes, canvas(10, 5)), PictureError);
  assert(/^[A-Z].*\.$/.test(error.message), `"${error.message}" is a sentence`);
  return error.code;
}

/** What there is to say about a picture that is drawn. */
async function remarksOn(bytes: Uint8Array): Promise<PictureRemark[]> {
  return (await shownWithRemarks(bytes, canvas(10, 5))).remarks;
}

/** A picture with other dimensions in its header; the offset is that of the width and height. */
function resized(bytes: Uint8Array, set: (view: DataView) => void): Uint8Array {
  const copy = bytes.slice();
  set(new DataView(copy.buffer));
  return copy;
}

/** Where the frame header (SOF0) of a JPEG has its height. */
function frameSize(jpeg: Uint8Array): number {
  for (let at = 2;; at += 2 + (jpeg[at + 2] << 8 | jpeg[at + 3])) {
    if (jpeg[at + 1] === 0xc0) return at + 5;
  }
}

Deno.test("a file that is not a picture is of an unknown type", async () => {
  assertEquals(await problemOf(new Uint8Array(0)), "unknown-type");
  assertEquals(await problemOf(new TextEncoder().encode("<html>")), "unknown-type");
});

Deno.test("a JPEG of a kind that is not drawn is named, not called damaged", async () => {
  const jpeg = await fixture("baseline.jpg");
  const kinds: [marker: number, precision: number, kind: string][] = [
    [0xc3, 8, "JPEG without loss"],
    [0xc5, 8, "hierarchical JPEG"],
    [0xc9, 8, "JPEG with arithmetic coding"],
    [0xca, 8, "JPEG with arithmetic coding"],
    [0xc1, 12, "JPEG with 12 bits a sample"],
  ];
  for (const [marker, precision, kind] of kinds) {
    const other = jpeg.slice();
    other[frameSize(jpeg) - 4] = marker;
    other[frameSize(jpeg) - 1] = precision;
    const error = await assertRejects(() => draw(other, canvas(10, 5)), PictureError);
    assertEquals([error.code, error.kind], ["unknown-type", kind]);
  }
});

Deno.test("280 megapixels of a baseline JPEG are drawn within 400 MB", async () => {
  const width = 20_000, height = 14_000, blocks = width / 8 * height / 8;
  // For each block, a bit that says that nothing changes, and one that says that nothing follows.
  const jpeg = Uint8Array.from([
    ...[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, ...new Array(64).fill(1)],
    ...[0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0],
    ...[0xff, 0xc4, 0, 20, 0, 1, ...new Array(15).fill(0), 0],
    ...[0xff, 0xc4, 0, 20, 0x10, 1, ...new Array(15).fill(0), 0],
    ...[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
    ...new Uint8Array(blocks / 4),
    ...[0xff, 0xd9],
  ]);
  const before = Deno.memoryUsage().rss;
  const { rows, remarks } = await shownWithRemarks(jpeg, canvas(20, 10));
  assertEquals(remarks, []);
  assertEquals(rows[0][0].background, [128, 128, 128]);
  assert(Deno.memoryUsage().rss - before < 300e6);
});

Deno.test("a fax in a TIFF is named, not called damaged", async () => {
  assertEquals(await problemOf(await fixture("group4.tif")), "unknown-type");
});

Deno.test("more than 100 megapixels are refused before anything is decoded", async () => {
  const png = resized(await fixture("rgb8.png"), (view) => {
    view.setUint32(16, 10_001);
    view.setUint32(20, 10_000);
  });
  assertEquals(await problemOf(png), "too-large");
  const jpeg = await fixture("baseline.jpg");
  const huge = resized(jpeg, (view) => {
    view.setUint16(frameSize(jpeg), 65_535);
    view.setUint16(frameSize(jpeg) + 2, 65_535);
  });
  assertEquals(await problemOf(huge), "too-large");
  const long = resized(await fixture("rgb8.png"), (view) => {
    view.setUint32(16, 50_000_000);
    view.setUint32(20, 1);
  });
  assertEquals(await problemOf(long), "too-large");
});

Deno.test("a GIF whose screen or first frame exceeds the limit is refused", async () => {
  const gif = await fixture("interlaced.gif");
  const screen = resized(gif, (view) => {
    view.setUint16(6, 10_001, true);
    view.setUint16(8, 10_000, true);
  });
  assertEquals(await problemOf(screen), "too-large");
  const at = gif.findIndex((byte, i) => i > 13 && byte === 0x2c && gif[i + 5] === 64);
  const frame = resized(gif, (view) => {
    view.setUint16(at + 5, 10_001, true);
    view.setUint16(at + 7, 10_000, true);
  });
  assertEquals(await problemOf(frame), "too-large");
});

Deno.test("a header that claims more than the bytes can hold is drawn as far as they go", async () => {
  const jpeg = await fixture("baseline.jpg");
  const inflated = resized(jpeg, (view) => {
    view.setUint16(frameSize(jpeg), 9000);
    view.setUint16(frameSize(jpeg) + 2, 9000);
  });
  assertEquals(await remarksOn(inflated), ["damaged"]);
  const png = resized(await fixture("rgb8.png"), (view) => {
    view.setUint32(20, 5000);
  });
  assertEquals(await remarksOn(png), ["damaged"]);
});

Deno.test("a strip of a TIFF whose JPEG is larger than the strip is left out", async () => {
  const tiff = await fixture("jpeg.tif");
  const frame = tiff.findIndex((byte, i) => byte === 0xff && tiff[i + 1] === 0xc0);
  const inflated = resized(tiff, (view) => view.setUint16(frame + 5, 9000));
  assertEquals(await remarksOn(inflated), ["damaged"]);
});

Deno.test("a PNG of 100 megapixels in 12 KB is drawn within 500 MB", async () => {
  // 1 bit a pixel, all black: what a decompression bomb looks like.
  const rows = new Uint8Array(10_000 * 1251);
  const data = await new Response(
    new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate")),
  ).bytes();
  const bomb = new Uint8Array(8 + 25 + 12 + data.length);
  const small = await fixture("grey1.png");
  bomb.set(small.subarray(0, 33));
  const view = new DataView(bomb.buffer);
  view.setUint32(16, 10_000);
  view.setUint32(20, 10_000);
  view.setUint32(33, data.length);
  bomb.set(new TextEncoder().encode("IDAT"), 37);
  bomb.set(data, 41);
  const before = Deno.memoryUsage().rss;
  const text = await draw(bomb, canvas(10, 5));
  assertEquals(text.split("\n").length, 6);
  assert(Deno.memoryUsage().rss - before < 500e6);
});

Deno.test("a TIFF whose fields all claim the same four million values costs no memory", async () => {
  const tags = [256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324]
    .concat([325, 338, 339]);
  const count = 4_000_000, values = 8 + 2 + tags.length * 12 + 4;
  const view = new DataView(new ArrayBuffer(values + count));
  const bytes = new Uint8Array(view.buffer).fill(1, values);
  view.setUint32(0, 0x4d4d002a);
  view.setUint32(4, 8);
  view.setUint16(8, tags.length);
  tags.forEach((tag, i) => {
    const small = tag === 256 || tag === 257; // so that the size is no reason to stop
    view.setUint16(10 + i * 12, tag);
    view.setUint16(12 + i * 12, small ? 3 : 1);
    view.setUint32(14 + i * 12, small ? 1 : count);
    view.setUint32(18 + i * 12, small ? 100 << 16 : values);
  });
  const before = Deno.memoryUsage().rss;
  assertEquals(await problemOf(bytes), "damaged");
  assert(Deno.memoryUsage().rss - before < 100e6);
});

Deno.test("100 megapixels of a progressive JPEG are scaled while they are decoded, whatever is asked for", async () => {
  // No colour: a table with one code of one bit, which says that nothing changes, and that for each
  // block.
  const side = 10_000, blocks = Math.ceil(side / 8) ** 2;
  const progressive = (components: number) => {
    const each = (octets: (id: number) => number[]) =>
      Array.from({ length: components }, (_, i) => octets(i + 1)).flat();
    return Uint8Array.from([
      ...[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, ...new Array(64).fill(1)],
      ...[0xff, 0xc2, 0, 8 + 3 * components, 8, side >> 8, side & 255, side >> 8, side & 255],
      ...[components, ...each((id) => [id, 0x11, 0])],
      ...[0xff, 0xc4, 0, 20, 0, 1, ...new Array(15).fill(0), 0],
      ...[0xff, 0xda, 0, 6 + 2 * components, components, ...each((id) => [id, 0]), 0, 0, 0],
      ...new Uint8Array(Math.ceil(blocks * components / 8)),
      ...[0xff, 0xd9],
    ]);
  };
  const size = { width: side, height: side };
  for (const [components, scale] of [[1, 1 / 2], [3, 1 / 4]]) {
    const jpeg = progressive(components);
    const { width, height } = await decode(jpeg, checkedHeader(jpeg), size, [0, 0, 0]);
    assertEquals([width, height], [side * scale, side * scale]);
  }
});

Deno.test("long work yields to the event loop, which handles Ctrl-C", async () => {
  // PackBits: two bytes for 128 of zeros, a strip of 4000 x 4000 pixels.
  const side = 4000, packed = side * side / 128 * 2, start = 8 + 2 + 9 * 12 + 4;
  const view = new DataView(new ArrayBuffer(start + packed));
  const bytes = new Uint8Array(view.buffer);
  for (let at = start; at < bytes.length; at += 2) bytes[at] = 0x81;
  view.setUint32(0, 0x4d4d002a);
  view.setUint32(4, 8);
  view.setUint16(8, 9);
  const fields = [[256, side], [257, side], [258, 8], [259, 32773], [262, 1], [273, start], [
    277,
    1,
  ]]
    .concat([[278, side], [279, packed]]);
  fields.forEach(([tag, value], i) => {
    view.setUint16(10 + i * 12, tag);
    view.setUint16(12 + i * 12, tag === 258 || tag === 259 || tag === 262 || tag === 277 ? 3 : 4);
    view.setUint32(14 + i * 12, 1);
    view.setUint32(18 + i * 12, view.getUint16(12 + i * 12) === 3 ? value << 16 : value);
  });
  let others = 0;
  const timer = setInterval(() => others++, 1);
  await draw(bytes, canvas(6, 3));
  clearInterval(timer);
  assert(others > 1);
});

const FIXTURES = ["baseline.jpg", "progressive.jpg", "cmyk.jpg", "rgba8.png", "palette_alpha.png"]
  .concat([
    "interlaced_odd.png",
    "disposal.gif",
    "lzw.tif",
    "deflate.tif",
    "packbits.tif",
    "jpeg.tif",
  ]);

for (const name of FIXTURES) {
  Deno.test(`${name} cut short anywhere is drawn or named damaged`, async () => {
    const bytes = await fixture(name);
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let length = 0; length < bytes.length; length += step) {
      await drawnOrRefused(bytes.slice(0, length));
    }
  });

  Deno.test(`${name} with any bytes changed is drawn or named damaged`, async () => {
    const bytes = await fixture(name);
    const change = fc.tuple(fc.nat(Math.min(bytes.length, 1500) - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const copy = bytes.slice();
        for (const [at, value] of changes) copy[at] = value;
        const size = identify(copy);
        // Large sizes are tested above; here they would only take time.
        if (size !== null && size.width * size.height > 1_000_000) return;
        await drawnOrRefused(copy);
      }),
      { numRuns: 60 },
    );
  });
}

async function drawnOrRefused(bytes: Uint8Array): Promise<void> {
  try {
    const text = await draw(bytes, canvas(6, 3));
    assert(text.endsWith("\n"));
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
  }
}

Deno.test("a codec that trapped on one picture draws the next", async () => {
  const good = await fixture("baseline.jpg");
  const expected = await draw(good, canvas(6, 3));
  const bad = good.slice();
  bad.fill(0xa5, 200, 330);
  await drawnOrRefused(bad);
  assertEquals(await draw(good, canvas(6, 3)), expected);
});
