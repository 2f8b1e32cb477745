/** The log: batches, rotation, escaping, failures of the disk. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import {
  BatchWriter,
  type ByteSink,
  MAX_BACKLOG_BYTES,
} from "../../../lib/server/log/batch_writer.ts";
import { escapeForLog, EventLog } from "../../../lib/server/log/event_log.ts";
import { LogFile } from "../../../lib/server/log/log_file.ts";
import { ServerLog } from "../../../lib/server/log/server_log.ts";
import { scalarValue } from "../../support/text.ts";

/** A sink that remembers what it got, and can be made to refuse or to take little at once. */
class MemorySink implements ByteSink {
  text = "";
  writes = 0;
  refusal: Error | null = null;
  most = Infinity;

  write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    if (this.refusal !== null) return Promise.reject(this.refusal);
    const taken = bytes.subarray(0, Math.min(this.most, bytes.length));
    this.text += new TextDecoder().decode(taken);
    return Promise.resolve(taken.length);
  }
}

/** Adds a line, its end included. */
function add(writer: BatchWriter, line: string): void {
  writer.begin().text(line);
  writer.end();
}

Deno.test("the file and the console get the same lines, with a local timestamp", async () => {
  const [file, console] = [new MemorySink(), new MemorySink()];
  const at = new Date(2026, 0, 2, 3, 4, 5);
  const log = new EventLog({ file, console, now: () => at.getTime() });
  log.write("first");
  await Promise.resolve(); // lines in a row have the same time
  at.setSeconds(59);
  log.write("second");
  await log.close();
  assertEquals(file.text, "[2026-01-02 03:04:05] first\n[2026-01-02 03:04:59] second\n");
  assertEquals(console.text, file.text);
});

Deno.test("lines of one turn of the event loop share one reading of the clock", async () => {
  let readings = 0;
  const now = () => 1000 * readings++;
  const log = new EventLog({ file: new MemorySink(), now });
  for (let line = 0; line < 3; line++) log.write("line");
  assertEquals(readings, 1);
  await Promise.resolve();
  log.write("line");
  assertEquals(readings, 2);
  await log.close();
});

Deno.test("lines of one moment are one write", async () => {
  const sink = new MemorySink();
  const writer = new BatchWriter(sink);
  for (let line = 0; line < 1000; line++) add(writer, `${line}\n`);
  await writer.close(60_000);
  assertEquals(sink.writes, 1);
  assertEquals(sink.text.split("\n").length, 1001);
});

Deno.test({
  name: "closing a log that cannot be written leaves no timer",
  sanitizeOps: true,
  async fn() {
    const sink = new MemorySink();
    sink.refusal = new Error("full");
    const writer = new BatchWriter(sink);
    add(writer, "line\n");
    await writer.close(60_000);
    assertEquals(sink.writes, 1);
  },
});

Deno.test("closing with lines pending writes them once, however slow the sink is", async () => {
  const gathered = Promise.withResolvers<void>();
  const sink = new MemorySink();
  const writer = new BatchWriter({
    async write(bytes) {
      await gathered.promise;
      return await sink.write(bytes);
    },
  });
  add(writer, "line\n");
  // It is due after the writer's own timer, and so goes off after it.
  setTimeout(() => gathered.resolve(), 100);
  await writer.close(60_000);
  assertEquals([sink.text, sink.writes], ["line\n", 1]);
});

Deno.test("a line that comes after a batch is written, too", async () => {
  let received = Promise.withResolvers<string>();
  const writer = new BatchWriter({
    write(bytes) {
      received.resolve(new TextDecoder().decode(bytes));
      received = Promise.withResolvers();
      return Promise.resolve(bytes.length);
    },
  });
  for (const line of ["first\n", "second\n", "third\n"]) {
    const batch = received.promise;
    add(writer, line);
    assertEquals(await batch, line);
    // By then the batch has ended.
    await new Promise((resolve) => setTimeout(resolve));
  }
});

