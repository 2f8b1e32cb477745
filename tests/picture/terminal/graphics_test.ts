import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  drawPixels,
  GRAPHICS_QUERY,
  type GraphicsProtocol,
  isGraphicsReplyComplete,
  parseGraphicsReply,
} from "../../../lib/picture/mod.ts";
import { pixelsOf } from "../../../lib/picture/draw_pixels.ts";
import { encodeKitty } from "../../../lib/picture/terminal/inline_image.ts";
import { encodePng } from "../../../lib/picture/formats/png/writer.ts";
import { decoded, fixture } from "../support/pictures.ts";

const reply = (text: string) => parseGraphicsReply(new TextEncoder().encode(text));

Deno.test("a terminal's reply determines its protocol and the size of a cell", () => {
  const cell = "\x1b[6;20;10t", plain = "\x1b[?62;22c", sixel = "\x1b[?62;4;22c";
  assertEquals(reply(`\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.32)\x1b\\${cell}${plain}`), {
    protocol: "kitty",
    cellWidth: 10,
    cellHeight: 20,
  });
  assertEquals(reply(`\x1bP>|iTerm2 3.5.0\x1b\\${cell}${plain}`).protocol, "iterm2");
  assertEquals(reply(`\x1bP>|WezTerm 20240203\x1b\\${cell}${sixel}`).protocol, "iterm2");
  assertEquals(reply(`${cell}${sixel}`).protocol, "sixel");
  assertEquals(reply(plain), { protocol: "none", cellWidth: 0, cellHeight: 0 });
  assertEquals(reply("").protocol, "none");
  assertEquals(reply(`\x1b[6;9999;9999t${sixel}`), {
    protocol: "sixel",
    cellWidth: 0,
    cellHeight: 0,
  });
});

Deno.test("keys, refusals and a class of 4 in a reply are not a protocol", () => {
  assertEquals(reply("y\r\x1b[A\x1b[?62;22c").protocol, "none");
  assertEquals(reply("\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\\x1b[?62c").protocol, "none");
  assertEquals(reply("\x1b[?4;6c").protocol, "none");
  assertEquals(reply("\x1b[?64;14c").protocol, "none");
  fc.assert(fc.property(fc.uint8Array({ maxLength: 9000 }), (bytes) => {
    parseGraphicsReply(bytes);
    isGraphicsReplyComplete(bytes);
  }));
});

Deno.test("the reply is complete with the device attributes, which are queried last", () => {
  const complete = (text: string) => isGraphicsReplyComplete(new TextEncoder().encode(text));
  assert(GRAPHICS_QUERY.endsWith("\x1b[c"));
  assert(!complete("\x1b_Gi=31;OK\x1b\\"));
  assert(!complete("\x1b[?62;4"));
  assert(complete("\x1b_Gi=31;OK\x1b\\\x1b[?62;4c"));
});

Deno.test("the pixels of a box of cells are whole bands of sixels, and no more than allowed", () => {
  const size = (
    protocol: GraphicsProtocol,
    rows: number,
    cellHeight: number,
    maxPixels?: number,
  ) => {
    const canvas = { columns: 2, rows, protocol, cellWidth: 8, cellHeight, maxPixels };
    const { width, height } = pixelsOf(2, rows, canvas);
    return [width, height];
  };
  assertEquals([size("kitty", 1, 20), size("sixel", 1, 20)], [[16, 20], [16, 18]]);
  // A band that is not full, if there is but one.
  for (const height of [5, 6]) assertEquals(size("sixel", 1, height), [16, height]);
  assertEquals(size("sixel", 1, 7), [16, 6]);
  assertEquals([size("kitty", 2, 8, 256), size("kitty", 2, 8, 64)], [[16, 16], [8, 8]]);
  assertEquals(size("kitty", 1, 1, 0), [1, 1]);
  // A terminal that does not say counts as one of 10 × 20 pixels a cell.
  const unknown = { columns: 2, rows: 3, protocol: "kitty", cellWidth: 0, cellHeight: 0 } as const;
  assertEquals(pixelsOf(2, 3, unknown), { width: 20, height: 60 });
});

async function pixelsIn(protocol: GraphicsProtocol, name = "baseline.jpg"): Promise<string> {
  return await drawPixels(await fixture(name), {
    columns: 8,
    rows: 8,
    protocol,
    cellWidth: 8,
    cellHeight: 16,
  });
}

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

