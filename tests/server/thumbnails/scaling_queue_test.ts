/** The queue of images to scale: order, fairness, limits. */
import { assertEquals, assertRejects } from "@std/assert";
import { type Requester, RequesterGone } from "../../../lib/accounts/mod.ts";
import {
  ScalingBusy,
  ScalingQueue,
  type ScalingQueueOptions,
} from "../../../lib/server/thumbnails/scaling_queue.ts";

/** A queue whose jobs end when the test says so. */
class Bench {
  readonly queue: ScalingQueue<string>;
  /** The keys of the jobs that began, in order. */
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  constructor(options: ScalingQueueOptions = {}) {
    this.queue = new ScalingQueue({ concurrency: 1, ...options });
  }

  ask(key: string, from: string | Partial<Requester>): Promise<string> {
    const requester = typeof from === "string"
      ? { address: from }
      : { address: "192.0.2.1", ...from };
    return this.queue.run(key, requester, () => {
      this.begun.push(key);
      return new Promise((resolve) => this.#ends.set(key, () => resolve(`${key} done`)));
    });
  }

  /** Ends a job, and lets the next begin. */
  async end(key: string): Promise<void> {
    this.#ends.get(key)!();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("addresses take turns, and of one the newest request comes first", async () => {
  const bench = new Bench();
  const asked = [bench.ask("first", "192.0.2.1")];
  for (const key of ["a1", "a2", "a3"]) asked.push(bench.ask(key, "192.0.2.1"));
  for (const key of ["b1", "b2"]) asked.push(bench.ask(key, "2001:db8::1"));
  for (const key of ["first", "a3", "b2", "a2", "b1", "a1"]) await bench.end(key);
  assertEquals(bench.begun, ["first", "a3", "b2", "a2", "b1", "a1"]);
  assertEquals((await Promise.all(asked)).length, 6);
});

Deno.test("requests for the same share one job, whether it waits or runs", async () => {
  const bench = new Bench();
  const first = bench.ask("first", "192.0.2.1");
  const waiting = [bench.ask("a", "192.0.2.1"), bench.ask("a", "192.0.2.2")];
  await bench.end("first");
  const joined = bench.ask("a", "192.0.2.3");
  await bench.end("a");
  assertEquals(await Promise.all([first, ...waiting, joined]), [
    "first done",
    "a done",
    "a done",
    "a done",
  ]);
  assertEquals(bench.begun, ["first", "a"]);
});

Deno.test("a job is dropped when its last requester disconnects, not before", async () => {
  const bench = new Bench();
  const first = bench.ask("first", "192.0.2.1");
  const [one, two, three] = [0, 1, 2].map(() => new AbortController());
  const asked = [
    assertRejects(() => bench.ask("a", { signal: one.signal }), RequesterGone),
    bench.ask("a", { signal: two.signal, address: "192.0.2.2" }),
    assertRejects(() => bench.ask("b", { signal: three.signal }), RequesterGone),
  ];
  one.abort();
  three.abort();
  await bench.end("first");
  await bench.end("a");
  await Promise.all([first, ...asked]);
  assertEquals(bench.begun, ["first", "a"]);
  await assertRejects(() => bench.ask("c", { signal: AbortSignal.abort() }), RequesterGone);
});

Deno.test("a job that one requester left is still shared with later ones", async () => {
  const bench = new Bench();
  const first = bench.ask("first", "192.0.2.1");
  const control = new AbortController();
  const gone = assertRejects(() => bench.ask("a", { signal: control.signal }), RequesterGone);
  const asked = [bench.ask("a", "192.0.2.2")];
  control.abort();
  asked.push(bench.ask("a", "192.0.2.3"));
  for (const key of ["first", "a"]) await bench.end(key);
  assertEquals(await Promise.all(asked), ["a done", "a done"]);
  await Promise.all([first, gone]);
  assertEquals(bench.begun, ["first", "a"]);
});

Deno.test("a running job goes on after all requesters disconnect, and can be joined again", async () => {
  const bench = new Bench();
  const control = new AbortController();
  const gone = assertRejects(() => bench.ask("a", { signal: control.signal }), RequesterGone);
  control.abort();
  await gone;
  const again = bench.ask("a", "192.0.2.2");
  await bench.end("a");
  assertEquals([await again, bench.begun], ["a done", ["a"]]);
});

Deno.test("beyond the bound of one address, its oldest request is refused", async () => {
  const bench = new Bench({ perAddress: 2 });
  const first = bench.ask("first", "192.0.2.1");
  const oldest = assertRejects(() => bench.ask("a", "192.0.2.1"), ScalingBusy);
  const kept = [bench.ask("b", "192.0.2.1"), bench.ask("c", "192.0.2.1")];
  await oldest;
  for (const key of ["first", "c", "b"]) await bench.end(key);
  await Promise.all([first, ...kept]);
  assertEquals(bench.begun, ["first", "c", "b"]);
});

Deno.test("a full queue drops a job of the address with the most jobs", async () => {
  const bench = new Bench({ capacity: 3 });
  const first = bench.ask("first", "192.0.2.1");
  const dropped = assertRejects(() => bench.ask("a", "192.0.2.1"), ScalingBusy);
  const kept = [bench.ask("b", "192.0.2.1"), bench.ask("c", "192.0.2.1")];
  const other = bench.ask("d", "192.0.2.2");
  await dropped;
  for (const key of ["first", "c", "d", "b"]) await bench.end(key);
  await Promise.all([first, ...kept, other]);
  assertEquals(bench.begun, ["first", "c", "d", "b"]);
});

Deno.test("among addresses with as many jobs, a full queue drops one of the requester's", async () => {
  const bench = new Bench({ capacity: 2 });
  const asked = [bench.ask("first", "192.0.2.1")];
  const dropped = assertRejects(() => bench.ask("a", "192.0.2.1"), ScalingBusy);
  asked.push(bench.ask("b", "192.0.2.2"), bench.ask("c", "192.0.2.1"));
  await dropped;
  for (const key of ["first", "b", "c"]) await bench.end(key);
  assertEquals((await Promise.all(asked)).length, 3);
});

Deno.test("leaving a running job takes no place in the queue", async () => {
  const bench = new Bench();
  const control = new AbortController();
  const gone = assertRejects(() => bench.ask("a", { signal: control.signal }), RequesterGone);
  const waiting = bench.ask("b", {});
  control.abort();
  await gone;
  for (const key of ["a", "b"]) await bench.end(key);
  assertEquals(await waiting, "b done");
});

Deno.test("a half-closed client is served last, and does not wait for long", async () => {
  let now = 0;
  const bench = new Bench({ endedInputMs: 1000, now: () => now });
  const first = bench.ask("first", "192.0.2.1");
  const late = assertRejects(() => bench.ask("a", { inputEnded: () => true }), ScalingBusy);
  now = 1;
  const asked = [bench.ask("b", { inputEnded: () => true }), bench.ask("c", {})];
  now = 1000;
  await bench.end("first");
  await late;
  for (const key of ["c", "b"]) await bench.end(key);
  assertEquals(await Promise.all([first, ...asked]), ["first done", "b done", "c done"]);
  assertEquals(bench.begun, ["first", "c", "b"]);

  const patient = new Bench();
  const begun = patient.ask("first", "192.0.2.1");
  const [ended, other] = [
    patient.ask("ended", { inputEnded: () => true }),
    patient.ask("open", "192.0.2.2"),
  ];
  for (const key of ["first", "open", "ended"]) await patient.end(key);
  await Promise.all([begun, ended, other]);
  assertEquals(patient.begun, ["first", "open", "ended"]);
});

Deno.test("a job that fails fails for everyone, and the next begins", async () => {
  const queue = new ScalingQueue<string>({ concurrency: 1 });
  const failing = () => Promise.reject(new Error("broken"));
  const asked = ["192.0.2.1", "192.0.2.2"].map((address) =>
    assertRejects(() => queue.run("a", { address }, failing), Error, "broken")
  );
  await Promise.all(asked);
  assertEquals(await queue.run("b", { address: "x" }, () => Promise.resolve("fine")), "fine");
});