Deno.test("a log that fails again after it has recovered is reported again", async () => {
  const sink = new MemorySink();
  const events: string[] = [];
  let event = Promise.withResolvers<void>();
  const happened = (name: string) => {
    events.push(name);
    event.resolve();
    event = Promise.withResolvers();
  };
  const writer = new BatchWriter(sink, {
    failed: () => happened("failed"),
    recovered: () => happened("recovered"),
  });
  for (const line of ["one\n", "two\n"]) {
    const failed = event.promise;
    sink.refusal = new Error("No space left on device");
    add(writer, line);
    await failed;
    const recovered = event.promise;
    sink.refusal = null;
    await recovered;
  }
  assertEquals(events, ["failed", "recovered", "failed", "recovered"]);
  assertEquals(sink.text, "one\ntwo\n");
});

Deno.test("a sink that takes a few bytes at a time still gets every line whole", async () => {
  const sink = new MemorySink();
  sink.most = 3;
  const writer = new BatchWriter(sink);
  const lines = Array.from({ length: 100 }, (_, line) => `line ${line}`);
  for (const line of lines) add(writer, `${line}\n`);
  await writer.close(1000);
  assertEquals(sink.text, lines.join("\n") + "\n");
});

Deno.test("a log that cannot be written is reported once, and nothing is lost if it recovers in time", async () => {
  const file = new MemorySink();
  const complaints: string[] = [];
  const complained = Promise.withResolvers<void>();
  const log = new EventLog({
    file,
    complain: (sentence) => {
      complaints.push(sentence);
      complained.resolve();
    },
  });
  file.refusal = new Error("No space left on device");
  log.write("one");
  await complained.promise;
  log.write("two");
  await log.close(1);
  file.refusal = null;
  await log.close();
  assertEquals(complaints.length, 1);
  assertMatch(complaints[0], /cannot be written: No space left on device\./);
  assertEquals(file.text.replaceAll(/\[.*?\] /g, ""), "one\ntwo\n");
});

Deno.test("the backlog is bounded; lines beyond it are dropped and counted", async () => {
  const file = new MemorySink();
  file.refusal = new Error("full");
  const complained = Promise.withResolvers<void>();
  const log = new EventLog({ file, complain: () => complained.resolve() });
  const line = "x".repeat(1000);
  const more = Math.ceil(MAX_BACKLOG_BYTES / line.length) + 500;
  for (let count = 0; count < more; count++) log.write(line);
  await complained.promise;
  file.refusal = null;
  await log.close();
  await log.close();
  assert(file.text.length <= MAX_BACKLOG_BYTES + 1000);
  assertMatch(file.text, /log: \d+ lines were lost/);
});

Deno.test("a line that reaches the bound is kept, one byte more is dropped and counted", async () => {
  for (const [length, lost] of [[MAX_BACKLOG_BYTES, []], [MAX_BACKLOG_BYTES + 1, [1]]] as const) {
    const sink = new MemorySink();
    const losses: number[] = [];
    const writer = new BatchWriter(sink, { recovered: (lost) => losses.push(lost) });
    add(writer, "x".repeat(length - 1) + "\n");
    // A line that is dropped does not begin a batch, so that another must follow it.
    if (lost.length > 0) add(writer, "y\n");
    await writer.close(60_000);
    assertEquals([sink.text.length, losses], [lost.length > 0 ? 2 : length, [...lost]]);
  }
});

Deno.test("a console that is stuck delays neither the file nor the exit", async () => {
  const file = new MemorySink();
  const stuck: ByteSink = { write: () => new Promise(() => {}) };
  const log = new EventLog({ file, console: stuck });
  log.write("line");
  await log.close(20);
  assertMatch(file.text, /line/);
});

Deno.test("a log file is appended to, and created anew when it was moved away", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "data", "log.txt");
  const line = (text: string) => new TextEncoder().encode(`${text}\n`);
  const file = new LogFile(path, { checkMs: 0 });
  await file.write(line("one"));
  file.close();
  await file.write(line("two"));
  await Deno.rename(path, `${path}.1`);
  await file.write(line("three"));
  await Deno.rename(path, `${path}.2`);
  await Deno.writeTextFile(path, "somebody else's\n");
  await file.write(line("four"));
  file.close();
  assertEquals(await Deno.readTextFile(`${path}.1`), "one\ntwo\n");
  assertEquals(await Deno.readTextFile(`${path}.2`), "three\n");
  assertEquals(await Deno.readTextFile(path), "somebody else's\nfour\n");
  await Deno.remove(directory, { recursive: true });
});

