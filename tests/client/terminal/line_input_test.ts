/** Answers from a pipe and from a terminal, byte by byte. */
import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Failure } from "../../../lib/client/failure.ts";
import { LONGEST_SEQUENCE, readKey } from "../../../lib/client/terminal/keys.ts";
import {
  type InputSource,
  LINE_LIMIT,
  LineInput,
} from "../../../lib/client/terminal/line_input.ts";

/**
 * A source that gives the pieces one after the other; a terminal if asked, which notes its modes.
 */
function source(pieces: (string | Uint8Array)[], terminal = false) {
  const bytes = pieces.map((piece) =>
    typeof piece === "string" ? new TextEncoder().encode(piece) : piece
  );
  const modes: boolean[] = [];
  const input: InputSource & { modes: boolean[] } = {
    modes,
    isTerminal: () => terminal,
    setRaw: (raw) => modes.push(raw),
    read(into) {
      const piece = bytes.shift();
      if (piece === undefined) return Promise.resolve(null);
      into.set(piece.subarray(0, into.length));
      if (piece.length > into.length) bytes.unshift(piece.subarray(into.length));
      return Promise.resolve(Math.min(piece.length, into.length));
    },
  };
  return input;
}

class Interrupted extends Error {}
const interrupt = () => {
  throw new Interrupted();
};
const quiet = () => Promise.resolve();

async function lines(input: LineInput): Promise<string[]> {
  const all: string[] = [];
  for (let line; (line = await input.line()) !== null;) all.push(line);
  return all;
}

Deno.test("lines end with LF, CRLF or CR; the last one may have no end", async () => {
  const input = new LineInput(source(["a\nb\r\nc\rd\n\ne"]), { interrupt, escapeDelayMs: 1 });
  assertEquals(await lines(input), ["a", "b", "c", "d", "", "e"]);
});

Deno.test("however the bytes arrive, the lines are the same", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\ufeff]/g, ""))),
    fc.constantFrom("\n", "\r\n"),
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
    async (expected, end, sizes) => {
      const bytes = new TextEncoder().encode(expected.map((line) => line + end).join(""));
      const pieces: Uint8Array[] = [];
      for (let at = 0, i = 0; at < bytes.length; at += pieces[i++].length) {
        pieces.push(bytes.subarray(at, at + sizes[i % sizes.length]));
      }
      assertEquals(
        await lines(new LineInput(source(pieces), { interrupt, escapeDelayMs: 1 })),
        expected,
      );
    },
  ));
});

Deno.test("a line over the limit is refused, and the next one is read", async () => {
  const longest = "x".repeat(LINE_LIMIT);
  const input = new LineInput(source([`${longest}\n${longest}x\nnext\n`]), {
    interrupt,
    escapeDelayMs: 1,
  });
  assertEquals(await input.line(), longest);
  const failure = await assertRejects(() => input.line(), Failure);
  assertEquals(failure.token, "LINE_TOO_LONG");
  assertEquals(await input.line(), "next");
});

Deno.test("input that cannot be read has ended", async () => {
  const broken = { ...source([]), read: () => Promise.reject(new Error("EIO")) };
  const input = new LineInput(broken, { interrupt });
  assertEquals([await input.line(), await input.key()], [null, null]);
});

Deno.test("a secret over a pipe is a line", async () => {
  const input = new LineInput(source(["user\npw\n"]), { interrupt, escapeDelayMs: 1 });
  assertEquals([await input.line(), await input.secret("", quiet)], ["user", "pw"]);
});

Deno.test("a secret on a terminal is edited without being shown, and the mode is restored", async () => {
  const cases: [string, string | null][] = [
    ["secret\r", "secret"],
    ["secret\n", "secret"],
    ["ab\x7fc\x08d\r", "ad"],
    ["비밀\x7f번호\r", "비번호"],
    ["a👍🏽\x7f\r", "a"],
    ["\x7f\x7fa\r", "a"],
    ["wrong\x15right\r", "right"],
    ["a\x1b[Db\x1bOCc\x1b[3~d\r", "bacd"],
    ["a\x04b\r", "ab"],
    ["\x04", null],
    ["", null],
    ["cut off", "cut off"],
    ["\r", ""],
  ];
  for (const [typed, secret] of cases) {
    const terminal = source(typed === "" ? [] : [typed], true);
    let shown = "";
    const input = new LineInput(terminal, { interrupt, write: (text) => shown += text });
    assertEquals([typed, await input.secret("? ", quiet)], [typed, secret]);
    assertEquals(terminal.modes, [true, false]);
    assertEquals(shown, "\x1b[?2004h\r? \x1b[?2004l");
  }
});

