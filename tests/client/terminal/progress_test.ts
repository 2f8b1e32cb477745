/** Signs of life: when they come, what they say, and that they go away again. */
import { assert, assertEquals } from "@std/assert";
import { byteSize } from "../../../lib/text/byte_size.ts";
import {
  ProgressBar,
  progressLine,
  STATUS_DELAY_MS,
  withStatus,
} from "../../../lib/client/terminal/progress.ts";
import { terminalSize } from "../../../lib/client/terminal/terminal_size.ts";
import { Screen, type Sink } from "../../../lib/client/terminal/screen.ts";

/** A screen whose stderr is kept. */
function screenOf(isTerminal: boolean) {
  let text = "";
  const sink: Sink = {
    isTerminal: () => isTerminal,
    writeSync(bytes) {
      text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
    write: (bytes) => Promise.resolve(sink.writeSync(bytes)),
  };
  return { screen: new Screen(sink, sink, true), text: () => text };
}

Deno.test("sizes have three digits and a binary unit", () => {
  const sizes: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "0.98 KiB"],
    [1024, "1.00 KiB"],
    [10_239, "10.0 KiB"],
    [132_857, "130 KiB"],
    [2 ** 20, "1.00 MiB"],
    [2 ** 30 * 1.5, "1.50 GiB"],
    [2 ** 50, "1024 TiB"],
  ];
  for (const [bytes, size] of sizes) assertEquals(byteSize(bytes), size);
});

Deno.test("a bar appears after half a second, is erased when done, and measures only new bytes", () => {
  let now = 0;
  const { screen, text } = screenOf(true);
  const bar = new ProgressBar(screen, "Receiving", () => now, () => 80);
  bar.update(1000, 10_000);
  now = STATUS_DELAY_MS - 1;
  bar.update(2000, 10_000);
  assertEquals(text(), "");
  now = 1000;
  bar.update(6000, 10_000, 4976);
  assert(text().includes(" 60%  5.86 KiB / 9.77 KiB  1.00 KiB/s"), text());
  const drawn = text();
  now = 1001;
  bar.update(7000, 10_000);
  assertEquals(text(), drawn, "it is not drawn for every piece");
  now = 1100;
  bar.update(8000, 10_000);
  assert(text().length > drawn.length);
  bar.end();
  assert(text().endsWith("\r\x1b[K"));
});

Deno.test("a bar appears, and its rate falls, while nothing arrives", async () => {
  let now = 0;
  const { screen, text } = screenOf(true);
  const bar = new ProgressBar(screen, "Receiving", () => now, () => 80);
  const drawn = async (line: string) => {
    while (!text().includes(line)) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  try {
    now = STATUS_DELAY_MS;
    await drawn("Receiving…");
    now = 1000;
    bar.update(2048, 10_240);
    assert(text().includes("2.00 KiB/s"), text());
    now = 4000;
    await drawn("512 B/s");
  } finally {
    bar.end();
  }
});

Deno.test("text written meanwhile, as by --debug, replaces the status line", async () => {
  const { screen, text } = screenOf(true);
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = withStatus(screen, "Logging in…", promise, 1);
  while (text() === "") await new Promise((resolve) => setTimeout(resolve, 1));
  screen.note("< HTTP/1.1 200 OK\n");
  resolve();
  await slow;
  assertEquals(text(), "Logging in…\r\x1b[K< HTTP/1.1 200 OK\n");
});

Deno.test("over a pipe there is no bar", () => {
  let now = 0;
  const { screen, text } = screenOf(false);
  const bar = new ProgressBar(screen, "Receiving", () => now, () => 80);
  now = 5000;
  bar.update(1, 2);
  bar.end();
  assertEquals(text(), "");
});

Deno.test("the line fits the terminal, whatever its width and the language", () => {
  for (const label of ["Receiving", "받는 중"]) {
    for (let columns = 10; columns < 200; columns += 7) {
      for (const total of [null, 0, 50_000_000]) {
        const line = progressLine(label, 12_345_678, total, 1_234_567, columns);
        const width = line.length + (line.match(/\p{Script=Hangul}/gu)?.length ?? 0);
        assert(width < columns, `${columns}: ${line}`);
      }
    }
  }
  const line = (columns: number) => progressLine("Receiving", 50, 100, 1024, columns);
  assertEquals(line(60), "Receiving ━━━━━╌╌╌╌  50%  50 B / 100 B  1.00 KiB/s");
  assertEquals(line(55), "Receiving ━━╌╌  50%  50 B / 100 B  1.00 KiB/s");
  assertEquals(line(54), " 50%  50 B / 100 B  1.00 KiB/s");
  assertEquals(line(10), " 50%  50 ");
  assertEquals(progressLine("Receiving", 0, 0, 0, 80), "0 B  0 B/s");
});

Deno.test("all of a text is written, however little a stream takes at a time", async () => {
  let text = "";
  const sink: Sink = {
    isTerminal: () => true,
    writeSync(bytes) {
      const part = bytes.subarray(0, 3);
      text += new TextDecoder().decode(part);
      return part.length;
    },
    write: (bytes) => Promise.resolve(sink.writeSync(bytes)),
  };
  const screen = new Screen(sink, sink, false);
  await screen.put("0123456789");
  screen.putSync("abcdefg");
  screen.note("xyz");
  assertEquals(text, "0123456789abcdefgxyz");
});

Deno.test("a terminal that gives no size has none", () => {
  const { consoleSize } = Deno;
  try {
    const size = (columns: number, rows: number) => {
      Deno.consoleSize = () => ({ columns, rows });
      return terminalSize();
    };
    assertEquals(size(80, 24), { columns: 80, rows: 24 });
    assertEquals([size(0, 24), size(80, 0), size(0, 0)], [null, null, null]);
  } finally {
    Deno.consoleSize = consoleSize;
  }
});

Deno.test("a status line appears while work is slow, and is erased", async () => {
  const { screen, text } = screenOf(true);
  assertEquals(await withStatus(screen, "Logging in…", Promise.resolve(1)), 1);
  assertEquals(text(), "");
  const { promise, resolve } = Promise.withResolvers<number>();
  const slow = withStatus(screen, "Logging in…", promise, 1);
  while (text() === "") await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(text(), "Logging in…");
  resolve(2);
  assertEquals(await slow, 2);
  assertEquals(text(), "Logging in…\r\x1b[K");
});