/** Runs `fn` with a directory that is gone afterwards, and the path of a log in it. */
async function withLogPath(fn: (path: string, directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await fn(join(directory, "server_log.txt"), directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Writes all of it, as a `BatchWriter` does. */
async function writeAll(file: LogFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    const written = await file.write(bytes.subarray(at));
    assert(written > 0);
    at += written;
  }
}

Deno.test("a log is renamed at its size and begun anew, and no line is torn", () =>
  withLogPath(async (path) => {
    const lines = Array.from({ length: 100 }, (_, number) => `this is line number ${number}\n`);
    await Deno.writeTextFile(path, lines[0]);
    const file = new LogFile(path, { maxBytes: 1000 });
    // As they come: one by one, and many at once.
    for (const line of lines.slice(1, 50)) await writeAll(file, line);
    await writeAll(file, lines.slice(50).join(""));
    file.close();
    const [before, now] = [await Deno.readTextFile(`${path}.1`), await Deno.readTextFile(path)];
    assert(before.length <= 1000 && before.length > 900, `${before.length}`);
    assert(now.length <= 1000);
    const whole = before + now;
    assertEquals(whole, lines.join("").slice(-whole.length));
    assert(whole.startsWith("this is line"));
  }));

Deno.test("a log is renamed exactly when the next line does not fit, however lines arrive", () => {
  const line = fc.tuple(fc.nat(12), fc.constantFrom("\n", "\n", "\n", ""))
    .map(([length, end]) => "x".repeat(length) + (end || "y"));
  const chunks = fc.array(
    fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 4 }), closes: fc.boolean() }),
    { minLength: 1, maxLength: 8 },
  );
  return withLogPath(async (path) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), fc.integer({ min: 1, max: 30 }), chunks, async (
        before,
        maxBytes,
        chunks,
      ) => {
        await Deno.remove(`${path}.1`).catch(() => {});
        let [renamed, current] = ["", before === 0 ? "" : "x".repeat(before - 1) + "\n"];
        await Deno.writeTextFile(path, current);
        const file = new LogFile(path, { maxBytes });
        for (const { lines, closes } of chunks) {
          const bytes = lines.join("");
          await writeAll(file, bytes);
          for (const line of bytes.match(/[^\n]*\n|[^\n]+$/g)!) {
            const isFull = current.length + line.length > maxBytes;
            if (current.endsWith("\n") && isFull) [renamed, current] = [current, ""];
            current += line;
          }
          if (closes && current.endsWith("\n")) file.close();
          assertEquals(await Deno.readTextFile(path), current);
          assertEquals(await Deno.readTextFile(`${path}.1`).catch(() => ""), renamed);
        }
        file.close();
      }),
      {
        numRuns: 40,
        examples: [[0, 10, ["1234567\n", "ab"].map((line) => ({ lines: [line], closes: false }))]],
      },
    );
  });
});

Deno.test("a line that is longer than the log may be is written whole, in a file of its own", () =>
  withLogPath(async (path) => {
    const file = new LogFile(path, { maxBytes: 100 });
    const long = "x".repeat(500) + "\n";
    await writeAll(file, "one\n" + long);
    assertEquals(await Deno.readTextFile(`${path}.1`), "one\n");
    await writeAll(file, "two\n");
    file.close();
    assertEquals(await Deno.readTextFile(`${path}.1`), long);
    assertEquals(await Deno.readTextFile(path), "two\n");
  }));

Deno.test({
  name: "a log behind a link is renamed where the link leads",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withLogPath(async (path, directory) => {
      const target = join(directory, "elsewhere.txt");
      await Deno.symlink(target, path);
      const file = new LogFile(path, { maxBytes: 10 });
      await writeAll(file, "12345678\n12345678\n");
      file.close();
      assert((await Deno.lstat(path)).isSymlink);
      assertEquals(await Deno.readTextFile(`${target}.1`), "12345678\n");
      assertEquals(await Deno.readTextFile(target), "12345678\n");
    }),
});