Deno.test("lines are edited on a terminal that can move its cursor", () => {
  const canEdit = (isTerminal: boolean, options = {}) =>
    new LineInput(source([], isTerminal), { interrupt, ...options }).canEdit;
  assertEquals([canEdit(true), canEdit(true, { canEdit: true })], [true, true]);
  assertEquals([canEdit(true, { canEdit: false }), canEdit(false)], [false, false]);
});

Deno.test("a terminal that changes its size is left as it is unless it is in raw mode", async () => {
  const terminal = source(["a"], true);
  const input = new LineInput(terminal, { interrupt });
  input.redraw();
  assertEquals(terminal.modes, []);
  await input.raw(() => Promise.resolve(input.redraw()));
  assertEquals(terminal.modes, [true, true, false]);
  input.redraw();
  assertEquals(terminal.modes.length, 3);
});

Deno.test("the question is printed once the echo is off", async () => {
  const terminal = source(["x\r"], true);
  const write = (text: string) => {
    if (text.includes("Password")) assertEquals(terminal.modes, [true]);
  };
  await new LineInput(terminal, { interrupt, write }).secret("Password: ", quiet);
});

Deno.test("Ctrl-C in a secret interrupts and restores the mode", async () => {
  const terminal = source(["ab\x03"], true);
  await assertRejects(
    () => new LineInput(terminal, { interrupt, escapeDelayMs: 1 }).secret("", quiet),
    Interrupted,
  );
  assertEquals(terminal.modes, [true, false]);
});

Deno.test("input after a secret's Return belongs to the next question", async () => {
  const input = new LineInput(source(["pw\r\nnext\n"], true), { interrupt, escapeDelayMs: 1 });
  assertEquals([await input.secret("", quiet), await input.line()], ["pw", "next"]);
});

Deno.test("a line feed that follows a Return later still belongs to it", async () => {
  const input = new LineInput(source(["a\r", "\nb\r"], true), { interrupt });
  assertEquals([await input.edit({ prompt: "" }), await input.edit({ prompt: "" })], ["a", "b"]);
});

Deno.test("the key that ends an animation is consumed; the next belongs to the next question", async () => {
  const input = new LineInput(source(["q", "4\n"], true), { interrupt, escapeDelayMs: 1 });
  await input.untilKey((pressed) =>
    new Promise((resolve) => pressed.addEventListener("abort", () => resolve()))
  );
  assertEquals(await input.edit({ prompt: "" }), "4");
  const over = new LineInput(source(["4\n"], true), { interrupt, escapeDelayMs: 1 });
  await over.untilKey(quiet);
  assertEquals(await over.edit({ prompt: "" }), "4");
});

Deno.test("a terminal's reply is collected until it is complete, or its time is up", async () => {
  const complete = (reply: Uint8Array) => new TextDecoder().decode(reply).endsWith("c");
  const input = new LineInput(source(["\x1b[?", "62c", "next\n"], true), {
    interrupt,
    escapeDelayMs: 1,
  });
  assertEquals(new TextDecoder().decode(await input.reply(quiet, complete, 1000)), "\x1b[?62c");
  assertEquals(await input.edit({ prompt: "" }), "next");

  const silent = source([], true);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  silent.read = (into) => promise.then((count) => (into.set([0x61, 0x0a]), count));
  const late = new LineInput(silent, { interrupt, escapeDelayMs: 1 });
  assertEquals((await late.reply(quiet, complete, 10)).length, 0);
  assertEquals(silent.modes, [true, false]);
  resolve(2);
  assertEquals(await late.edit({ prompt: "" }), "a");
});

Deno.test("keys pressed during a terminal query are the start of the next line", async () => {
  const complete = (reply: Uint8Array) => new TextDecoder().decode(reply).endsWith("c");
  const asked = [
    "9",
    "\x1b_Gi=31;OK\x1b\\9\r\x1bP>|x(1)\x1b\\가",
    "\x1b[6;20;10t\x1b[?62c",
    "나\r",
  ];
  const input = new LineInput(source(asked, true), { interrupt, escapeDelayMs: 1 });
  await input.reply(quiet, complete, 1000);
  assertEquals(await input.edit({ prompt: "" }), "99");
  assertEquals(await input.edit({ prompt: "" }), "가나");
  assertEquals(await input.edit({ prompt: "" }), null);
});

