import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { GcraLimiter } from "../../../lib/accounts/login/gcra_limiter.ts";

Deno.test("a burst is allowed, then a key waits until one failure is forgotten", () => {
  const limiter = new GcraLimiter({ burst: 3, forgetSeconds: 10 }, 10);
  for (let i = 0; i < 3; i++) {
    assertEquals(limiter.wait("a", 0), 0);
    limiter.add("a", 0);
  }
  assertEquals(limiter.wait("a", 0), 10_000);
  assertEquals(limiter.wait("a", 9_999), 1);
  assertEquals(limiter.wait("a", 10_000), 0);
  limiter.add("a", 10_000);
  assertEquals(limiter.wait("a", 10_000), 10_000);
  assertEquals(limiter.wait("b", 10_000), 0);
});

Deno.test("all failures are forgotten after burst × forgetSeconds", () => {
  const limiter = new GcraLimiter({ burst: 3, forgetSeconds: 10 }, 10);
  for (let i = 0; i < 3; i++) limiter.add("a", 0);
  for (let i = 0; i < 3; i++) {
    assertEquals(limiter.wait("a", 30_000), 0);
    limiter.add("a", 30_000);
  }
  assert(limiter.wait("a", 30_000) > 0);
});

Deno.test("a failure that is forgiven is not counted", () => {
  const limiter = new GcraLimiter({ burst: 2, forgetSeconds: 10 }, 10);
  limiter.add("a", 0);
  limiter.add("a", 0);
  limiter.takeBack("a", 0);
  assertEquals(limiter.wait("a", 0), 0);
  limiter.takeBack("a", 0);
  assertEquals(limiter.size, 0);
  limiter.takeBack("a", 0);
  assertEquals(limiter.size, 0);
});

Deno.test("the table stays within its capacity, and single failures do not push out a long count", () => {
  const limiter = new GcraLimiter({ burst: 5, forgetSeconds: 60 }, 100);
  for (let i = 0; i < 6; i++) limiter.add("victim", i);
  for (let i = 0; i < 10_000; i++) {
    limiter.add(`filler ${i}`, 1000);
    assert(limiter.size <= 100);
  }
  assert(limiter.wait("victim", 1000) > 0);
});

Deno.test("whatever the order of failures, at most the burst plus the forgotten ones are allowed", () => {
  const limit = { burst: 4, forgetSeconds: 5 };
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }), (gaps) => {
    const limiter = new GcraLimiter(limit, 10);
    let now = 0;
    let admitted = 0;
    for (const gap of gaps) {
      now += gap;
      if (limiter.wait("a", now) > 0) continue;
      limiter.add("a", now);
      admitted++;
    }
    assert(admitted <= limit.burst + Math.floor(now / (limit.forgetSeconds * 1000)) + 1);
  }));
});

Deno.test("a full table drops the key with the fewest failures of the sixteen oldest", () => {
  /** Fills a table of 20 keys with these failures each; returns the key that one more drops. */
  const dropped = (failures: (key: number) => number): number[] => {
    const limiter = new GcraLimiter({ burst: 1, forgetSeconds: 60 }, 20);
    for (let key = 0; key < 20; key++) {
      for (let i = 0; i < failures(key); i++) limiter.add(`${key}`, 0);
    }
    limiter.add("new", 0);
    assertEquals(limiter.size, 20);
    return Array.from({ length: 20 }, (_, key) => key).filter((key) =>
      limiter.wait(`${key}`, 0) === 0
    );
  };
  // Of keys with as many failures, the oldest.
  assertEquals(dropped(() => 2), [0]);
  assertEquals(dropped((key) => key === 7 || key === 9 ? 2 : 3), [7]);
  assertEquals(dropped((key) => key === 15 ? 2 : 3), [15]);
  assertEquals(dropped((key) => key === 16 ? 2 : 3), [0]);
});
