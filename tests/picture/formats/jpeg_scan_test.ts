import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { jpegAverages } from "../support/pictures.ts";
import {
  type Block,
  type JpegShape,
  type Plane,
  planeSize,
  STEP,
  writeJpeg,
} from "../support/jpeg_writer.ts";

const SAMPLINGS: Record<string, JpegShape["factors"]> = {
  "grey": [[1, 1]],
  "4:4:4": [[1, 1], [1, 1], [1, 1]],
  "4:2:2": [[2, 1], [1, 1], [1, 1]],
  "4:4:0": [[1, 2], [1, 1], [1, 1]],
  "4:2:0": [[2, 2], [1, 1], [1, 1]],
  "4:1:1": [[4, 1], [1, 1], [1, 1]],
};

/** An MCU of 24 pixels, whose third parts no binary number is. */
const SAMPLED_BY_3: JpegShape["factors"] = [[3, 3], [1, 1], [1, 1]];

const SIZES = [[1, 1], [7, 9], [8, 8], [17, 33], [70, 21]] as const;

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = Math.imul(state, 1664525) + 1013904223 | 0) / 2 ** 32 + 0.5;
}

/** Planes of blocks that `makeBlock` makes. */
function planesOf(shape: JpegShape, makeBlock: (component: number) => Block): Plane[] {
  return shape.factors.map((_, component) => {
    const { across, down } = planeSize(shape, component);
    const blocks = Array.from({ length: across * down }, () => makeBlock(component));
    return { across, down, blocks };
  });
}

/**
 * A block in which some coefficients anywhere are large enough to be seen, and no sample leaves the
 * range.
 */
function roughBlock(random: () => number, component: number): Block {
  const block = new Int32Array(64);
  const spread = component === 0 ? 60 : 20;
  block[0] = Math.round((random() - 0.5) * spread * 8 / STEP);
  for (let i = 0; i < 4; i++) {
    const place = 1 + Math.floor(random() * 63);
    block[place] = Math.round((random() < 0.5 ? -1 : 1) * (2 + random() * spread / 4) * 2 / STEP);
  }
  return block;
}

/** A block of which every sample is the same. */
function flatBlock(random: () => number, component: number): Block {
  const block = new Int32Array(64);
  block[0] = Math.round((random() - 0.5) * (component === 0 ? 120 : 60) * 8 / STEP);
  return block;
}

/** The sample of a plane at (x, y), by the formula (A.3.3), and the level shift. */
function sampleAt({ across, blocks }: Plane, x: number, y: number): number {
  const block = blocks[(y >> 3) * across + (x >> 3)];
  const part = (at: number, frequency: number) =>
    (frequency === 0 ? Math.SQRT1_2 : 1) * Math.cos((2 * (at & 7) + 1) * frequency * Math.PI / 16);
  let sum = 0;
  block.forEach((value, place) => {
    if (value !== 0) sum += value * STEP * part(x, place & 7) * part(y, place >> 3) / 4;
  });
  return sum + 128;
}

/**
 * The picture at one pixel, in RGB (ITU-T T.871, 7); `round` is what a decoder does to each number.
 */
function pixelAt(
  { factors }: JpegShape,
  planes: readonly Plane[],
  x: number,
  y: number,
  round: (value: number) => number,
): number[] {
  const most = factors[0];
  const [luma, cb = 128, cr = 128] = planes.map((plane, i) => {
    const across = Math.floor(x * factors[i][0] / most[0]);
    const down = Math.floor(y * factors[i][1] / most[1]);
    return round(sampleAt(plane, across, down));
  });
  return [
    luma + 1.402 * (cr - 128),
    luma - 0.114 * 1.772 / 0.587 * (cb - 128) - 0.299 * 1.402 / 0.587 * (cr - 128),
    luma + 1.772 * (cb - 128),
  ].map(round);
}

