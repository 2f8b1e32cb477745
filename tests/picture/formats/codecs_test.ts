/**
 * Formats that other people's codecs decode in a Worker: WebP, AVIF, HEIF.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CodecWorker } from "../../../lib/picture/codecs/codec_worker.ts";
import {
  animate,
  draw,
  drawPixels,
  identify,
  isAnimated,
  PictureError,
} from "../../../lib/picture/mod.ts";
import { screenOf } from "../../../tools/screens/terminal_screen.ts";
import { canvas, colorOf, decoded, fixture, shown, shownWithRemarks } from "../support/pictures.ts";
import { type ExtraItem, withItem } from "../support/heif_items.ts";

/** The fixtures' four quarters: upper left, upper right, lower left, lower right. */
const RED = [224, 32, 32], GREEN = [32, 192, 64], BLUE = [32, 64, 224], WHITE = [240, 240, 240];

/** The colours in the middle of the four quarters. */
async function quarters(bytes: Uint8Array): Promise<number[][]> {
  const { width, height, data } = await decoded(bytes);
  return [[1, 1], [3, 1], [1, 3], [3, 3]].map(([x, y]) => {
    const at = (Math.floor(height * y / 4) * width + Math.floor(width * x / 4)) * 3;
    return [...data.subarray(at, at + 3)];
  });
}

function assertNear(actual: readonly number[][], expected: readonly (readonly number[])[]) {
  const off = actual.flatMap((color, i) => color.map((value, c) => value - expected[i][c]));
  assert(off.every((by) => Math.abs(by) <= 3), `${actual.join(" ")} is not ${expected.join(" ")}`);
}

/** A file with bytes after a mark replaced. */
function patched(bytes: Uint8Array, mark: string, put: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(put, new TextDecoder("latin1").decode(bytes).indexOf(mark));
  return copy;
}

for (const name of ["lossy.webp", "lossless.webp", "plain.avif", "plain.heic", "thumbnail.heic"]) {
  Deno.test(`${name} is drawn in its colours`, async () => {
    const bytes = await fixture(name);
    const type = /avif/.test(name) ? "avif" : /heic/.test(name) ? "heif" : "webp";
    assertEquals(identify(bytes), { type, width: 64, height: 48 });
    assertNear(await quarters(bytes), [RED, GREEN, BLUE, WHITE]);
  });
}

for (const name of ["alpha.webp", "alpha.avif"]) {
  Deno.test(`${name} lies over the background by its alpha`, async () => {
    assertNear(await quarters(await fixture(name)), [[0, 0, 0], [16, 96, 32], BLUE, WHITE]);
    const on = canvas(4, 2, { background: [200, 100, 0] });
    assertNear([[...colorOf((await shown(await fixture(name), on))[0][0])]], [[200, 100, 0]]);
  });
}

Deno.test("an AVIF is turned and mirrored as its properties say (irot, imir)", async () => {
  const bytes = await fixture("turned.avif");
  assertEquals(identify(bytes), { type: "avif", width: 48, height: 64 });
  // A quarter to the left, then top and bottom exchanged: rows become columns.
  const rows = await shown(bytes, canvas(4, 4));
  const corners = [rows[0][0], rows[0].at(-1)!, rows.at(-1)![0], rows.at(-1)!.at(-1)!];
  assertNear(corners.map((cell) => [...colorOf(cell)]), [RED, BLUE, GREEN, WHITE]);
});

