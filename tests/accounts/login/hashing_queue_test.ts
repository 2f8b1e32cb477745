import { assert, assertEquals, assertRejects } from "@std/assert";
import { HashingQueue, TooBusy } from "../../../lib/accounts/login/hashing_queue.ts";
import { type Requester, RequesterGone } from "../../../lib/accounts/login/requester.ts";

const HERE: Requester = { address: "192.0.2.1" };
const THERE: Requester = { address: "192.0.2.2" };

/**
 * Returns a queue with one permit, taken until `open` is called. Jobs add their names to `order`.
 */
function busyQueue(options: ConstructorParameters<typeof HashingQueue>[0] = {}) {
  const queue = new HashingQueue({ concurrency: 1, ...options });
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = queue.run(HERE, () => gate);
  const run = (requester: Requester, name: string) =>
    queue.run(requester, () => Promise.resolve(order.push(name)));
  return { queue, order, run, first, open };
}

Deno.test("no more jobs run at once than allowed, and those of one address run in order", async () => {
  const queue = new HashingQueue({ concurrency: 2 });
  const order: number[] = [];
  let running = 0;
  await Promise.all(Array.from({ length: 20 }, (_, i) =>
    queue.run(HERE, async () => {
      order.push(i);
      running++;
      assert(running <= 2);
      await Promise.resolve();
      running--;
    })));
  assertEquals(order, Array.from({ length: 20 }, (_, i) => i));
});

Deno.test("addresses take turns, however many jobs each has waiting", async () => {
  const { order, run, open } = busyQueue();
  const jobs = ["a1", "a2", "a3"].map((name) => run(HERE, name));
  jobs.push(...["b1", "b2"].map((name) => run(THERE, name)));
  jobs.push(run({ address: "192.0.2.3" }, "c1"));
  open();
  await Promise.all(jobs);
  assertEquals(order, ["a1", "b1", "c1", "a2", "b2", "a3"]);
});

Deno.test("the addresses of one IPv6 network of 64 bits share a turn", async () => {
  const { order, run, open } = busyQueue();
  const jobs = [1, 2, 3].map((i) => run({ address: `2001:db8::${i}` }, `a${i}`));
  jobs.push(run(THERE, "b"));
  open();
  await Promise.all(jobs);
  assertEquals(order, ["a1", "b", "a2", "a3"]);
});

Deno.test("by default 64 jobs of one address wait; one more is refused at once, another's is not", async () => {
  const { order, run, open } = busyQueue();
  const jobs = Array.from({ length: 64 }, (_, i) => run(HERE, `a${i}`));
  await assertRejects(() => run(HERE, "too many"), TooBusy);
  jobs.push(run(THERE, "b"));
  open();
  await Promise.all(jobs);
  assertEquals(order.length, 65);
  assertEquals(order.indexOf("b"), 1);
  await run(HERE, "again");
  assertEquals(order.at(-1), "again");
});

Deno.test("by default 512 jobs wait; then a newcomer takes the last place of the longest queue", async () => {
  const { order, run, open } = busyQueue();
  const jobs = Array.from(
    { length: 512 },
    (_, i) => run({ address: `198.51.100.${i % 8}` }, `${i % 8}`),
  );
  const outcomes = Promise.allSettled(jobs);
  const newcomer = run(THERE, "newcomer");
  open();
  await newcomer;
  const rejected = (await outcomes).flatMap((outcome) =>
    outcome.status === "rejected" ? outcome.reason : []
  );
  assertEquals(rejected.length, 1);
  assert(rejected[0] instanceof TooBusy);
  assertEquals(order.length, 512);
});

