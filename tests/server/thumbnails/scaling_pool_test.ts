/** The Workers that scale images: bounds of memory and time, failures. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { getPriority } from "node:os";
import {
  type ScalingMessage,
  type ScalingOrder,
  ScalingPool,
  type ScalingPoolOptions,
} from "../../../lib/server/thumbnails/scaling_pool.ts";
import { ScalingBusy } from "../../../lib/server/thumbnails/scaling_queue.ts";
import { paint } from "../../picture/support/painted.ts";
import { encodeJpeg } from "../../../lib/picture/scaling/jpeg_encoder.ts";

/** A Worker that does what the test says. */
class FakeWorker {
  onmessage: ((event: MessageEvent<ScalingMessage>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly orders: ScalingOrder[] = [];
  isTerminated = false;

  postMessage(order: ScalingOrder): void {
    this.orders.push(order);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  says(data: ScalingMessage): void {
    this.onmessage!(new MessageEvent("message", { data }));
  }
}

function fakePool(options: Omit<ScalingPoolOptions, "makeWorker"> = {}) {
  const workers: FakeWorker[] = [];
  const pool = new ScalingPool({
    size: 2,
    memoryBytes: 1000,
    ...options,
    makeWorker() {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker as unknown as Worker;
    },
  });
  return { pool, workers };
}

const file = () => new Uint8Array(8);
const UNSCALABLE = { kind: "unscalable" } as const;
const BEGUN = { kind: "begun" } as const;

Deno.test("real Workers scale images", async () => {
  // No limit that a busy machine could reach.
  const pool = new ScalingPool({ size: 2, timeLimitMs: 600_000, startLimitMs: 600_000 });
  pool.warm();
  const photo = await encodeJpeg(paint(600, 400, (x, y) => [x & 255, y & 255, 80, 255]), 90);
  const results = await Promise.all([
    pool.scale(photo.slice(), 160),
    pool.scale(photo.slice(), 1280),
    pool.scale(new TextEncoder().encode("no picture"), 160),
  ]);
  assertEquals(results.map(({ kind }) => kind), ["scaled", "fits", "unscalable"]);
  assert(results[0].kind === "scaled");
  assertEquals(results[0].picture.mediaType, "image/jpeg");
  if (Deno.build.os === "linux") {
    const niceness = [...Deno.readDirSync("/proc/self/task")].map(({ name }) =>
      Number(Deno.readTextFileSync(`/proc/self/task/${name}/stat`).split(") ")[1].split(" ")[16])
    );
    assert(niceness.includes(Math.min(19, getPriority() + 5)), `${niceness}`);
  }
  pool.close();
});

Deno.test("the Workers together take no more memory than there is", async () => {
  const { pool, workers } = fakePool();
  const first = pool.scale(file(), 160), second = pool.scale(file(), 160);
  workers[0].says({ kind: "planned", memoryBytes: 600 });
  workers[1].says({ kind: "planned", memoryBytes: 500 });
  assertEquals(workers.map(({ orders }) => orders.includes("proceed")), [true, false]);
  workers[0].says(UNSCALABLE);
  assertEquals(workers[1].orders.includes("proceed"), true);
  workers[1].says(UNSCALABLE);
  assertEquals([await first, await second], [UNSCALABLE, UNSCALABLE]);
  pool.close();
});

Deno.test("a Worker is reused, and ended after a long idle time", async () => {
  const { pool, workers } = fakePool({ idleMs: 1 });
  const ended = Promise.withResolvers<void>();
  for (let time = 0; time < 2; time++) {
    const result = pool.scale(file(), 160);
    workers[0].terminate = () => ended.resolve();
    workers[0].says({ kind: "fits" });
    await result;
  }
  assertEquals(workers.length, 1);
  await ended.promise;
  pool.scale(file(), 160);
  assertEquals(workers.length, 2);
  pool.close();
});

Deno.test("a Worker is warm before the first image, and only one", async () => {
  const { pool, workers } = fakePool();
  pool.warm();
  pool.warm();
  assertEquals(workers.map(({ orders }) => orders), [["warm"]]);
  const result = pool.scale(file(), 160);
  assertEquals(workers.length, 1);
  pool.warm();
  assertEquals(workers.length, 1);
  workers[0].says(UNSCALABLE);
  assertEquals(await result, UNSCALABLE);
  pool.close();
  assert(workers[0].isTerminated);
  pool.warm();
  assertEquals(workers.length, 1);
});

Deno.test("a Worker that cannot get warm is not used", async () => {
  const makeWorker = () => {
    throw new Error("no thread");
  };
  new ScalingPool({ makeWorker }).warm();
  const { pool, workers } = fakePool();
  pool.warm();
  workers[0].onerror!(new ErrorEvent("error", { message: "broken", cancelable: true }));
  assert(workers[0].isTerminated);
  const result = pool.scale(file(), 160);
  assertEquals(workers.length, 2);
  workers[1].says(UNSCALABLE);
  assertEquals(await result, UNSCALABLE);
  pool.close();
});

Deno.test("a Worker that exceeds its time is abandoned; after too many, nothing is scaled", async () => {
  const { pool, workers } = fakePool({ timeLimitMs: 1 });
  const scaling = [pool.scale(file(), 160), pool.scale(file(), 160)];
  workers.forEach((worker) => worker.says(BEGUN));
  assertEquals(await Promise.all(scaling), [{ kind: "given-up" }, { kind: "given-up" }]);
  await assertRejects(() => pool.scale(file(), 160), ScalingBusy);
  // One ends after all.
  workers[0].says(UNSCALABLE);
  assert(workers[0].isTerminated);
  const next = pool.scale(file(), 160);
  assertEquals(workers.length, 3);
  workers[2].says(UNSCALABLE);
  assertEquals(await next, UNSCALABLE);
  pool.close();
});

Deno.test("the start of a Worker is not counted as work", async () => {
  const { pool, workers } = fakePool({ timeLimitMs: 1 });
  const [slow, quick] = [pool.scale(file(), 160), pool.scale(file(), 160)];
  workers[1].says(BEGUN);
  assertEquals(await quick, { kind: "given-up" });
  // A later timer than that of the limit, if it counted from the start.
  await new Promise((resolve) => setTimeout(resolve, 5));
  workers[0].says(BEGUN);
  workers[0].says(UNSCALABLE);
  assertEquals(await slow, UNSCALABLE);
  pool.close();
});

Deno.test("a Worker that does not start is abandoned without blaming its image", async () => {
  const { pool, workers } = fakePool({ size: 1, timeLimitMs: 1, startLimitMs: 2 });
  await assertRejects(() => pool.scale(file(), 160), Error, "did not start within 2 ms");
  await assertRejects(() => pool.scale(file(), 160), ScalingBusy);
  // It starts after all.
  workers[0].says(BEGUN);
  workers[0].says({ kind: "planned", memoryBytes: 1 });
  assert(workers[0].isTerminated);
  const next = pool.scale(file(), 160);
  workers[1].says(BEGUN);
  workers[1].says(UNSCALABLE);
  assertEquals(await next, UNSCALABLE);
  pool.close();
});

Deno.test("waiting for memory is not counted as work", async () => {
  const { pool, workers } = fakePool({ size: 3, timeLimitMs: 200 });
  const [first, second, third] = [1, 2, 3].map(() => pool.scale(file(), 160));
  workers[0].says({ kind: "planned", memoryBytes: 600 });
  workers[1].says({ kind: "planned", memoryBytes: 300 });
  workers[2].says({ kind: "planned", memoryBytes: 300 });
  // The others are given up, and what they hold stays counted.
  assertEquals([await first, await second], [{ kind: "given-up" }, { kind: "given-up" }]);
  await assertRejects(() => third, ScalingBusy);
  assert(workers[2].isTerminated);
  pool.close();
});

Deno.test({
  name: "a job that waits for memory is not abandoned, and no timer stays",
  sanitizeOps: true,
  async fn() {
    const { pool, workers } = fakePool({ size: 2, startLimitMs: 1 });
    const first = pool.scale(file(), 160), second = pool.scale(file(), 160);
    for (const worker of workers) worker.says({ kind: "planned", memoryBytes: 1000 });
    // A later timer than that of the limit.
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const worker of workers) worker.says(UNSCALABLE);
    assertEquals([await first, await second], [UNSCALABLE, UNSCALABLE]);
    pool.close();
  },
});

Deno.test("a job that needs the memory of an abandoned Worker is refused until that ends", async () => {
  const { pool, workers } = fakePool({ size: 2, timeLimitMs: 100 });
  const hung = pool.scale(file(), 160);
  workers[0].says({ kind: "planned", memoryBytes: 600 });
  assertEquals(await hung, { kind: "given-up" });
  const large = assertRejects(() => pool.scale(file(), 160), ScalingBusy);
  workers[1].says({ kind: "planned", memoryBytes: 500 });
  await large;
  const small = pool.scale(file(), 160);
  workers[2].says({ kind: "planned", memoryBytes: 400 });
  assertEquals(workers[2].orders.includes("proceed"), true);
  workers[2].says(UNSCALABLE);
  assertEquals(await small, UNSCALABLE);
  // It ends after all.
  workers[0].says(UNSCALABLE);
  const again = pool.scale(file(), 160);
  workers.at(-1)!.says({ kind: "planned", memoryBytes: 1000 });
  assertEquals(workers.at(-1)!.orders.includes("proceed"), true);
  workers.at(-1)!.says(UNSCALABLE);
  assertEquals(await again, UNSCALABLE);
  pool.close();
});

Deno.test("a job that needs all memory that is left waits for it instead of being refused", async () => {
  const { pool, workers } = fakePool({ size: 3, timeLimitMs: 100 });
  const hung = pool.scale(file(), 160);
  workers[0].says({ kind: "planned", memoryBytes: 600 });
  assertEquals(await hung, { kind: "given-up" });
  const first = pool.scale(file(), 160), second = pool.scale(file(), 160);
  workers[1].says({ kind: "planned", memoryBytes: 1 });
  workers[2].says({ kind: "planned", memoryBytes: 400 });
  assertEquals(workers[2].orders.includes("proceed"), false);
  workers[1].says(UNSCALABLE);
  assertEquals(workers[2].orders.includes("proceed"), true);
  workers[2].says(UNSCALABLE);
  assertEquals([await first, await second], [UNSCALABLE, UNSCALABLE]);
  pool.close();
});

Deno.test("a Worker that was abandoned before it planned is ended once it has", async () => {
  const { pool, workers } = fakePool({ size: 1, timeLimitMs: 1 });
  const hung = pool.scale(file(), 160);
  workers[0].says(BEGUN);
  assertEquals(await hung, { kind: "given-up" });
  workers[0].says({ kind: "planned", memoryBytes: 1 });
  assertEquals([workers[0].isTerminated, workers[0].orders.includes("proceed")], [true, false]);
  const next = pool.scale(file(), 160);
  workers[1].says(UNSCALABLE);
  assertEquals(await next, UNSCALABLE);
  pool.close();
});

Deno.test("a Worker that ends while it waits for memory takes none", async () => {
  const { pool, workers } = fakePool({ size: 3 });
  const first = pool.scale(file(), 160);
  workers[0].says({ kind: "planned", memoryBytes: 1000 });
  const broken = assertRejects(() => pool.scale(file(), 160), Error, "broken");
  workers[1].says({ kind: "planned", memoryBytes: 1000 });
  workers[1].onerror!(new ErrorEvent("error", { message: "broken", cancelable: true }));
  await broken;
  const third = pool.scale(file(), 160);
  workers[2].says({ kind: "planned", memoryBytes: 1000 });
  assertEquals(workers[2].orders.includes("proceed"), false);
  workers[0].says(UNSCALABLE);
  assertEquals(workers[2].orders.includes("proceed"), true);
  workers[2].says(UNSCALABLE);
  assertEquals([await first, await third], [UNSCALABLE, UNSCALABLE]);
  pool.close();
});

Deno.test("a Worker that fails is reported and replaced", async () => {
  const { pool, workers } = fakePool({ size: 1 });
  const failed = assertRejects(() => pool.scale(file(), 160), Error, "no codec");
  workers[0].says({ kind: "failed", reason: "no codec" });
  await failed;
  const broken = assertRejects(() => pool.scale(file(), 160), Error, "broken");
  workers[0].onerror!(new ErrorEvent("error", { message: "broken", cancelable: true }));
  await broken;
  assert(workers[0].isTerminated);
  const next = pool.scale(file(), 160);
  assertEquals(workers.length, 2);
  workers[1].says(UNSCALABLE);
  assertEquals(await next, UNSCALABLE);
  pool.close();
});

Deno.test("a Worker that finishes in time is not abandoned later", async () => {
  const { pool, workers } = fakePool({ size: 1, timeLimitMs: 1, startLimitMs: 1 });
  for (let time = 0; time < 2; time++) {
    const result = pool.scale(file(), 160);
    workers[0].says(BEGUN);
    workers[0].says({ kind: "planned", memoryBytes: 1 });
    workers[0].says(UNSCALABLE);
    assertEquals(await result, UNSCALABLE);
    // A later timer than that of the limit.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(workers.length, 1);
  pool.close();
});

Deno.test("a Worker that took much memory is ended after its image", async () => {
  const { pool, workers } = fakePool({ memoryBytes: 2 ** 30 });
  for (const [memoryBytes, isEnded] of [[2 ** 27, false], [2 ** 27 + 1, true]] as const) {
    const result = pool.scale(file(), 160);
    workers[0].says({ kind: "planned", memoryBytes });
    workers[0].says(UNSCALABLE);
    await result;
    assertEquals(workers[0].isTerminated, isEnded);
  }
  pool.close();
});