function pixelsOf(shape: JpegShape, planes: readonly Plane[], round = (value: number) => value) {
  return Array.from({ length: shape.width * shape.height }, (_, i) => {
    return pixelAt(shape, planes, i % shape.width, Math.floor(i / shape.width), round);
  }).flat();
}

/** Means over equal areas, each pixel by the part of it that lies in one. */
function means(pixels: readonly number[], width: number, across: number, down: number): number[] {
  const height = pixels.length / 3 / width;
  const overlap = (pixel: number, area: number, size: number) =>
    Math.max(0, Math.min(pixel + 1, (area + 1) * size) - Math.max(pixel, area * size));
  return Array.from({ length: across * down * 3 }, (_, i) => {
    const [area, c] = [Math.floor(i / 3), i % 3];
    let sum = 0;
    for (let p = 0; p < width * height; p++) {
      const part = overlap(p % width, area % across, width / across) *
        overlap(Math.floor(p / width), Math.floor(area / across), height / down);
      if (part > 0) sum += part * pixels[p * 3 + c];
    }
    return sum * across * down / (width * height);
  });
}

function assertNear(found: ArrayLike<number>, expected: readonly number[], within: number): void {
  assertEquals(found.length, expected.length);
  const off = Math.max(...expected.map((value, i) => Math.abs(found[i] - value)));
  assert(off <= within, `off by ${off}`);
}

for (const [name, factors] of Object.entries(SAMPLINGS)) {
  for (const restartInterval of [0, 1, 3]) {
    Deno.test(`JPEG, ${name}, restart interval ${restartInterval}: every pixel, and means`, () => {
      const random = randomNumbers(restartInterval + 1);
      for (const [width, height] of SIZES) {
        const shape = { width, height, factors, restartInterval };
        const planes = planesOf(shape, (component) => roughBlock(random, component));
        const bytes = writeJpeg(shape, planes);
        const pixels = pixelsOf(shape, planes);
        const all = { width, height };
        assertNear(jpegAverages(bytes, all, all)!.data, pixels, 0.01);
        for (const [across, down] of [[1, 1], [3, 2], [30, 50]]) {
          const areas = { width: across, height: down };
          const expected = means(pixels, width, across, down);
          assertNear(jpegAverages(bytes, areas, all)!.data, expected, 0.01);
        }
      }
    });
  }

  Deno.test(`JPEG, ${name}: a half, a quarter, an eighth of the size, with no pixel in between`, () => {
    const shape = { width: 64, height: 32, factors, restartInterval: 0 };
    const random = randomNumbers(7);
    const planes = planesOf(shape, (component) => roughBlock(random, component));
    const bytes = writeJpeg(shape, planes);
    const pixels = pixelsOf(shape, planes);
    for (const [across, down] of [[32, 16], [16, 8], [8, 4], [32, 4], [2, 1]]) {
      const areas = { width: across, height: down };
      const expected = means(pixels, shape.width, across, down);
      assertNear(jpegAverages(bytes, areas, areas)!.data, expected, 0.01);
    }
  });

  Deno.test(`JPEG, ${name}: flat blocks have the very colours of a decoder that rounds`, () => {
    const shape = { width: 70, height: 35, factors, restartInterval: 0 };
    const random = randomNumbers(11);
    const planes = planesOf(shape, (component) => flatBlock(random, component));
    const expected = pixelsOf(shape, planes, Math.round);
    const size = { width: shape.width, height: shape.height };
    assertNear(jpegAverages(writeJpeg(shape, planes), size, size)!.data, expected, 0.001);
  });
}

/** A picture of each sampling with restart markers, and where its scan begins. */
function samples(): { bytes: Uint8Array<ArrayBuffer>; scan: number }[] {
  return Object.values(SAMPLINGS).map((factors, i) => {
    const shape = { width: 50, height: 40, factors, restartInterval: i % 4 };
    const random = randomNumbers(i);
    const planes = planesOf(shape, (component) => roughBlock(random, component));
    const bytes = writeJpeg(shape, planes);
    const header = bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xda);
    return { bytes, scan: header + 2 + bytes[header + 3] };
  });
}

