import { assertEquals } from "@std/assert";
import { KeyChecker } from "../../../lib/accounts/tokens/key_checker.ts";
import { TokenSigner } from "../../../lib/accounts/tokens/token_signer.ts";
import { Clock } from "../support/clock.ts";
import { MemoryStore } from "../support/memory_store.ts";

Deno.test("every key is verified, whether or not it is still in the cache", () => {
  const store = new MemoryStore();
  const clock = new Clock();
  const signer = new TokenSigner({
    secret: new Uint8Array(32).fill(7),
    purpose: "key",
    lifetimeSeconds: 3600,
    now: clock.read,
  });
  const checker = new KeyChecker({ store, signer, maxAgeMs: 0, capacity: 10 });
  const expiryTime = clock.now / 1000 + 3600;
  const names = Array.from({ length: 30 }, (_, i) => `user ${i}`);
  const keys = names.map((name) => {
    const user = { pw: `of ${name}`, expiryTime, revokedAt: 0 };
    store.users.set(name, user);
    return signer.mint({ name, expiryTime }, user);
  });
  for (let round = 0; round < 2; round++) {
    assertEquals(keys.map((key) => checker.verifyKey(key)), names);
    assertEquals(keys.map((key) => checker.verifyKey(key)), names);
  }
  // A cached key ends with the password, too.
  store.users.set("user 29", { pw: "new", expiryTime, revokedAt: 0 });
  assertEquals(checker.verifyKey(keys[29]), null);
});

Deno.test("10,000 verified keys are cached by default", () => {
  const store = new MemoryStore();
  store.users.set("alice", { pw: "x", expiryTime: 5, revokedAt: 0 });
  let verifications = 0;
  const signer = {
    read: () => ({ name: "alice", expiryTime: 5 }),
    isLive: () => true,
    verify: () => ++verifications > 0,
  };
  const checker = new KeyChecker({ store, signer, maxAgeMs: 0 });
  const check = (from: number, to: number) => {
    verifications = 0;
    for (let i = from; i < to; i++) assertEquals(checker.verifyKey(`key ${i}`), "alice");
    return verifications;
  };
  assertEquals(check(0, 10_000), 10_000);
  assertEquals(check(0, 10_000), 0);
  // One more, and the oldest is forgotten.
  assertEquals(check(10_000, 10_001), 1);
  assertEquals(check(1, 10_001), 0);
  assertEquals(check(0, 1), 1);
});
