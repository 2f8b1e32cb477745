/**
 * The segments of a JPEG, and at what size its codec is asked for it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { decode } from "../../../lib/picture/formats/jpeg/decoder.ts";
import {
  isCutInFirstScan,
  jpegSegments,
  readJpegHeader,
} from "../../../lib/picture/formats/jpeg/header.ts";
import { planeSize, writeJpeg } from "../support/jpeg_writer.ts";
import { decoded, fixture } from "../support/pictures.ts";

const START = [0xff, 0xd8], END = [0xff, 0xd9];

function segment(marker: number, ...content: number[]): number[] {
  return [0xff, marker, content.length + 2 >> 8, content.length + 2 & 255, ...content];
}

/** A frame header of 300 × 200 pixels. */
function frame(marker: number, components = 3, precision = 8, height = 200): number[] {
  return segment(marker, precision, height >> 8, height & 255, 1, 44, components);
}

const header = (...bytes: number[]) => readJpegHeader(Uint8Array.from([...START, ...bytes]));

Deno.test("each of the thirteen frame headers is read, and says whether it is supported", () => {
  const kinds: Record<string, string | null> = {};
  for (let marker = 0xc0; marker <= 0xcf; marker++) {
    const found = header(...frame(marker));
    if (found === null) continue;
    assertEquals([found.width, found.height, found.components], [300, 200, 3]);
    assertEquals(found.isSequential, marker <= 0xc1);
    kinds[marker.toString(16)] = found.undrawnKind;
  }
  const coded = "JPEG with arithmetic coding", parts = "hierarchical JPEG";
  assertEquals(kinds, {
    ...{ c0: null, c1: null, c2: null, c3: "JPEG without loss" },
    ...{ c5: parts, c6: parts, c7: parts },
    ...{ c9: coded, ca: coded, cb: coded, cd: coded, ce: coded, cf: coded },
  });
  for (const marker of [0xbf, 0xd0, 0xd9, 0xe0]) assertEquals(header(...frame(marker)), null);
  // Tables that share the range may stand in front.
  for (const marker of [0xc4, 0xc8, 0xcc]) {
    assertEquals(header(...segment(marker, 8, 1, 1, 1, 1, 1), ...frame(0xc0))?.width, 300);
  }
});

Deno.test("one, three and four components of eight bits are drawn", () => {
  const kind = (components: number, precision = 8) =>
    header(...frame(0xc0, components, precision))!.undrawnKind;
  assertEquals([1, 3, 4].map((components) => kind(components)), [null, null, null]);
  for (const components of [0, 2, 5]) {
    assertEquals(kind(components), `JPEG with ${components} components`);
  }
  for (const bits of [7, 9, 12]) assertEquals(kind(3, bits), `JPEG with ${bits} bits a sample`);
});

Deno.test("the first frame header counts, and one that is too short does not", () => {
  assertEquals(header(...segment(0xc0, 8, 0, 1, 0, 1), ...frame(0xc2))?.width, 300);
  assertEquals(header(...segment(0xc0, 8, 0, 1, 0, 1, 1), ...frame(0xc2))?.width, 1);
  // Nothing is read behind the first scan, or the end.
  assertEquals(header(...segment(0xda, 1), ...frame(0xc0)), null);
  assertEquals(header(...END, ...frame(0xc0)), null);
});

Deno.test("fill bytes and markers without a length may stand between segments", () => {
  for (
    const between of [[0xff], [0xff, 0xff, 0xff], [0xff, 0], [0xff, 1], [0xff, 0xd0], [0xff, 0xd8]]
  ) {
    assertEquals(header(...between, ...frame(0xc0))?.width, 300, String(between));
  }
  // What follows such a marker is not its length.
  for (const marker of [0, 1, 0xd0, 0xd8]) {
    assertEquals(header(0xff, marker, 0, 4, ...frame(0xc0))?.width, 300, String(marker));
  }
  assertEquals(header(...segment(2, ...frame(0xc0))), null);
});