async function assertQuarters(png: Uint8Array) {
  const { width, height, data } = await decoded(png);
  assertEquals([width, height], [64, 48]);
  const at = (
    x: number,
    y: number,
  ) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  const near = (color: number[], expected: number[]) =>
    assert(color.every((value, c) => Math.abs(value - expected[c]) <= 3), String(color));
  near(at(5, 5), [224, 32, 32]);
  near(at(60, 5), [32, 192, 64]);
  near(at(5, 44), [32, 64, 224]);
  near(at(60, 44), [240, 240, 240]);
}

Deno.test("kitty is sent a PNG in pieces of at most 4096 bytes, in a box of cells", async () => {
  const sample = await Deno.readFile(new URL("../../../images/image.jpg", import.meta.url));
  const text = await drawPixels(sample, {
    columns: 20,
    rows: 20,
    protocol: "kitty",
    cellWidth: 10,
    cellHeight: 20,
  });
  // deno-lint-ignore no-control-regex -- the protocol's frame
  const commands = [...text.matchAll(/\x1b_G([^;]*);([^\x1b]*)\x1b\\/g)];
  assertEquals(commands.map(([all]) => all).join("") + "\n", text);
  assert(commands.length > 1);
  assertEquals(commands[0][1], "a=T,f=100,q=2,c=20,r=6,m=1");
  commands.forEach(([, keys, payload], i) => {
    assert(payload.length <= 4096);
    assert(keys.endsWith(i === commands.length - 1 ? "m=0" : "m=1"));
  });
  const png = await decoded(fromBase64(commands.map(([, , piece]) => piece).join("")));
  assertEquals([png.width, png.height], [200, 120]);
});

Deno.test("a payload that fills its last piece is sent without an empty one", async () => {
  // Noise, so that each pixel adds its three bytes to the PNG; 3072 of them are 4096 characters.
  const noise = crypto.getRandomValues(new Uint8Array(3300));
  for (let width = 950;; width++) {
    const rgb = noise.slice(0, width * 3);
    const pixels = { width, height: 1, rgb };
    const { length } = await encodePng(pixels);
    if (length < 3070) continue;
    assert(length <= 3072);
    const text = await encodeKitty({ ...pixels, columns: 1, rows: 1 });
    // deno-lint-ignore no-control-regex -- the protocol's frame
    const payload = /^\x1b_Ga=T,f=100,q=2,c=1,r=1,m=0;(.{4096})\x1b\\\n$/.exec(text);
    assert(payload !== null, text.slice(0, 60));
    break;
  }
});

Deno.test("iTerm2 is sent a PNG with its size in bytes and in cells", async () => {
  const text = await pixelsIn("iterm2");
  // deno-lint-ignore no-control-regex -- the protocol's frame
  const [, keys, payload] = /^\x1b\]1337;File=([^:]*):([^\x07]*)\x07\n$/.exec(text)!;
  const png = fromBase64(payload);
  assertEquals(keys, `inline=1;size=${png.length};width=8;height=3;preserveAspectRatio=0`);
  await assertQuarters(png);
});

Deno.test("sixels show the picture: colours, bands, repeats", async () => {
  const text = await pixelsIn("sixel");
  // deno-lint-ignore no-control-regex -- the protocol's frame
  const [, width, height, body] = /^\x1bP0;1;0q"1;1;(\d+);(\d+)([^\x1b]*)\x1b\\\n$/.exec(text)!;
  assertEquals([width, height], ["64", "48"]);
  const palette = new Map<string, number[]>();
  const screen = new Map<string, number[]>();
  let color: number[] = [], x = 0, top = 0;
  for (
    const [token, number, rgb, count, sixel] of body.matchAll(
      /#(\d+)((?:;\d+){4})?|!(\d+)(?=(.))|[?-~]|[$-]/g,
    )
  ) {
    if (rgb !== undefined) palette.set(number, rgb.split(";").slice(2).map(Number));
    else if (number !== undefined) color = palette.get(number)!;
    else if (token === "$") x = 0;
    else if (token === "-") [x, top] = [0, top + 6];
    else if (count !== undefined) paint(sixel, Number(count) - 1);
    else paint(token, 1);
  }
  function paint(sixel: string, times: number) {
    for (let i = 0; i < times; i++, x++) {
      for (let bit = 0; bit < 6; bit++) {
        if (sixel.charCodeAt(0) - 63 >> bit & 1) screen.set(`${x},${top + bit}`, color);
      }
    }
  }
  assertEquals(screen.size, 64 * 48, "every pixel is painted");
  const means = [[0, 0], [32, 0], [0, 24], [32, 24]].map(([left, up]) => {
    const sums = [0, 0, 0];
    for (let y = up; y < up + 24; y++) {
      for (let x = left; x < left + 32; x++) {
        screen.get(`${x},${y}`)!.forEach((value, c) => sums[c] += value * 2.55);
      }
    }
    return sums.map((sum) => sum / (24 * 32));
  });
  const expected = [[224, 32, 32], [32, 192, 64], [32, 64, 224], [240, 240, 240]];
  means.forEach((mean, i) =>
    mean.forEach((value, c) => assert(Math.abs(value - expected[i][c]) < 6, String(mean)))
  );
});

