/** How pictures reach a terminal or a pipe, by options and environment. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../../lib/client/failure.ts";
import type { PictureOptions } from "../../../lib/client/options.ts";
import {
  DRAWN_FILE_LIMIT,
  PictureView,
  type PictureViewParts,
  START_LIMIT,
} from "../../../lib/client/terminal/picture_view.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const PNG = new URL("../../picture/fixtures/rgb8.png", import.meta.url).pathname;

/** A view whose output is kept; no terminal is asked for anything. */
function viewOf(
  options: Partial<PictureOptions>,
  variables: Record<string, string> = {},
  out = false,
  input: unknown = { isTerminal: false },
) {
  const shown: string[] = [];
  const view = new PictureView({
    screen: {
      outIsTerminal: out,
      put: (text: string) => Promise.resolve(void shown.push(text)),
      putSync() {},
    },
    input,
    options: { graphics: "auto", width: 8, ...options },
    environment: { get: (name: string) => variables[name] },
    rowsAround: 2,
    hint: "hint",
  } as unknown as PictureViewParts);
  return { view, shown };
}

Deno.test("there are colours unless NO_COLOR or an option says otherwise", () => {
  const has = (options: Partial<PictureOptions>, variables = {}) =>
    viewOf(options, variables).view.hasColors;
  assertEquals(has({}), true);
  assertEquals(has({ colors: "256" } as Partial<PictureOptions>), true);
  assertEquals(has({ colors: "none" } as Partial<PictureOptions>), false);
  assertEquals(has({}, { NO_COLOR: "1" }), false);
  assertEquals(has({}, { NO_COLOR: "" }), true);
});

Deno.test("a requested protocol is used, through tmux if the output is a terminal in it", async () => {
  const starts = { kitty: "\x1b_Ga=T", iterm2: "\x1b]1337;File=", sixel: "\x1bP0;1;0q" };
  for (const [graphics, start] of Object.entries(starts)) {
    const show = async (variables: Record<string, string>, out = false) => {
      const options = { graphics } as Partial<PictureOptions>;
      const { view, shown } = viewOf(options, variables, out);
      assertEquals(await view.show(PNG), { isDrawn: true, kind: null, remarks: [] });
      return shown.join("");
    };
    assertEquals((await show({})).startsWith(start), true);
    assertEquals((await show({ TMUX: "/tmp/tmux" })).startsWith(start), true);
    assertEquals((await show({}, true)).startsWith(start), true);
    assertEquals((await show({ TMUX: "/tmp/tmux" }, true)).includes("\x1bPtmux;\x1b"), true);
  }
});

Deno.test("in a pipe, with blocks, or without a terminal to query, a picture is made of characters", async () => {
  for (const options of [{}, { graphics: "blocks" }] as Partial<PictureOptions>[]) {
    for (const out of [false, true]) {
      const { view, shown } = viewOf({ ...options, colors: "none" } as typeof options, {}, out);
      await view.show(PNG);
      for (const start of ["\x1bP", "\x1b_", "\x1b]"]) {
        assertEquals(shown.join("").includes(start), false);
      }
      assertEquals(shown.join("").trimEnd().split("\n").length, 3);
    }
  }
});

Deno.test("what cannot be drawn is not read if it is large, and neither is a file over the limit", async () => {
  using folder = temporaryFolder();
  const { view, shown } = viewOf({});
  /** A file that begins like this, and is as long as that. */
  const file = (start: string | Uint8Array, size: number) => {
    const path = join(folder.path, "image");
    Deno.writeFileSync(path, typeof start === "string" ? new TextEncoder().encode(start) : start);
    Deno.truncateSync(path, size);
    return path;
  };
  const png = Deno.readFileSync(PNG);
  assertEquals(await view.read(PNG), png);
  // What was read already is not read again.
  const gone = join(folder.path, "gone");
  assertEquals((await view.show(gone, png)).isDrawn, true);
  shown.length = 0;
  assertEquals((await view.read(file("text", 9)))?.length, 9);
  assertEquals((await view.read(file(png, START_LIMIT + 1)))?.length, START_LIMIT + 1);
  const text = file("text", START_LIMIT + 1);
  assertEquals(await view.read(text), null);
  assertEquals(await view.isDamaged(text), false);
  assertEquals(await view.show(text), { isDrawn: false, kind: null, remarks: [] });
  assertEquals(shown, []);
  const large = file(png, DRAWN_FILE_LIMIT + 1);
  for (const read of [() => view.read(large), () => view.show(large)]) {
    assertEquals((await assertRejects(read, Failure)).token, "TOO_LARGE_TO_DRAW");
  }
  const missing = () => view.read(join(folder.path, "missing"));
  assertEquals((await assertRejects(missing, Failure)).token, "CACHE_UNUSABLE");
});