const SMALL = { width: 6, height: 4 };

Deno.test("JPEG cut short anywhere: no averages, or marked as partial", () => {
  for (const { bytes } of samples()) {
    // The marker at the end may be missing, nothing else.
    assertEquals(jpegAverages(bytes.slice(0, -2), SMALL)!.isPartial, undefined);
    for (let length = 0; length < bytes.length - 2; length += length < 400 ? 1 : 7) {
      const grid = jpegAverages(bytes.slice(0, length), SMALL);
      assert(grid === null || grid.isPartial, `${length}`);
    }
    assert(jpegAverages(bytes.slice(0, -3), SMALL)!.isPartial);
  }
});

function isNoneOrPartial(bytes: Uint8Array): boolean {
  const grid = jpegAverages(bytes, SMALL);
  return grid === null || grid.isPartial === true;
}

Deno.test("JPEG of which one restart interval is cut short, or one marker is missing: partial", () => {
  for (const { bytes, scan } of samples()) {
    for (let at = scan; at < bytes.length - 2; at++) {
      if (bytes[at] !== 0xff || (bytes[at + 1] & 0xf8) !== 0xd0) continue;
      const without = (from: number, end: number) =>
        Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(end)]);
      // A byte of 0xFF is followed by a stuffed zero; both go.
      const last = bytes[at - 1] === 0 ? at - 2 : at - 1;
      assert(isNoneOrPartial(without(last, at)));
      assert(isNoneOrPartial(without(at, at + 2)));
    }
  }
});

Deno.test("JPEG with a broken restart interval: all others are as they were", () => {
  const shape = { width: 80, height: 24, factors: SAMPLINGS["4:4:4"], restartInterval: 3 };
  const random = randomNumbers(5);
  const bytes = writeJpeg(shape, planesOf(shape, (component) => roughBlock(random, component)));
  const size = { width: 10, height: 3 }; // an area for each MCU
  const whole = jpegAverages(bytes, size)!.data.slice();
  const markers = Array.from(bytes.keys()).filter((at) =>
    bytes[at] === 0xff && (bytes[at + 1] & 0xf8) === 0xd0
  );
  const edited = (from: number, end: number, put: readonly number[] = []) =>
    Uint8Array.from([...bytes.subarray(0, from), ...put, ...bytes.subarray(end)]);
  const cases: Record<string, [damaged: Uint8Array, lost: readonly number[]]> = {
    "an empty interval": [edited(markers[1] + 2, markers[2]), [2]],
    "one that a marker breaks off": [
      edited(markers[1] + 2, markers[2], [0xff, 0x02, 0x12, 0x34]),
      [2],
    ],
    "two that are gone with their markers": [edited(markers[2], markers[4]), [3, 4]],
    "a marker that is gone": [edited(markers[4], markers[4] + 2), [5]],
    "a marker of an interval before": [edited(markers[4], markers[4] + 2, [0xff, 0xd2]), [5]],
    "the last interval": [edited(markers.at(-1)! + 2, bytes.length - 2), [9]],
  };
  for (const [name, [damaged, lost]] of Object.entries(cases)) {
    const { data, isPartial } = jpegAverages(damaged, size)!;
    assert(isPartial, name);
    for (let mcu = 0; mcu < 30; mcu++) {
      const expected = lost.includes(Math.floor(mcu / 3))
        ? [0, 0, 0]
        : [...whole.subarray(mcu * 3, mcu * 3 + 3)];
      assertNear(data.slice(mcu * 3, mcu * 3 + 3), expected, 0.001);
    }
  }
});