Deno.test("a segment may end with the file, and has at least the two bytes of its length", () => {
  const whole = [...frame(0xc0)];
  assertEquals(header(...whole)?.width, 300);
  assertEquals(header(...whole.slice(0, -1)), null);
  assertEquals(header(0xff, 0xe1, 0, 2, ...whole)?.width, 300);
  assertEquals(header(0xff, 0xe1, 0, 1, ...whole)?.width, 300);
  const empty = Uint8Array.from([...START, 0xff, 0xe1, 0, 2]);
  assertEquals([...jpegSegments(empty)], [{ marker: 0xe1, start: 6, end: 6 }]);
});

Deno.test("the orientation is that of the EXIF segment, whatever other segments follow", () => {
  const text = (start: string) => [...start].map((letter) => letter.charCodeAt(0));
  const tiff = [...text("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0")];
  const exif = segment(0xe1, ...text("Exif\0\0"), ...tiff);
  const xmp = segment(0xe1, ...text("http://ns.adobe.com/xap/1.0/\0"));
  assertEquals(header(...exif, ...frame(0xc0))?.orientation, 6);
  assertEquals(header(...exif, ...xmp, ...frame(0xc0))?.orientation, 6);
  assertEquals(header(...exif.with(1, 0xe0), ...frame(0xc0))?.orientation, 1);
});

Deno.test("a height of 0 is that of the DNL segment, which may end the file", () => {
  const start = [...frame(0xc0, 3, 8, 0), ...segment(0xda, 1), 1, 2, 0xff, 0, 3];
  const dnl = [0xff, 0xdc, 0, 4, 1, 2];
  assertEquals(header(...start, ...dnl)?.height, 258);
  assertEquals(header(...start, 0xff, ...dnl)?.height, 258);
  assertEquals(header(...start, ...dnl.slice(0, -1))?.height, 0);
  for (const at of [2, 3]) {
    const odd = dnl.with(at, dnl[at] + 1);
    assertEquals(header(...start, ...odd)?.height, 0);
    assertEquals(header(...start, ...odd, ...dnl)?.height, 258);
  }
  assertEquals(header(...start)?.missingHeightAt, 7);
  assertEquals(header(...frame(0xc0))?.missingHeightAt, 0);
});

Deno.test("components called R, G and B are RGB if no segment says otherwise", () => {
  const named = (...names: number[]) =>
    segment(0xc0, 8, 0, 1, 0, 1, names.length, ...names.flatMap((name) => [name, 0x11, 0]));
  const RGB = [0x52, 0x47, 0x42];
  const text = (marker: number, text: string) =>
    segment(marker, ...[...text].map((letter) => letter.charCodeAt(0)));
  assertEquals(header(...named(...RGB))?.isNamedRgb, true);
  for (let i = 0; i < 3; i++) assertEquals(header(...named(...RGB.with(i, 1)))?.isNamedRgb, false);
  assertEquals(header(...named(...RGB, 1))?.isNamedRgb, false);
  for (const other of [text(0xee, "Adobe"), text(0xe0, "JFIF\0")]) {
    assertEquals(header(...other, ...named(...RGB))?.isNamedRgb, false);
  }
  for (const other of [text(0xee, "Adob"), text(0xe0, "JFXX\0"), text(0xe1, "Adobe")]) {
    assertEquals(header(...other, ...named(...RGB))?.isNamedRgb, true);
  }
  assertEquals(header(...text(0xee, "Adobe"), ...frame(0xc0, 4))?.hasAdobeSegment, true);
});

Deno.test("a scan ends with the next marker that is neither stuffed, a fill byte nor a restart", () => {
  const isCut = (...data: number[]) =>
    isCutInFirstScan(Uint8Array.from([...START, ...segment(0xda, 1), ...data]));
  for (const data of [[], [1, 2], [0xff], [0xff, 0], [0xff, 0xff], [0xff, 0xd0], [0xff, 0xd7]]) {
    assertEquals(isCut(...data), true, `${data}`);
  }
  for (
    const data of [[0xff, 0xd9], [0xff, 0xc4], [1, 0xff, 0xff, 0xd9], [0xff, 0, 0xff, 0xd9]]
  ) {
    assertEquals(isCut(...data), false, `${data}`);
  }
  assertEquals(isCutInFirstScan(Uint8Array.from([...START, ...frame(0xc0)])), false);
});