Deno.test("the bytes of a key are taken as soon as they are all there, and no others", () => {
  const bytesOf = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const of = (text: string, isOver = false) => {
    const read = readKey(bytesOf(text), isOver);
    return read && [read.length, read.key && (read.key.text || read.key.name)];
  };
  const now: [bytes: string, length: number, key: string | null][] = [
    ["\r", 1, "enter"],
    ["\n", 1, "enter"],
    ["\t", 1, "tab"],
    ["\x7f", 1, "backspace"],
    ["\x08", 1, "backspace"],
    ["\x1a", 1, "ctrl-z"],
    [" x", 1, " "],
    ["~", 1, "~"],
    ["\xc3\xa9x", 2, "é"],
    ["\xed\x95\x9cx", 3, "한"],
    ["\xf0\x9f\x91\xa9x", 4, "👩"],
    ["\xef\xbb\xbfx", 3, "\ufeff"],
    // Bytes that are no UTF-8 (RFC 3629 §3) are dropped one by one.
    ["\x80", 1, null],
    ["\xc3x", 1, null],
    ["\xffabc", 1, null],
    ["\x1ba", 1, "escape"],
    ["\x1bOA", 3, "up"],
    ["\x1bOx", 3, null],
    ["\x1b[A", 3, "up"],
    ["\x1b[1;2A", 6, "up"],
    ["\x1b[1;5C", 6, "word-right"],
    ["\x1b[1;5D", 6, "word-left"],
    ["\x1b[1;5H", 6, "home"],
    ["\x1b[2A", 4, null],
    ["\x1b[5~", 4, "page-up"],
    ["\x1b[6;5~", 6, "page-down"],
    ["\x1b[9~", 4, null],
    ["\x1b[3 q", 5, null],
    ["\x1b[2@", 4, null],
    ["\x1b[?62c", 6, null],
    ["\x1b[1\x1b[A", 3, null],
    ["\x1b[200~\x1b[201~", 12, "paste"],
    ["\x1b[200~a\x1b[20b\x1b\x1b[201~", 19, "a\x1b[20b\x1b"],
    ["\x1b]0;x\x07a", 6, null],
    ["\x1bP1$r\x1b\\a", 7, null],
    ["\x1b_G\x1b[A", 3, null],
    ["\x1b^x\x07", 4, null],
  ];
  for (const [bytes, length, key] of now) assertEquals([bytes, of(bytes)], [bytes, [length, key]]);
  // More is needed, unless nothing follows.
  const later: [bytes: string, over: [number, string | null] | null][] = [
    ["\xed\x95", [1, null]],
    ["\x1b", [1, "escape"]],
    ["\x1bO", [1, "escape"]],
    ["\x1b[", [1, "escape"]],
    ["\x1b[1", [3, null]],
    ["\x1bP", [1, "escape"]],
    ["\x1bPx", null],
    ["\x1bPx\x1b", null],
    ["\x1b[200~a\x1b[201", null],
  ];
  for (const [bytes, over] of later) {
    assertEquals([bytes, of(bytes), of(bytes, true)], [bytes, null, over]);
  }
  for (const start of ["\x1bP", "\x1b[200~"]) {
    const bytes = new Uint8Array(LONGEST_SEQUENCE + 1).fill(0x78);
    bytes.set(bytesOf(start));
    assertEquals(readKey(bytes.subarray(0, LONGEST_SEQUENCE), false), null);
    assertEquals(readKey(bytes, false), { key: null, length: bytes.length });
  }
});

/** What an edited line comes to, however its bytes are cut. */
async function edited(typed: string, cuts: number[] = [], options = {}): Promise<string | null> {
  const bytes = new TextEncoder().encode(typed);
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = cuts.length === 0 ? bytes.length : cuts[i % cuts.length];
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  const input = new LineInput(source(pieces, true), { interrupt });
  return await input.edit({ prompt: "> ", ...options });
}

