import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserCache } from "../../../../lib/accounts/store/postgres/user_cache.ts";
import type { User } from "../../../../lib/accounts/store/store.ts";

/** A memory over reads that are answered by hand. */
function open() {
  const reads: { name: string; answer(pw: string | null): void; fail(): void }[] = [];
  const memory = new UserCache((name) => {
    const { promise, resolve, reject } = Promise.withResolvers<User | null>();
    reads.push({
      name,
      answer: (pw) => resolve(pw === null ? null : { pw, expiryTime: 0, revokedAt: 0 }),
      fail: () => reject(new Error("away")),
    });
    return promise;
  });
  return { memory, reads };
}

Deno.test("a second look within maxAge costs no read and no promise", async () => {
  const { memory, reads } = open();
  const first = memory.find("alice", 1000);
  reads[0].answer("x");
  assertEquals((await first)?.pw, "x");
  const second = memory.find("alice", 1000);
  assert(!(second instanceof Promise));
  assertEquals(second?.pw, "x");
  assertEquals(reads.length, 1);
});

Deno.test("what is older than maxAge is read again", async () => {
  const { memory, reads } = open();
  const first = memory.find("alice", 1000);
  reads[0].answer("x");
  await first;
  const second = memory.find("alice", -1);
  assertEquals(reads.length, 2);
  reads[1].answer("y");
  assertEquals((await second)?.pw, "y");
});

Deno.test("simultaneous looks at one user share a read", async () => {
  const { memory, reads } = open();
  const looks = Array.from({ length: 50 }, () => memory.find("alice", 1000));
  assertEquals(reads.length, 1);
  reads[0].answer("x");
  assertEquals((await Promise.all(looks)).every((user) => user?.pw === "x"), true);
});

Deno.test("a remembered or shared answer that does not suit is read once more, and no further", async () => {
  const { memory, reads } = open();
  const accept = (user: User | null) => user?.pw === "new";
  const first = memory.find("alice", 1000, accept);
  const sharing = memory.find("alice", 1000, accept);
  reads[0].answer("old");
  assertEquals((await first)?.pw, "old");
  await Promise.resolve();
  assertEquals(reads.length, 2);
  reads[1].answer("new");
  assertEquals((await sharing)?.pw, "new");
  assertEquals((memory.find("alice", 1000, accept) as User).pw, "new");
});

Deno.test("a user who is forgotten while being read is not remembered", async () => {
  const { memory, reads } = open();
  const first = memory.find("alice", 1000);
  memory.forget("alice");
  reads[0].answer("before the change");
  await first;
  memory.find("alice", 1000);
  assertEquals(reads.length, 2);
});

Deno.test("a read that fails is not remembered", async () => {
  const { memory, reads } = open();
  const first = memory.find("alice", 1000) as Promise<unknown>;
  reads[0].fail();
  await assertRejects(() => first, Error, "away");
  memory.find("alice", 1000);
  assertEquals(reads.length, 2);
});

Deno.test("the memory is bounded", async () => {
  const { memory, reads } = open();
  for (let i = 0; i < 10_001; i++) {
    const look = memory.find(`user ${i}`, 1e6);
    reads[i].answer("x");
    await look;
  }
  memory.find("user 10000", 1e6);
  assertEquals(reads.length, 10_001);
  memory.find("user 0", 1e6);
  assertEquals(reads.length, 10_002);
});