Deno.test("the parts of a profile are joined by their numbers, for all but CMYK", () => {
  const part = (number: number, ...bytes: number[]) =>
    segment(0xe2, ...[..."ICC_PROFILE\0"].map((c) => c.charCodeAt(0)), number, 2, ...bytes);
  const parts = [...part(2, 3, 4), ...part(1, 1, 2)];
  const { color } = header(...parts, ...frame(0xc0))!;
  assertEquals(color?.kind === "icc" && [...color.profile], [1, 2, 3, 4]);
  assertEquals(header(...parts, ...frame(0xc0, 4))!.color, null);
  assertEquals(header(...frame(0xc0))!.color, null);
  assertEquals(header(...segment(0xe2, 1, 2, 3), ...frame(0xc0))!.color, null);
});

Deno.test("a JPEG is decoded at the smallest of four sizes that has the pixels", async () => {
  const bytes = await fixture("progressive.jpg");
  const { width, height } = readJpegHeader(bytes)!;
  assertEquals([width, height], [64, 48]);
  for (
    const [minWidth, minHeight, part] of [
      [1, 1, 8],
      [8, 6, 8],
      [9, 6, 4],
      [8, 7, 4],
      [16, 12, 4],
      [17, 12, 2],
      [16, 13, 2],
      [32, 24, 2],
      [33, 24, 1],
      [32, 25, 1],
      [64, 48, 1],
      [640, 480, 1],
    ]
  ) {
    const minimum = { width: minWidth, height: minHeight };
    const raster = await decode(bytes, readJpegHeader(bytes)!, minimum, [0, 0, 0]);
    assertEquals([raster.width, raster.height], [64 / part, 48 / part], `${minWidth} ${minHeight}`);
  }
});

Deno.test("a JPEG that is a pixel wide has the rows that are needed, and so with columns", async () => {
  for (const [width, height] of [[1, 64], [64, 1], [2, 60], [8, 8]]) {
    const shape = { width, height, factors: [[1, 1]] as const, restartInterval: 0 };
    const { across, down } = planeSize(shape, 0);
    const blocks = Array.from({ length: across * down }, () => new Int32Array(64));
    const bytes = writeJpeg(shape, [{ across, down, blocks }]);
    for (const part of [8, 4, 2, 1]) {
      const minimum = { width: Math.ceil(width / part), height: Math.ceil(height / part) };
      const raster = await decode(bytes, readJpegHeader(bytes)!, minimum, [0, 0, 0]);
      assertEquals([raster.width, raster.height], [minimum.width, minimum.height], `${part}`);
    }
  }
});

Deno.test("of a progressive JPEG that is cut short the scans that are whole are decoded", async () => {
  const bytes = await fixture("progressive_photo.jpg");
  const scans = [...bytes.keys()].filter((at) => bytes[at] === 0xff && bytes[at + 1] === 0xda);
  const tables = [...bytes.keys()].filter((at) => bytes[at] === 0xff && bytes[at + 1] === 0xc4);
  for (const scan of scans.slice(1, -1)) {
    const last = Math.max(...[...scans, ...tables].filter((at) => at <= scan + 1));
    const whole = await decoded(Uint8Array.from([...bytes.subarray(0, last), ...END]));
    // In its header, and in its data, in which stuffed bytes are no markers.
    for (const data of [[], [0x55, 0xff, 0, 0x55, 0xff, 0]]) {
      const cut = await decoded(Uint8Array.from([...bytes.subarray(0, scan + 12), ...data]));
      assertEquals([cut.isPartial, cut.data], [true, whole.data]);
    }
  }
  for (const table of tables.filter((at) => at > scans[1])) {
    const cut = await decoded(bytes.subarray(0, table + 8));
    const whole = await decoded(Uint8Array.from([...bytes.subarray(0, table), ...END]));
    assertEquals([cut.isPartial, cut.data], [true, whole.data]);
  }
});
