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
) {
  const shown: string[] = [];
  const view = new PictureView({
    screen: {
      outIsTerminal: out,
      put: (text: string) => Promise.resolve(void shown.push(text)),
      putSync() {},
    },
    input: { isTerminal: false },
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
