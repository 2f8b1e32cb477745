import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { GcraLimiter } from "../../../lib/accounts/login/gcra_limiter.ts";

Deno.test("the burst is free, then a key waits until one failure is forgotten", () => {
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

Deno.test("a failure that is taken back leaves no trace", () => {
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

Deno.test("whatever the order of failures, no more than the burst and the forgotten ones get through", () => {
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