Deno.test("an AVIF is cropped as its clean aperture says (clap)", async () => {
  const bytes = await fixture("cropped.avif");
  assertEquals(identify(bytes), { type: "avif", width: 40, height: 24 });
  const { width, height, data } = await decoded(bytes);
  assertEquals([width, height, data.length], [40, 24, 40 * 24 * 3]);
  // From (8, 8) on: the middle of the picture, at (32, 24), is at (24, 16) now.
  const at = (
    x: number,
    y: number,
  ) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  assertNear([at(20, 12), at(28, 12), at(20, 20), at(28, 20)], [RED, GREEN, BLUE, WHITE]);
  // Moved to the lower right corner, which is 12 pixels off the middle both ways.
  const moved = bytes.slice();
  const view = new DataView(moved.buffer);
  const clap = new TextDecoder("latin1").decode(bytes).indexOf("clap") + 4;
  for (const offset of [clap + 16, clap + 24]) {
    view.setInt32(offset, 12 * view.getUint32(offset + 4));
  }
  const corner = await decoded(moved);
  assertEquals([corner.width, corner.height], [40, 24]);
  assertNear([[...corner.data.subarray(0, 3)], [...corner.data.subarray(-3)]], [BLUE, WHITE]);
});

Deno.test("the orientation of EXIF is applied to a WebP, and never to AVIF and HEIF", async () => {
  // This AVIF has EXIF orientation 6 and the turn that it means; this HEIF has the former alone.
  assertEquals(identify(await fixture("exif.avif")), { type: "avif", width: 48, height: 64 });
  const rows = await shown(await fixture("exif.avif"), canvas(4, 4));
  assertNear([[...colorOf(rows[0][0])], [...colorOf(rows[0].at(-1)!)]], [BLUE, RED]);
  assertEquals(identify(await fixture("exif.heic")), { type: "heif", width: 64, height: 48 });
  assertNear(await quarters(await fixture("exif.heic")), [RED, GREEN, BLUE, WHITE]);

  const webp = await fixture("lossless.webp");
  const exif = [...new TextEncoder().encode("EXIF"), 26, 0, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8]
    .concat([0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]);
  const turned = Uint8Array.from([...webp, ...exif]);
  assertEquals(identify(turned), { type: "webp", width: 48, height: 64 });
});

Deno.test("a HEIF that its codec turns has the size of the upright picture", async () => {
  // The property that gives the bits of a pixel becomes one that turns the picture to the left.
  const bytes = patched(await fixture("plain.heic"), "pixi", [0x69, 0x72, 0x6f, 0x74, 1]);
  assertEquals(identify(bytes), { type: "heif", width: 48, height: 64 });
  assertNear(await quarters(bytes), [GREEN, WHITE, RED, BLUE]);
});

const EXTRA_ITEMS: Record<string, ExtraItem> = {
  "a tone-mapped picture": { type: "tmap", reference: "dimg", auxiliaryType: null },
  "a gain map": {
    type: null,
    reference: "auxl",
    auxiliaryType: "urn:com:apple:photo:2020:aux:hdrgainmap",
  },
  "an auxiliary item of an unknown kind": {
    type: null,
    reference: "auxl",
    auxiliaryType: "urn:example:unknown",
  },
  "an item of an unknown type": { type: "xyz1", reference: "auxl", auxiliaryType: "urn:example:x" },
};

for (const name of ["plain.avif", "plain.heic"]) {
  for (const [kind, item] of Object.entries(EXTRA_ITEMS)) {
    Deno.test(`${name} with ${kind} is drawn as without it`, async () => {
      const file = withItem(await fixture(name), item);
      assertEquals(identify(file), identify(await fixture(name)));
      assertNear(await quarters(file), [RED, GREEN, BLUE, WHITE]);
    });
  }
}

Deno.test("the first picture of a sequence is drawn, with a remark", async () => {
  const { rows, remarks } = await shownWithRemarks(await fixture("sequence.avif"), canvas(4, 2));
  assertEquals(remarks, ["first-of-sequence"]);
  assertNear([[...colorOf(rows[0][0])]], [RED]);
  const still = await shownWithRemarks(await fixture("plain.avif"), canvas(4, 2));
  assertEquals(still.remarks, []);
  const pixels = { columns: 4, rows: 2, protocol: "sixel", cellWidth: 8, cellHeight: 16 } as const;
  for (const [name, expected] of [["sequence", remarks], ["plain", []]] as const) {
    const said: string[] = [];
    const on = { ...pixels, onRemark: (remark: string) => said.push(remark) };
    await drawPixels(await fixture(`${name}.avif`), on);
    assertEquals(said, [...expected]);
  }
});