Deno.test("sixels define no colour that they do not use, and end behind the last band", async () => {
  const text = await pixelsIn("sixel");
  const defined = [...text.matchAll(/#(\d+);/g)].map(([, number]) => number);
  const used = [...text.matchAll(/#(\d+)(?!\d|;)/g)].map(([, number]) => number);
  assertEquals(defined.toSorted(), [...new Set(used)].toSorted());
  assert(!text.includes("-\x1b\\"));
});

Deno.test("at most as many pixels are sent as a large screen has, whatever the box", async () => {
  const png = await encodePng({
    width: 2000,
    height: 2000,
    rgb: new Uint8Array(2000 * 2000 * 3).fill(200),
  });
  const box = { columns: 1000, rows: 1000, cellWidth: 10, cellHeight: 20 };
  const text = await drawPixels(png, { ...box, protocol: "kitty" });
  assert(text.startsWith("\x1b_Ga=T,f=100,q=2,c=1000,r=500,"), "the box is as asked for");
  // deno-lint-ignore no-control-regex -- the protocol's frame
  const payload = text.replaceAll(/\x1b_G[^;]*;|\x1b\\|\n/g, "");
  const { width, height } = await decoded(fromBase64(payload));
  assertEquals([width, height], [2880, 2880]);
  const sixels = await drawPixels(png, { ...box, protocol: "sixel" });
  assert(sixels.startsWith('\x1bP0;1;0q"1;1;2880;2880'));
});

Deno.test("through tmux go the same commands, their escapes doubled, with room made for them", async () => {
  for (const protocol of ["kitty", "iterm2", "sixel"] as const) {
    const box = { columns: 80, rows: 8, protocol, cellWidth: 8, cellHeight: 16 };
    const bytes = await fixture("rgb8.png");
    const plain = await drawPixels(bytes, box);
    const text = await drawPixels(bytes, { ...box, throughTmux: true });
    // deno-lint-ignore no-control-regex -- tmux's frame
    const passed = text.replaceAll(/\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\/g, (_, command) => {
      return command.replaceAll("\x1b\x1b", "\x1b");
    });
    assertEquals(passed, "\n".repeat(8) + "\x1b[8A" + plain.slice(0, -1) + "\x1b[8B");
  }
});

Deno.test("a PNG that is written reads back the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 9 }),
      async (w, h) => {
        const rgb = crypto.getRandomValues(new Uint8Array(w * h * 3));
        const { data, width, height } = await decoded(
          await encodePng({ width: w, height: h, rgb }),
        );
        assertEquals([width, height, [...data]], [w, h, [...rgb]]);
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("a picture with an id leaves the cursor where it is, and keeps to the pixels allowed", async () => {
  const canvas = { columns: 8, rows: 8, protocol: "kitty", cellWidth: 8, cellHeight: 16 } as const;
  const bytes = await fixture("baseline.jpg");
  const text = await drawPixels(bytes, { ...canvas, imageId: 77, maxPixels: 100 });
  // deno-lint-ignore no-control-regex -- a command of the protocol
  const [, keys, payload] = /^\x1b_G([^;]*);([^\x1b]*)/.exec(text)!;
  assert(keys.startsWith("a=T,f=100,q=2,i=77,p=1,C=1,c="), keys);
  const png = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  const { width, height } = await decoded(png);
  assert(width * height <= 100, `${width} × ${height}`);
});