Deno.test("a line is edited with the keys that shells have, and replies are no part of it", async () => {
  const cases: [string, string | null][] = [
    ["한글\x7f4\r", "한4"],
    ["ac\x1b[Db\r", "abc"],
    ["bc\x01a\x05d\r", "abcd"],
    ["bc\x1b[Ha\x1b[Fd\r", "abcd"],
    ["bc\x1bOHa\x1b[4~d\r", "abcd"],
    ["abc\x02\x02\x0b\r", "a"],
    ["abc\x02\x15\r", "c"],
    ["one two\x17three\r", "one three"],
    ["trip/jeju\x1b[1;5D\x1b[3~\r", "trip/eju"],
    ["abc\x01\x04\r", "bc"],
    ["\x1b[200~pasted\nlines\x1b[201~!\r", "pastedlines!"],
    ["\x1b]11;rgb:1c1c/1c1c\x1b\\\x1b[?62;4c\x1b_Gi=31;OK\x1b\\x\x1b[24;80R\r", "x"],
    ["\x04", null],
    ["cut off", "cut off"],
  ];
  for (const [typed, line] of cases) {
    assertEquals([typed, await edited(typed)], [typed, line]);
    assertEquals([typed, await edited(typed, [1])], [typed, line]);
    assertEquals([typed, await edited(typed, [2, 3])], [typed, line]);
  }
});

Deno.test("Escape alone does nothing to a line, and what is typed after it stays", async () => {
  const keys = Promise.withResolvers<void>();
  const terminal = source(["\x1b", "q\r"], true);
  const { read } = terminal;
  let reads = 0;
  terminal.read = async (into) => {
    if (++reads === 2) await keys.promise;
    return await read(into);
  };
  const input = new LineInput(terminal, { interrupt, escapeDelayMs: 1 });
  const first = input.key();
  assertEquals((await first)?.name, "escape");
  keys.resolve();
  assertEquals(await input.edit({ prompt: "" }), "q");
});

Deno.test("the line is drawn so that the terminal places the cursor, and never wraps", async () => {
  let shown = "";
  const input = new LineInput(source(["가나\x1b[D다라마바사\r"], true), {
    interrupt,
    write: (text) => shown += text,
    columns: () => 10,
  });
  assertEquals(await input.edit({ prompt: "> " }), "가다라마바사나");
  const lines = shown.split("\r").slice(1);
  assertEquals(lines.includes("> 가나\x1b[K"), true, shown);
  assertEquals(lines.includes("> 가"), true, "the cursor is behind 가");
  // Ten columns: the prompt, one that stays free, and three characters of two columns.
  // deno-lint-ignore no-control-regex
  const widths = lines.map((line) => [...line.replace(/\x1b\[[?0-9]*[a-zA-Z]|^> /g, "")].length);
  assertEquals(Math.max(...widths) <= 3, true, shown);
});

Deno.test("the arrows recall earlier lines, and the line that was being typed", async () => {
  const history = ["first", "second"];
  assertEquals(await edited("\x1b[A\r", [], { history }), "second");
  assertEquals(await edited("\x1b[A\x1b[A\x1b[A!\r", [], { history }), "first!");
  assertEquals(await edited("new\x1b[A\x1b[B\r", [], { history }), "new");
});

Deno.test("Tab completes as far as the candidates agree, twice shows them", async () => {
  let shown = "";
  const complete = (text: string) =>
    Promise.resolve(["trip/", "trip/sea.jpg", "trip/sun.jpg"].filter((n) => n.startsWith(text)));
  const input = new LineInput(source(["t\ts\t\t\tu\t\r"], true), {
    interrupt,
    write: (text) => shown += text,
  });
  assertEquals(await input.edit({ prompt: "", complete }), "trip/sun.jpg");
  assertEquals(shown.includes("sea.jpg  sun.jpg"), true, shown);
});

Deno.test("Ctrl-Z puts the terminal back, and the line is drawn anew when the process goes on", async () => {
  let shown = "";
  const terminal = source(["ab\x1a", "c\r"], true);
  const input: LineInput = new LineInput(terminal, {
    interrupt,
    write: (text) => shown += text,
    suspend() {
      assertEquals(terminal.modes, [true, false]);
      shown = "";
      input.redraw();
    },
  });
  assertEquals(await input.edit({ prompt: "> " }), "abc");
  assertEquals(terminal.modes, [true, false, true, false]);
  assertEquals(shown.startsWith("\x1b[?2004h\r> ab"), true, shown);
});

Deno.test("a process that may not stop itself goes on with its line after Ctrl-Z", async () => {
  let shown = "";
  const terminal = source(["ab\x1a", "c\r"], true);
  const input = new LineInput(terminal, {
    interrupt,
    write: (text) => shown += text,
    suspend() {
      shown = "";
      throw new Deno.errors.NotCapable("no run access");
    },
  });
  assertEquals(await input.edit({ prompt: "> " }), "abc");
  assertEquals(terminal.modes, [true, false, true, false]);
  assertEquals(shown.includes("\r> ab"), true, shown);
});
