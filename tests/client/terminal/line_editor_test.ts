/** The line that is typed: its limit, its history, its cursor. */
import { assertEquals } from "@std/assert";
import { LineEditor, type LineEditorOptions } from "../../../lib/client/terminal/line_editor.ts";
import type { Key } from "../../../lib/client/terminal/keys.ts";

/** Takes keys (a word in angle brackets is a key, all else is typed) and gives the line. */
async function lineOf(keys: string, options: Partial<LineEditorOptions> = {}) {
  let written = "";
  const editor = new LineEditor({
    prompt: "> ",
    isSecret: false,
    limit: 10,
    write: (text) => written += text,
    columns: () => 40,
    ...options,
  });
  for (const [part] of keys.matchAll(/<[a-z0-9-]+>|[^<]+/g)) {
    const name = /^<(.+)>$/.exec(part)?.[1];
    await editor.take((name === undefined ? { name: "text", text: part } : { name }) as Key);
  }
  return { line: editor.finish()?.line ?? null, written };
}

const line = async (...args: Parameters<typeof lineOf>) => (await lineOf(...args)).line;

Deno.test("a line takes as many characters as it may have, and no more", async () => {
  assertEquals(await line("0123456789"), "0123456789");
  assertEquals(await line("01234567890"), null);
  assertEquals(await line("012345678<left>9"), "012345679" + "8");
  assertEquals(await line("0123456789<home>x"), "0123456789");
});

Deno.test("the history goes back to its first answer, and forward to what was typed", async () => {
  const history = ["first", "second"];
  const recalled = (keys: string) => line(keys, { history });
  assertEquals(await recalled("x<up>"), "second");
  assertEquals(await recalled("x<up><up>"), "first");
  assertEquals(await recalled("x<up><up><up>"), "first");
  assertEquals(await recalled("x<up><up><down>"), "second");
  assertEquals(await recalled("x<up><down>"), "x");
  assertEquals(await recalled("x<down>"), "x");
  assertEquals(await recalled("x<up><down><down><up>"), "second");
  assertEquals(await recalled("x<up>!"), "second!");
  assertEquals(await line("x<up><down>"), "x");
});

Deno.test("the cursor moves and erases by characters and by words", async () => {
  assertEquals(await line("abc<left><left><backspace>"), "bc");
  assertEquals(await line("abc<home><backspace><delete>"), "bc");
  assertEquals(await line("abc<delete>"), "abc");
  assertEquals(await line("abc<left><ctrl-d>"), "ab");
  assertEquals(await line("a/bc d<ctrl-w>", { limit: 20 }), "a/bc ");
  assertEquals(await line("a/bc d<word-left><word-left>x", { limit: 20 }), "a/xbc d");
  assertEquals(await line("a/bc d<home><word-right>x<word-right>y", { limit: 20 }), "ax/bcy d");
  assertEquals(await line("abc<left><ctrl-u>"), "c");
  assertEquals(await line("abc<left><ctrl-k>"), "ab");
  // A family is one character.
  assertEquals(await line("a👩‍👩‍👧b<left><backspace>", { limit: 20 }), "ab");
  assertEquals(await line("한<left>글<right>!"), "글한!");
});

Deno.test("Tab completes what is common; a second one shows the candidates", async () => {
  const complete = (names: string[]) => ({ complete: () => Promise.resolve(names), limit: 40 });
  assertEquals(await line("s<tab>", complete(["sea.jpg", "seal.jpg"])), "sea");
  assertEquals(await line("s<tab>", complete(["sea.jpg"])), "sea.jpg");
  assertEquals(await line("sx<left><tab>", complete(["sea"])), "seax");
  for (const names of [[], ["sea", "sky"]]) {
    const { line, written } = await lineOf("s<tab>", complete(names));
    assertEquals([line, written.includes("\x07")], ["s", true]);
  }
  const first = await lineOf("<tab>", complete(["a.jpg", "b.jpg"]));
  assertEquals([first.written.includes("\x07"), first.written.includes(".jpg")], [true, false]);
  const shown = await lineOf("f/s<tab><tab>", complete(["f/sea.jpg", "f/sky.jpg"]));
  assertEquals(shown.written.includes("\r\nsea.jpg  sky.jpg\r\n"), true, JSON.stringify(shown));
  assertEquals(shown.written.includes("…"), false);
  // Another key in between, and a Tab is a first one again.
  const again = await lineOf("f/s<tab>a<tab>", complete(["f/sea.jpg", "f/sky.jpg"]));
  assertEquals([again.line, again.written.includes("sky")], ["f/sa", false]);
});

Deno.test("more candidates than fit are counted", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `name-${i + 10}`);
  const options = { complete: () => Promise.resolve(names), columns: () => 20, limit: 40 };
  const { written } = await lineOf("name-<tab><tab>", options);
  const rows = written.split("\r\n");
  assertEquals(rows[1], "name-10  name-11");
  assertEquals(rows[12], "name-32  name-33");
  assertEquals(rows[13], "… +16");
});

Deno.test("a line that is too wide shows the part before the cursor and never wraps", async () => {
  const drawn = async (keys: string) => {
    const { written } = await lineOf(keys, { columns: () => 8, limit: 40 });
    return written.slice(written.lastIndexOf("\r> ", written.length - 4)).split("\x1b[K");
  };
  // Five columns are left beside the prompt and the last one.
  assertEquals(await drawn("abcde"), ["\r> abcde", ""]);
  assertEquals(await drawn("abcdef"), ["\r> bcdef", ""]);
  assertEquals(await drawn("가나다"), ["\r> 나다", ""]);
  const { written } = await lineOf("abcdef<home>", { columns: () => 8, limit: 40 });
  assertEquals(written.includes("\r> abcde\x1b[K\r> "), true, JSON.stringify(written));
});