Deno.test("around a picture of an animated WebP that is smaller than the screen is the background", async () => {
  const still = await fixture("alpha.webp");
  const three = (value: number) => [value & 255, value >> 8, 0];
  const chunk = (type: string, content: readonly number[]) => [
    ...new TextEncoder().encode(type),
    ...[...three(content.length), 0],
    ...content,
  ];
  // Its size is 64 × 48; behind the extended header there are its chunks.
  const part = [0, 0, 63, 47, 100].flatMap(three);
  const bytes = Uint8Array.from([
    ...still.subarray(0, 12),
    ...chunk("VP8X", [0x12, 0, 0, 0, ...three(65), ...three(48)]),
    ...chunk("ANMF", [...part, 0, ...still.subarray(30)]),
  ]);
  const [raster, alone] = [await decoded(bytes, [9, 99, 199]), await decoded(still, [9, 99, 199])];
  assertEquals([raster.width, raster.height], [66, 49]);
  for (let y = 0; y < 49; y++) {
    for (let x = 0; x < 66; x++) {
      const color = [...raster.data.subarray((y * 66 + x) * 3, (y * 66 + x) * 3 + 3)];
      const expected = x < 64 && y < 48
        ? [...alone.data.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)]
        : [9, 99, 199];
      assert(color.every((value, c) => Math.abs(value - expected[c]) <= 1), `${x}, ${y}: ${color}`);
    }
  }
  // The first picture of an animation has to be there.
  await assertRejects(() => decoded(bytes.subarray(0, bytes.length - 200)), PictureError);
});

Deno.test("an animated WebP is played like the GIF that it was made of", async () => {
  const on = canvas(10, 5, { background: [90, 0, 90] });
  const play = async (name: string) => {
    const frames: { cells: unknown; delayMs: number }[] = [];
    for await (const { text, delayMs } of animate(await fixture(name), on)) {
      frames.push({ cells: screenOf(text), delayMs });
      if (frames.length === 4) break;
    }
    return frames;
  };
  assert(isAnimated(await fixture("animated.webp")));
  assert(!isAnimated(await fixture("lossy.webp")));
  assertEquals(await play("animated.webp"), await play("disposal.gif"));
});

Deno.test("a picture of an animated WebP has to be of the size that its chunk says", async () => {
  const bytes = await fixture("animated.webp");
  const text = new TextDecoder("latin1").decode(bytes);
  const second = text.indexOf("ANMF", text.indexOf("ANMF") + 1) + 8;
  // The lowest bytes of its width and its height.
  for (const place of [6, 9]) {
    const other = bytes.slice();
    other[second + place]--;
    const remarks: string[] = [];
    const on = canvas(10, 5, { onRemark: (remark) => remarks.push(remark) });
    let frames = 0;
    for await (const _ of animate(other, on)) {
      if (++frames > 8) break;
    }
    // The first and what is there of the second, played twice.
    assertEquals([frames, remarks], [4, ["damaged"]]);
  }
});

Deno.test("delays of an animated WebP below 11 ms count as 100", async () => {
  const bytes = (await fixture("animated.webp")).slice();
  const first = new TextDecoder("latin1").decode(bytes).indexOf("ANMF") + 8;
  for (const [stored, expected] of [[10, 100], [11, 11]]) {
    bytes.set([stored, 0, 0], first + 12);
    for await (const { delayMs } of animate(bytes, canvas(2, 1))) {
      assertEquals(delayMs, expected);
      break;
    }
  }
});

