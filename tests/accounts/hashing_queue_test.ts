import { assert, assertEquals, assertRejects } from "@std/assert";
import { HashingQueue, TooBusy } from "../../lib/accounts/hashing_queue.ts";

Deno.test("no more jobs run at once than allowed, and all run, in order", async () => {
  const queue = new HashingQueue(2, 100);
  const order: number[] = [];
  let running = 0;
  await Promise.all(Array.from({ length: 20 }, (_, i) =>
    queue.run(async () => {
      order.push(i);
      running++;
      assert(running <= 2);
      await Promise.resolve();
      running--;
    })));
  assertEquals(order, Array.from({ length: 20 }, (_, i) => i));
});

Deno.test("one more than the queue holds is refused at once, and there is room again afterwards", async () => {
  const queue = new HashingQueue(1, 2);
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const jobs = [1, 2, 3].map((value) => queue.run(() => gate.then(() => value)));
  await assertRejects(() => queue.run(() => Promise.resolve()), TooBusy);
  open();
  assertEquals(await Promise.all(jobs), [1, 2, 3]);
  assertEquals(await queue.run(() => Promise.resolve("again")), "again");
});

Deno.test("a job that fails gives its place to the next", async () => {
  const queue = new HashingQueue(1, 10);
  const failing = queue.run(() => Promise.reject(new RangeError("no")));
  const next = queue.run(() => Promise.resolve("yes"));
  await assertRejects(() => failing, RangeError);
  assertEquals(await next, "yes");
});
