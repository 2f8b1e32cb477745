import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserCache } from "../../../../lib/accounts/store/postgres/user_cache.ts";
import type { User } from "../../../../lib/accounts/store/store.ts";

/** Longer than any test takes. */
const HOUR_MS = 3_600_000;

/** Returns a cache, and its reads, which the test completes. */
function open() {
  const reads: { name: string; complete(pw: string | null): void; fail(): void }[] = [];
  const cache = new UserCache((name) => {
    const { promise, resolve, reject } = Promise.withResolvers<User | null>();
    reads.push({
      name,
      complete: (pw) => resolve(pw === null ? null : { pw, expiryTime: 0, revokedAt: 0 }),
      fail: () => reject(new Error("away")),
    });
    return promise;
  });
  return { cache, reads };
}

Deno.test("a user is found again within maxAge without a read or a promise", async () => {
  const { cache, reads } = open();
  const first = cache.find("alice", HOUR_MS);
  reads[0].complete("x");
  assertEquals((await first)?.pw, "x");
  const second = cache.find("alice", HOUR_MS);
  assert(!(second instanceof Promise));
  assertEquals(second?.pw, "x");
  assertEquals(reads.length, 1);
});

Deno.test("a user older than maxAge is read again", async () => {
  const { cache, reads } = open();
  const first = cache.find("alice", HOUR_MS);
  reads[0].complete("x");
  await first;
  const second = cache.find("alice", -1);
  assertEquals(reads.length, 2);
  reads[1].complete("y");
  assertEquals((await second)?.pw, "y");
});

Deno.test("concurrent callers share a read", async () => {
  const { cache, reads } = open();
  const looks = Array.from({ length: 50 }, () => cache.find("alice", HOUR_MS));
  assertEquals(reads.length, 1);
  reads[0].complete("x");
  assertEquals((await Promise.all(looks)).every((user) => user?.pw === "x"), true);
});

Deno.test("a cached or shared user that is not accepted is read once more, and no further", async () => {
  const { cache, reads } = open();
  const accept = (user: User | null) => user?.pw === "new";
  const first = cache.find("alice", HOUR_MS, accept);
  const sharing = cache.find("alice", HOUR_MS, accept);
  reads[0].complete("old");
  assertEquals((await first)?.pw, "old");
  await Promise.resolve();
  assertEquals(reads.length, 2);
  reads[1].complete("new");
  assertEquals((await sharing)?.pw, "new");
  assertEquals((cache.find("alice", HOUR_MS, accept) as User).pw, "new");
});

Deno.test("a user that is dropped during a read is not cached", async () => {
  const { cache, reads } = open();
  const first = cache.find("alice", HOUR_MS);
  cache.forget("alice");
  reads[0].complete("before the change");
  await first;
  cache.find("alice", HOUR_MS);
  assertEquals(reads.length, 2);
});

Deno.test("a read that fails is not cached", async () => {
  const { cache, reads } = open();
  const first = cache.find("alice", HOUR_MS) as Promise<unknown>;
  reads[0].fail();
  await assertRejects(() => first, Error, "away");
  cache.find("alice", HOUR_MS);
  assertEquals(reads.length, 2);
});

Deno.test("the cache holds at most 10,000 users", async () => {
  const { cache, reads } = open();
  for (let i = 0; i < 10_001; i++) {
    const look = cache.find(`user ${i}`, 1e6);
    reads[i].complete("x");
    await look;
  }
  cache.find("user 10000", 1e6);
  assertEquals(reads.length, 10_001);
  cache.find("user 0", 1e6);
  assertEquals(reads.length, 10_002);
});