Deno.test("an animated WebP that is cut short plays the pictures before the cut", async () => {
  const bytes = await fixture("animated.webp");
  const remarks: string[] = [];
  const on = canvas(10, 5, { onRemark: (remark) => remarks.push(remark) });
  let frames = 0;
  for await (const _ of animate(bytes.slice(0, bytes.length - 12), on)) {
    if (++frames > 8) break;
  }
  assert(frames > 1);
  assertEquals(remarks, ["damaged"]);
});

for (const name of ["lossy.webp", "lossless.webp", "alpha.avif", "plain.heic"]) {
  Deno.test(`${name} cut short anywhere is drawn or named damaged`, async () => {
    const bytes = await fixture(name);
    const step = Math.ceil(bytes.length / 8);
    for (let length = 13; length < bytes.length; length += step) {
      try {
        await draw(bytes.slice(0, length), canvas(4, 2));
      } catch (error) {
        assert(error instanceof PictureError, String(error));
      }
    }
  });
}

Deno.test("an AVIF that does not say how many bits its channels have is drawn (pixi)", async () => {
  const ascii = (text: string) => [...new TextEncoder().encode(text)];
  const bytes = patched(await fixture("plain.avif"), "pixi", ascii("none"));
  assertNear(await quarters(bytes), [RED, GREEN, BLUE, WHITE]);
  // Data whose length is 0 go as far as the file.
  const dataAt = new TextDecoder("latin1").decode(bytes).indexOf("mdat");
  const open = bytes.slice();
  open.fill(0, dataAt - 4, dataAt);
  assertNear(await quarters(open), [RED, GREEN, BLUE, WHITE]);
  // Of 10 bits.
  const deep = patched(await fixture("pq_10_bits.avif"), "pixi", ascii("none"));
  assertEquals((await decoded(deep)).data, (await decoded(await fixture("pq_10_bits.avif"))).data);
});

Deno.test("a picture that is too large for its codec's memory is refused by its header", async () => {
  const avif = patched(await fixture("plain.avif"), "ispe", [
    ...new TextEncoder().encode("ispe"),
    ...[0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0x20, 0],
  ]);
  const error = await assertRejects(() => draw(avif, canvas(4, 2)), PictureError);
  assertEquals(error.code, "too-large");
});

Deno.test("a picture that is not of the size of its header is damaged", async () => {
  for (const name of ["plain.avif", "plain.heic"]) {
    const bytes = await fixture(name);
    for (const [width, height] of [[65, 48], [64, 49]]) {
      const other = patched(bytes, "ispe", [
        ...new TextEncoder().encode("ispe"),
        ...[0, 0, 0, 0, 0, 0, 0, width, 0, 0, 0, height],
      ]);
      const error = await assertRejects(() => decoded(other), PictureError);
      assertEquals(error.code, "damaged");
    }
  }
});

Deno.test("decoding that takes too long ends with a sentence", async () => {
  using worker = new CodecWorker(0);
  const bytes = await fixture("lossy.webp");
  const error = await assertRejects(() => worker.decode("webp", bytes, [0, 0, 0]), PictureError);
  assertEquals(error.message, "The picture took more than 0 s to decode.");
});

Deno.test("lib/picture imports no codec before a picture needs it", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("../../../lib/picture/mod.ts", import.meta.url).pathname],
  }).output();
  const { modules, roots } = JSON.parse(new TextDecoder().decode(stdout));
  const byName = new Map<string, { dependencies?: Dependency[] }>(
    modules.map((module: { specifier: string }) => [module.specifier, module]),
  );
  const loaded = new Set<string>(roots);
  for (const name of loaded) {
    for (const { isDynamic, code } of byName.get(name)?.dependencies ?? []) {
      if (!isDynamic && code !== undefined) loaded.add(code.specifier);
    }
  }
  const others = [...loaded].filter((name) => /jsquash|libheif|imagescript|codecs\//.test(name));
  assertEquals(others, []);
  assert(loaded.size > 10);
});

/** What is used here of what `deno info` says of an import. */
interface Dependency {
  isDynamic?: boolean;
  code?: { specifier: string };
}