/** A GIF of one pixel that is black and white in turn, for ever. */
const BLINKING = Uint8Array.from([
  ...new TextEncoder().encode("GIF89a"),
  ...[1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255],
  ...[0x21, 0xff, 11, ...new TextEncoder().encode("NETSCAPE2.0"), 3, 1, 0, 0, 0],
  ...[0x21, 0xf9, 4, 0, 3, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0],
  ...[0x21, 0xf9, 4, 0, 3, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 1, 0],
  0x3b,
]);

/** What happens on a terminal that replies so: what is asked, whether it moves, what is shown. */
async function watched(
  path: string,
  { reply = "\x1b[?62c", out = true, isTerminal = true, variables = {}, ...options }:
    & Partial<PictureOptions>
    & { reply?: string; out?: boolean; isTerminal?: boolean; variables?: Record<string, string> },
) {
  let isAsked = false, isMoving = false;
  const input = {
    isTerminal,
    async reply(ask: () => Promise<void>) {
      isAsked = true;
      await ask();
      return new TextEncoder().encode(reply);
    },
    async untilKey(work: (pressed: AbortSignal) => Promise<void>) {
      isMoving = true;
      // A key is pressed at once: one frame is shown.
      await work(AbortSignal.abort());
    },
  };
  const { view, shown } = viewOf(options, { TERM: "xterm", ...variables }, out, input);
  await view.show(path);
  return { isAsked, isMoving, shown: shown.join("") };
}

Deno.test("a GIF moves where a person watches it, on a terminal that can go back", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "a.gif");
  Deno.writeFileSync(path, BLINKING);
  const moves = async (options: Parameters<typeof watched>[1]) =>
    (await watched(path, options)).isMoving;
  assertEquals([await moves({}), await moves({ graphics: "blocks" })], [true, true]);
  for (const graphics of ["kitty", "iterm2", "sixel"] as const) {
    assertEquals([graphics, await moves({ graphics })], [graphics, false]);
  }
  assertEquals(await moves({ out: false }), false);
  assertEquals(await moves({ isTerminal: false }), false);
  for (const TERM of ["", "dumb"]) assertEquals(await moves({ variables: { TERM } }), false);
  const drawn = async (width: number) =>
    (await watched(path, { colors: "none", width } as Parameters<typeof watched>[1])).shown;
  const wide = await drawn(30);
  assertEquals(wide.startsWith("\x1b[?25l") && wide.endsWith("hint\r\x1b[K\x1b[?25h"), true);
  assertEquals((await drawn(29)).includes("hint"), false);
});

Deno.test("a terminal is asked for pixels unless something speaks for characters", async () => {
  const kitty = "\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;22c";
  const asks = async (options: Parameters<typeof watched>[1]) => {
    const { isAsked, shown } = await watched(PNG, { reply: kitty, ...options });
    assertEquals(shown.includes("\x1b_Ga=T"), isAsked);
    return isAsked;
  };
  assertEquals(await asks({}), true);
  for (
    const options of [
      { symbols: "half" },
      { colors: "256" },
      { graphics: "blocks" },
      { out: false },
      { isTerminal: false },
      ...[{ NO_COLOR: "1" }, { TMUX: "/tmp/tmux" }].map((variables) => ({ variables })),
      ...["", "dumb", "linux", "screen-256color", "tmux"].map((TERM) => ({ variables: { TERM } })),
    ] as Parameters<typeof watched>[1][]
  ) assertEquals([options, await asks(options)], [options, false]);
  const { isAsked, shown } = await watched(PNG, {});
  assertEquals([isAsked, shown.includes("\x1b_Ga=T")], [true, false]);
});
