import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { BatchWriter, LARGEST_BACKLOG, type OctetSink } from "../../lib/server/batch_writer.ts";
import { escapeForLog, EventLog } from "../../lib/server/log.ts";
import { LogFile } from "../../lib/server/log_file.ts";

/** A sink that remembers what it got, and can be made to refuse or to take little at once. */
class MemorySink implements OctetSink {
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

Deno.test("the file has a local timestamp, the console the same line without", async () => {
  const [file, console] = [new MemorySink(), new MemorySink()];
  const at = new Date(2026, 0, 2, 3, 4, 5);
  const log = new EventLog({ file, console, now: () => at.getTime() });
  log.write("first");
  await Promise.resolve(); // lines in a row have the same time
  at.setSeconds(59);
  log.write("second");
  await log.close();
  assertEquals(file.text, "[2026-01-02 03:04:05] first\n[2026-01-02 03:04:59] second\n");
  assertEquals(console.text, "first\nsecond\n");
});

Deno.test("lines of one moment are one write", async () => {
  const sink = new MemorySink();
  const writer = new BatchWriter(sink);
  for (let line = 0; line < 1000; line++) add(writer, `${line}\n`);
  await writer.close(1000);
  assertEquals(sink.writes, 1);
  assertEquals(sink.text.split("\n").length, 1001);
});

Deno.test("closing while lines wait for others writes them once, however slow the sink is", async () => {
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
  await writer.close(1000);
  assertEquals([sink.text, sink.writes], ["line\n", 1]);
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

Deno.test("a log that cannot be written is said once, and nothing is lost if it heals in time", async () => {
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
  assertMatch(complaints[0], /cannot be written \(No space left on device\)/);
  assertEquals(file.text.replaceAll(/\[.*?\] /g, ""), "one\ntwo\n");
});

Deno.test("what waits is bounded; lines beyond are dropped and counted", async () => {
  const file = new MemorySink();
  file.refusal = new Error("full");
  const complained = Promise.withResolvers<void>();
  const log = new EventLog({ file, complain: () => complained.resolve() });
  const line = "x".repeat(1000);
  const more = Math.ceil(LARGEST_BACKLOG / line.length) + 500;
  for (let count = 0; count < more; count++) log.write(line);
  await complained.promise;
  file.refusal = null;
  await log.close();
  await log.close();
  assert(file.text.length <= LARGEST_BACKLOG + 1000);
  assertMatch(file.text, /log: \d+ lines were lost/);
});

Deno.test("a console that is stuck delays neither the file nor the exit", async () => {
  const file = new MemorySink();
  const stuck: OctetSink = { write: () => new Promise(() => {}) };
  const log = new EventLog({ file, console: stuck });
  log.write("line");
  await log.close(20);
  assertMatch(file.text, /line/);
});

Deno.test("a log file is appended to, and made anew when somebody moved it away", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "data", "log.txt");
  const line = (text: string) => new TextEncoder().encode(`${text}\n`);
  const file = new LogFile(path, 0);
  await file.write(line("one"));
  file.close();
  await file.write(line("two"));
  await Deno.rename(path, `${path}.1`);
  await file.write(line("three"));
  file.close();
  assertEquals(await Deno.readTextFile(`${path}.1`), "one\ntwo\n");
  assertEquals(await Deno.readTextFile(path), "three\n");
  await Deno.remove(directory, { recursive: true });
});

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
  assertEquals(escapeForLog("x".repeat(9000)).length, 1025);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert(!/[\p{Cc}\u2028\u2029]/u.test(escapeForLog(text)));
  }));
});
