/** Answers from a pipe and from a terminal, byte by byte. */
import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Failure } from "../../../lib/client/failure.ts";
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
  const input = new LineInput(source(["a\nb\r\nc\rd\n\ne"]), interrupt);
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
      assertEquals(await lines(new LineInput(source(pieces), interrupt)), expected);
    },
  ));
});

Deno.test("a line over the limit is refused, and the next one is read", async () => {
  const input = new LineInput(source(["x".repeat(LINE_LIMIT + 1) + "\nnext\n"]), interrupt);
  const failure = await assertRejects(() => input.line(), Failure);
  assertEquals(failure.token, "LINE_TOO_LONG");
  assertEquals(await input.line(), "next");
});

Deno.test("a secret over a pipe is a line", async () => {
  const input = new LineInput(source(["user\npw\n"]), interrupt);
  assertEquals([await input.line(), await input.secret(quiet)], ["user", "pw"]);
});

Deno.test("a secret on a terminal is edited without being shown, and the mode is put back", async () => {
  const cases: [string, string | null][] = [
    ["secret\r", "secret"],
    ["secret\n", "secret"],
    ["ab\x7fc\x08d\r", "ad"],
    ["비밀\x7f번호\r", "비번호"],
    ["👍🏽\x7f\r", "👍"],
    ["\x7f\x7fa\r", "a"],
    ["wrong\x15right\r", "right"],
    ["a\x1b[Db\x1bOCc\x1b[3~d\r", "abcd"],
    ["a\x04b\r", "ab"],
    ["\x04", null],
    ["", null],
    ["cut off", "cut off"],
    ["\r", ""],
  ];
  for (const [typed, secret] of cases) {
    const terminal = source(typed === "" ? [] : [typed], true);
    assertEquals([typed, await new LineInput(terminal, interrupt).secret(quiet)], [typed, secret]);
    assertEquals(terminal.modes, [true, false]);
  }
});

Deno.test("the question is put when nothing is echoed any more", async () => {
  const terminal = source(["x\r"], true);
  await new LineInput(terminal, interrupt).secret(() => {
    assertEquals(terminal.modes, [true]);
    return Promise.resolve();
  });
});

Deno.test("Ctrl-C in a secret interrupts, with the mode put back", async () => {
  const terminal = source(["ab\x03"], true);
  await assertRejects(() => new LineInput(terminal, interrupt).secret(quiet), Interrupted);
  assertEquals(terminal.modes, [true, false]);
});

Deno.test("what is typed after a secret's Return is the next answer", async () => {
  const input = new LineInput(source(["pw\r\nnext\n"], true), interrupt);
  assertEquals([await input.secret(quiet), await input.line()], ["pw", "next"]);
});

Deno.test("arrow keys and late replies of a terminal are no part of a line", async () => {
  const input = new LineInput(
    source(["\x1b[?62;4c\x1b_Gi=31;OK\x1b\\na\x1b[Dme\x1bOP\n"], true),
    interrupt,
  );
  assertEquals(await input.line(), "name");
});

Deno.test("a key that ends a moving picture is used up; one after it is the next answer", async () => {
  const input = new LineInput(source(["q", "4\n"], true), interrupt);
  await input.untilKey((pressed) =>
    new Promise((resolve) => pressed.addEventListener("abort", () => resolve()))
  );
  assertEquals(await input.line(), "4");
  const over = new LineInput(source(["4\n"], true), interrupt);
  await over.untilKey(quiet);
  assertEquals(await over.line(), "4");
});

Deno.test("a terminal's reply is collected until it is complete, or its time is up", async () => {
  const complete = (reply: Uint8Array) => new TextDecoder().decode(reply).endsWith("c");
  const input = new LineInput(source(["\x1b[?", "62c", "next\n"], true), interrupt);
  assertEquals(new TextDecoder().decode(await input.reply(quiet, complete, 1000)), "\x1b[?62c");
  assertEquals(await input.line(), "next");

  const silent = source([], true);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  silent.read = (into) => promise.then((count) => (into.set([0x61, 0x0a]), count));
  const late = new LineInput(silent, interrupt);
  assertEquals((await late.reply(quiet, complete, 10)).length, 0);
  assertEquals(silent.modes, [true, false]);
  resolve(2);
  assertEquals(await late.line(), "a");
});

Deno.test("keys pressed while a terminal is asked are the start of the next answer", async () => {
  const complete = (reply: Uint8Array) => new TextDecoder().decode(reply).endsWith("c");
  const asked = [
    "9",
    "\x1b_Gi=31;OK\x1b\\9\r\x1bP>|x(1)\x1b\\가",
    "\x1b[6;20;10t\x1b[?62c",
    "나\r",
  ];
  const input = new LineInput(source(asked, true), interrupt);
  await input.reply(quiet, complete, 1000);
  assertEquals(await lines(input), ["99", "가나"]);

  const cutOff = new LineInput(source(["4\x1b[?6"], true), interrupt);
  await cutOff.reply(quiet, complete, 1000);
  assertEquals(await lines(cutOff), ["4"]);
});

Deno.test("while a read begun in raw mode is under way, a line is edited and shown here", async () => {
  const cases: [string, string | null, string][] = [
    // To Linux, the end of input is nothing to such a read: in line mode it would be lost.
    ["\x04", null, "\x1b7"],
    ["한글\x7f4\r", "한4", "\x1b7\x1b8\x1b[J한4\n"],
    ["\x1b_Gi=31;OK\x1b\\\x1b[?62c99\r", "99", "\x1b7\x1b8\x1b[J99\n"],
  ];
  for (const [typed, line, shown] of cases) {
    const terminal = source([], true);
    const keys = Promise.withResolvers<string>();
    terminal.read = async (into) => new TextEncoder().encodeInto(await keys.promise, into).written;
    let echoed = "";
    const input = new LineInput(terminal, interrupt, (text) => echoed += text);
    await input.untilKey(quiet);
    const answer = input.line();
    assertEquals(terminal.modes, [true, false, true]);
    keys.resolve(typed);
    assertEquals([await answer, echoed], [line, shown]);
    assertEquals(terminal.modes, [true, false, true, false]);
  }
});