Deno.test("a log that cannot be renamed keeps growing, with one report", () =>
  withLogPath(async (path) => {
    await Deno.mkdir(join(`${path}.1`, "in the way"), { recursive: true });
    const complaints: string[] = [];
    const file = new LogFile(path, { maxBytes: 10, complain: (text) => complaints.push(text) });
    await writeAll(file, "12345678\n".repeat(5));
    file.close();
    assertEquals(await Deno.readTextFile(path), "12345678\n".repeat(5));
    assertEquals(complaints.length, 1);
    assertMatch(
      complaints[0],
      /server_log\.txt cannot be renamed: .+\. It keeps growing\.$/,
    );
  }));

Deno.test("a log that was moved away is begun anew at once when it is reopened", () =>
  withLogPath(async (path) => {
    const file = new LogFile(path, { checkMs: 3_600_000 });
    await writeAll(file, "one\n");
    await Deno.rename(path, `${path}.moved`);
    await writeAll(file, "two\n");
    file.reopen();
    await writeAll(file, "three\n");
    file.close();
    assertEquals(await Deno.readTextFile(`${path}.moved`), "one\ntwo\n");
    assertEquals(await Deno.readTextFile(path), "three\n");
  }));

Deno.test("a log that was emptied has room for its whole size again", () =>
  withLogPath(async (path) => {
    const file = new LogFile(path, { maxBytes: 10, checkMs: 3_600_000 });
    await writeAll(file, "1234567\n");
    await Deno.truncate(path);
    file.reopen();
    await writeAll(file, "abcdefg\n");
    file.close();
    assertEquals(await Deno.readTextFile(path), "abcdefg\n");
  }));

Deno.test("a warning is in the log and on the terminal; a reopening says so in the new file", () =>
  withLogPath(async (path, dataDirectory) => {
    const said: string[] = [];
    const complain = (sentence: string) => said.push(sentence);
    const log = await ServerLog.open({ dataDirectory, logBytes: 1000, quiet: true, complain });
    log.warn("the disk\nis old");
    await Deno.rename(path, `${path}.moved`);
    log.reopen();
    log.notice("a\tb");
    log.report(new Error("no"));
    await log.close();
    const text = (await Deno.readTextFile(path)).replaceAll(/^\[.*?\] /gm, "");
    assertEquals(text.split("\n"), [
      "warning: the disk\\nis old",
      "SIGHUP: the log is reopened",
      "notice: a\\tb",
      "error: Error: no",
      "",
    ]);
    assertEquals([said, await Deno.readTextFile(`${path}.moved`)], [
      ["Warning: the disk\nis old."],
      "",
    ]);
  }));

Deno.test("text from outside cannot break, hide or fake a line", () => {
  assertEquals(escapeForLog("/images/a b.jpg"), "/images/a b.jpg");
  assertEquals(escapeForLog("a\r\n[2026] fake"), "a\\r\\n[2026] fake");
  assertEquals(escapeForLog("\x1b[31m\x7f\x9b"), "\\x1b[31m\\x7f\\x9b");
  assertEquals(escapeForLog("back\\slash"), "back\\\\slash");
  assertEquals(escapeForLog("\u202egpj\u2028"), "\\u{202e}gpj\\u{2028}");
  assertEquals(escapeForLog("사진"), "사진");
  assertEquals(escapeForLog('a "b" c', '"'), 'a \\"b\\" c');
  assertEquals(escapeForLog('a\\"b', '"'), 'a\\\\\\"b');
  assertEquals(escapeForLog('a "b"', " "), 'a\\x20"b"');
  for (const end of ["x", "\n"]) {
    const [longest, longer] = [1024, 1025].map((length) => "x".repeat(length - 1) + end);
    const escaped = "x".repeat(1023) + (end === "x" ? "x" : "\\n");
    assertEquals(escapeForLog(longest), escaped);
    assertEquals(escapeForLog(longer), "x".repeat(1024) + "…");
  }
  fc.assert(fc.property(fc.string({ unit: scalarValue }), (text) => {
    assert(!/[\p{Cc}\u2028\u2029]/u.test(escapeForLog(text)));
  }));
});