Deno.test("a newcomer displaces the last job of a queue that is longer by one", async () => {
  const { order, run, open } = busyQueue({ capacity: 4 });
  const addresses = ["198.51.100.1", "198.51.100.2", "198.51.100.2", "198.51.100.3"];
  const outcomes = Promise.allSettled(addresses.map((address, i) => run({ address }, `${i}`)));
  const newcomer = run(THERE, "newcomer");
  open();
  await newcomer;
  const statuses = (await outcomes).map(({ status }) => status);
  assertEquals(statuses, ["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  assertEquals(order, ["0", "1", "3", "newcomer"]);
});

Deno.test("a newcomer does not displace a job of a queue as short as its own", async () => {
  const { run, open } = busyQueue({ capacity: 4 });
  const jobs = [1, 2, 3, 4].map((i) => run({ address: `198.51.100.${i}` }, `${i}`));
  await assertRejects(() => run(THERE, "newcomer"), TooBusy);
  open();
  await Promise.all(jobs);
});

Deno.test("the job of a client that disconnects is dropped, and its place is free", async () => {
  const { order, run, open } = busyQueue({ perAddress: 2 });
  const leaving = new AbortController();
  const dropped = run({ ...HERE, signal: leaving.signal }, "dropped");
  const kept = run(HERE, "kept");
  await assertRejects(() => run(HERE, "too many"), TooBusy);
  leaving.abort();
  await assertRejects(() => dropped, RequesterGone);
  const next = run(HERE, "next");
  open();
  await Promise.all([kept, next]);
  assertEquals(order, ["kept", "next"]);
  await assertRejects(() => run({ ...HERE, signal: leaving.signal }, "late"), RequesterGone);
});

Deno.test("a signal that aborts while the job runs changes nothing for the queue", async () => {
  const queue = new HashingQueue({ concurrency: 1 });
  const leaving = new AbortController();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const first = queue.run(HERE, () => gate);
  const waiting = queue.run({ ...HERE, signal: leaving.signal }, () => {
    leaving.abort();
    return Promise.resolve("done");
  });
  open();
  await first;
  assertEquals(await waiting, "done");
  assertEquals(await queue.run(HERE, () => Promise.resolve("next")), "next");
});

Deno.test("the job of a client that has half-closed starts when no job of an open client waits", async () => {
  const { order, run, open } = busyQueue();
  let ended = false;
  const half = { ...HERE, inputEnded: () => ended };
  const jobs = [run(half, "ended1"), run(half, "ended2"), run(HERE, "open")];
  jobs.push(run(THERE, "other1"), run(THERE, "other2"));
  ended = true;
  open();
  await Promise.all(jobs);
  assertEquals(order, ["open", "other1", "other2", "ended1", "ended2"]);
  await run(half, "ended, with nobody before it");
  assertEquals(order.length, 6);
});

Deno.test("jobs of half-closed clients leave one of several permits free", async () => {
  const queue = new HashingQueue({ concurrency: 2 });
  const half = { ...HERE, inputEnded: () => true };
  let running = 0;
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const jobs = gates.map(({ promise }) =>
    queue.run(half, () => {
      running++;
      return promise.finally(() => running--);
    })
  );
  // The first two came when both places were free.
  for (const [i, { resolve }] of gates.entries()) {
    assertEquals(running, i === 0 ? 2 : 1);
    resolve();
    await jobs[i];
    if (i > 0) assertEquals(await queue.run(THERE, () => Promise.resolve("at once")), "at once");
  }
  await Promise.all(jobs);
});

Deno.test("the job of a half-closed client is dropped after its maximum time in the queue", async () => {
  const { order, run, open } = busyQueue({ endedInputMs: 0 });
  const half = { ...HERE, inputEnded: () => true };
  const jobs = [run(half, "ended"), run(HERE, "open")];
  open();
  await assertRejects(() => jobs[0], TooBusy);
  await jobs[1];
  assertEquals(order, ["open"]);
});

Deno.test("the next job starts when one fails", async () => {
  const queue = new HashingQueue({ concurrency: 1 });
  const failing = queue.run(HERE, () => Promise.reject(new RangeError("no")));
  const next = queue.run(HERE, () => Promise.resolve("yes"));
  await assertRejects(() => failing, RangeError);
  assertEquals(await next, "yes");
});

Deno.test("of three permits, jobs of half-closed clients take two", async () => {
  const queue = new HashingQueue({ concurrency: 3 });
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const open = gates.map(({ promise }) => queue.run(HERE, () => promise));
  let begun = false;
  const half = queue.run({ ...THERE, inputEnded: () => true }, () => {
    begun = true;
    return Promise.resolve();
  });
  gates[0].resolve();
  await open[0];
  assertEquals(begun, false);
  gates[1].resolve();
  await half;
  gates[2].resolve();
  await Promise.all(open);
});

Deno.test("jobs that are dropped late hold no permit", async () => {
  const { queue, order, run, first, open } = busyQueue({ endedInputMs: 0, capacity: 3 });
  const half = { ...THERE, inputEnded: () => true };
  const late = [1, 2, 3].map((i) => run(half, `${i}`));
  const outcomes = Promise.allSettled(late);
  open();
  await first;
  assertEquals((await outcomes).map(({ status }) => status), Array(3).fill("rejected"));
  // The permit and all the places in the queue are free.
  const gate = Promise.withResolvers<void>();
  const holder = queue.run(HERE, () => gate.promise);
  const jobs = [1, 2, 3].map((i) => run(HERE, `again ${i}`));
  await assertRejects(() => run(HERE, "too many"), TooBusy);
  gate.resolve();
  await Promise.all([holder, ...jobs]);
  assertEquals(order, ["again 1", "again 2", "again 3"]);
});