Deno.test("JPEG with any bytes changed: averages or none, never a trap", () => {
  const originals = samples();
  const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255));
  fc.assert(
    fc.property(
      fc.nat(originals.length - 1),
      fc.boolean(),
      fc.array(change, { minLength: 1, maxLength: 8 }),
      (which, inHeaders, changes) => {
        const { bytes, scan } = originals[which];
        const copy = bytes.slice();
        for (const [part, value] of changes) {
          copy[Math.floor(part * ((inHeaders ? scan : bytes.length) - 1))] = value;
        }
        const grid = jpegAverages(copy, SMALL, SMALL);
        if (grid === null) return;
        assertEquals(grid.data.length, SMALL.width * SMALL.height * 3);
        assert(grid.data.every((value) => value >= 0 && value <= 255), `${grid.data}`);
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("JPEG with headers that no baseline encoder writes: no averages", () => {
  const { bytes } = samples()[1];
  const segment = (marker: number) =>
    bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === marker) + 4;
  const dqt = segment(0xdb), sof = segment(0xc0), dht = segment(0xc4), sos = segment(0xda);
  const edits: Record<string, [at: number, value: number]> = {
    "a quantization table of 16 bits that ends too soon": [dqt, 0x10],
    "a fifth quantization table": [dqt, 4],
    "more codes of one bit than there are": [dht + 1, 3],
    "a third Huffman table": [dht, 2],
    "twelve bits a sample": [sof, 12],
    "two components": [sof + 5, 2],
    "more components than the segment has": [sof + 5, 4],
    "a sampling factor of 0": [sof + 7, 0x10],
    "a sampling factor of 5": [sof + 7, 0x51],
    "a fifth table for a component": [sof + 8, 4],
    "chromas that are sampled differently": [sof + 10, 0x21],
    "a scan of two components": [sos, 2],
    "a scan of other components": [sos + 1, 7],
    "a scan with a third table": [sos + 2, 0x20],
    "a progressive frame of which all is there": [sof - 3, 0xc2],
    "an arithmetic frame": [sof - 3, 0xc9],
  };
  assert(jpegAverages(bytes, SMALL, SMALL) !== null);
  for (const [name, [at, value]] of Object.entries(edits)) {
    const copy = bytes.slice();
    copy[at] = value;
    assertEquals(jpegAverages(copy, SMALL, SMALL), null, name);
  }
});

Deno.test("JPEG without Huffman tables: no averages, whatever was in the memory before", () => {
  const { bytes, scan } = samples()[1];
  const isTable = (at: number) => bytes[at] === 0xff && bytes[at + 1] === 0xc4;
  const bare = [...bytes.subarray(0, 2)];
  for (let at = 2; at < scan;) {
    const end = at + 2 + (bytes[at + 2] << 8 | bytes[at + 3]);
    if (!isTable(at)) bare.push(...bytes.subarray(at, end));
    at = end;
  }
  const withoutTables = Uint8Array.from([...bare, ...bytes.subarray(scan)]);
  // A comment of what a table would hold if a code of one bit ended every block.
  const comment = [0xff, 0xfe, 0xff, 0xfe, ...Array(0x7ffe).fill([0x01, 0x80]).flat()];
  jpegAverages(Uint8Array.from([0xff, 0xd8, ...comment, ...bytes.subarray(2)]), SMALL, SMALL);
  assertEquals(jpegAverages(withoutTables, SMALL, SMALL), null);
});

Deno.test("a part of a JPEG at its lower right edge has every area, however MCUs are divided", () => {
  const shape: JpegShape = { width: 24, height: 24, factors: SAMPLED_BY_3, restartInterval: 0 };
  const flat = (dc: number) =>
    writeJpeg(
      shape,
      planesOf(shape, (c) => Int32Array.from({ length: 64 }, (_, i) => c + i ? 0 : dc)),
    );
  const dark = flat(-100), bright = flat(300);
  for (let side = 1; side <= 24; side++) {
    const part = { x: 24 - side, y: 24 - side, width: side, height: side };
    // Leaves other averages in the memory.
    jpegAverages(bright, { width: 30, height: 30 });
    const grid = jpegAverages(dark, SMALL, SMALL, part)!;
    assert(grid.data.every((value) => Math.abs(value - (128 - 100 * STEP / 8)) < 1), `${side}`);
  }
});
