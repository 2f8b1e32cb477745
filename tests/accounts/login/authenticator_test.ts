import { assertEquals } from "@std/assert";
import { Authenticator } from "../../../lib/accounts/login/authenticator.ts";
import { HashingQueue } from "../../../lib/accounts/login/hashing_queue.ts";
import { LoginThrottle } from "../../../lib/accounts/login/login_throttle.ts";
import {
  hashPassword,
  matchesHash,
  type ScryptCost,
} from "../../../lib/accounts/login/password_hash.ts";
import { TokenSigner } from "../../../lib/accounts/tokens/token_signer.ts";
import { CHEAP } from "../support/cheap_scrypt.ts";
import { MemoryStore } from "../support/memory_store.ts";

const HERE = { address: "192.0.2.1" };

/** Returns an authenticator that records the cost of each hash it computes. */
function open() {
  const store = new MemoryStore();
  const hashes: ScryptCost[] = [];
  const secret = new Uint8Array(32);
  const authenticator = new Authenticator({
    store,
    cost: CHEAP,
    queue: new HashingQueue(),
    throttle: new LoginThrottle(),
    devices: new TokenSigner({ secret, purpose: "device", lifetimeSeconds: 1, now: Date.now }),
    elapsed: () => 0,
    hasher: {
      hashPassword(password, cost) {
        hashes.push(cost);
        return hashPassword(password, cost);
      },
      matchesHash(password, stored) {
        hashes.push(stored.cost);
        return matchesHash(password, stored);
      },
    },
  });
  return { store, hashes, authenticator };
}

Deno.test("a failed login computes one hash of the same cost for every user", async () => {
  const { store, hashes, authenticator } = open();
  const user = { expiryTime: 0, revokedAt: 0 };
  store.users.set("alice", { ...user, pw: await hashPassword("right", CHEAP) });
  store.users.set("plain", { ...user, pw: "right" });
  for (const name of ["alice", "plain", "nobody"]) {
    assertEquals(await authenticator.check(name, "wrong", HERE), { result: "refused" });
    assertEquals(hashes.splice(0), [CHEAP], name);
  }
});

Deno.test("a login computes one hash; one more if the stored one is to be replaced", async () => {
  const { store, hashes, authenticator } = open();
  const weaker = { ...CHEAP, ln: CHEAP.ln - 1 };
  const user = { expiryTime: 0, revokedAt: 0 };
  store.users.set("alice", { ...user, pw: await hashPassword("right", CHEAP) });
  store.users.set("plain", { ...user, pw: "right" });
  store.users.set("weaker", { ...user, pw: await hashPassword("right", weaker) });
  const expected: [name: string, hashes: ScryptCost[]][] = [
    ["alice", [CHEAP]],
    ["plain", [CHEAP]],
    ["weaker", [weaker, CHEAP]],
  ];
  for (const [name, costs] of expected) {
    assertEquals((await authenticator.check(name, "right", HERE)).result, "authenticated");
    assertEquals(hashes.splice(0), costs, name);
    assertEquals((await authenticator.check(name, "right", HERE)).result, "authenticated");
    assertEquals(hashes.splice(0), [CHEAP], name);
  }
});

Deno.test("a login whose stored password keeps changing is refused after three attempts", async () => {
  const { store, hashes, authenticator } = open();
  const user = { expiryTime: 0, revokedAt: 0, pw: "right" };
  let changes = 0;
  // Each time, somebody is faster.
  store.update = (name) => {
    const changed = { ...user, revokedAt: ++changes };
    store.users.set(name, changed);
    return Promise.resolve(changed);
  };
  store.users.set("alice", user);
  assertEquals(await authenticator.check("alice", "right", HERE), { result: "refused" });
  assertEquals([changes, hashes.length], [3, 3]);
});
