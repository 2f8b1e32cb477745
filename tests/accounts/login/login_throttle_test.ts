import { assert, assertEquals } from "@std/assert";
import { openAccounts } from "../../../lib/accounts/accounts.ts";
import type { ThrottleOptions } from "../../../lib/accounts/login/login_throttle.ts";
import { CHEAP } from "../support/cheap_scrypt.ts";
import { Clock } from "../support/clock.ts";
import { MemoryStore } from "../support/memory_store.ts";

const HERE = { address: "192.0.2.1" };

/** Accounts with `alice` and `bob`, and a login that says only what it came to. */
async function open(throttle?: ThrottleOptions) {
  const clock = new Clock();
  const store = new MemoryStore();
  const accounts = await openAccounts(store, {
    ...{ scrypt: CHEAP, now: clock.read, elapsed: clock.read, throttle },
    // What is tried here at once is to wait for its turn.
    hashing: { perAddress: 512 },
  });
  await accounts.register("alice", "right", HERE);
  await accounts.register("bob", "right", HERE);
  const login = async (name: string, password: string, address: string, device?: string) =>
    (await accounts.login(name, password, { address, device })).result;
  /** Logs in with the right password; the device that this gives. */
  const makeDevice = async (name: string, address: string) => {
    const login = await accounts.login(name, "right", { address });
    assert(login.result === "in");
    return login.device.value;
  };
  /** Fails until throttled; how often that was possible. */
  const exhaust = async (name: (i: number) => string, address: (i: number) => string) => {
    for (let i = 0; i < 1000; i++) {
      if (await login(name(i), "wrong", address(i)) === "throttled") return i;
    }
    return Infinity;
  };
  return { accounts, clock, store, login, makeDevice, exhaust };
}

Deno.test("by default ten failures of one user from one address are free, then one a minute", async () => {
  const { accounts, clock, login, exhaust } = await open();
  assertEquals(await exhaust(() => "alice", () => "192.0.2.1"), 10);
  assertEquals(await accounts.login("alice", "right", { address: "192.0.2.1" }), {
    result: "throttled",
    retryAfterSeconds: 60,
  });
  clock.pass(60);
  assertEquals(await login("alice", "wrong", "192.0.2.1"), "refused");
  assertEquals(await login("alice", "wrong", "192.0.2.1"), "throttled");
  clock.pass(60);
  assertEquals(await login("alice", "right", "192.0.2.1"), "in");
});

Deno.test("a right password forgives the failures of that user from that address", async () => {
  const { login } = await open();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 9; i++) assertEquals(await login("alice", "wrong", "::1"), "refused");
    assertEquals(await login("alice", "right", "::1"), "in");
  }
});

Deno.test("while one address is throttled for a user, the right password works from another address", async () => {
  const { login, exhaust } = await open();
  await exhaust(() => "alice", () => "192.0.2.1");
  assertEquals(await login("alice", "right", "192.0.2.2"), "in");
  assertEquals(await login("bob", "right", "192.0.2.1"), "in");
});

Deno.test("by default fifty failures from one address are free, whoever is tried", async () => {
  const { accounts, clock, login, exhaust } = await open();
  assertEquals(await exhaust((i) => `user ${i}`, () => "192.0.2.1"), 50);
  const next = await accounts.login("bob", "right", { address: "192.0.2.1" });
  assertEquals(next, { result: "throttled", retryAfterSeconds: 10 });
  assertEquals(await login("bob", "right", "192.0.2.2"), "in");
  clock.pass(10);
  assertEquals(await login("bob", "right", "192.0.2.1"), "in");
});

Deno.test("while an address is throttled, users who have logged in from it before can still log in", async () => {
  const { login, exhaust } = await open();
  assertEquals(await login("alice", "right", "192.0.2.1"), "in");
  await exhaust((i) => `user ${i}`, () => "192.0.2.1");
  assertEquals(await login("alice", "right", "192.0.2.1"), "in");
  assertEquals(await login("bob", "right", "192.0.2.1"), "throttled");
  assertEquals(await exhaust(() => "alice", () => "192.0.2.1"), 10);
});

Deno.test("a guesser cannot clear the address's count by logging in to another account", async () => {
  const { login } = await open();
  let guesses = 0;
  while (guesses < 1000 && await login(`user ${guesses}`, "wrong", "192.0.2.1") === "refused") {
    guesses++;
    await login("bob", "right", "192.0.2.1");
  }
  assertEquals(guesses, 50);
});

Deno.test("the addresses of one IPv6 network of 64 bits count as one", async () => {
  const { login, exhaust } = await open();
  assertEquals(await exhaust(() => "alice", (i) => `2001:db8::${i + 1}`), 10);
  assertEquals(await login("alice", "right", "2001:db8:0:1::1"), "in");
});

Deno.test("by default a hundred failures of one user are free, from however many addresses", async () => {
  const { accounts, clock, login, exhaust } = await open();
  assertEquals(await exhaust(() => "alice", (i) => `198.51.100.${i}`), 100);
  const next = await accounts.login("alice", "right", { address: "203.0.113.1" });
  assertEquals(next, { result: "throttled", retryAfterSeconds: 10 });
  assertEquals(await login("bob", "right", "203.0.113.1"), "in");
  clock.pass(10);
  assertEquals(await login("alice", "right", "203.0.113.1"), "in");
});

Deno.test("an address from which the user has logged in stays open while others guess that user's password", async () => {
  const { clock, login, exhaust } = await open();
  assertEquals(await login("alice", "right", "203.0.113.1"), "in");
  for (let hour = 0; hour < 5; hour++) {
    await exhaust(() => "alice", (i) => `198.51.100.${i}`);
    assertEquals(await login("alice", "wrong", "203.0.113.1"), "refused");
    assertEquals(await login("alice", "right", "203.0.113.1"), "in");
    clock.pass(3600);
  }
});

Deno.test("simultaneous wrong passwords are counted before they are hashed", async () => {
  const { accounts } = await open();
  const results = await Promise.all(
    Array.from({ length: 200 }, () => accounts.login("alice", "wrong", { address: "192.0.2.1" })),
  );
  assertEquals(results.filter(({ result }) => result === "refused").length, 10);
  assertEquals(results.filter(({ result }) => result === "throttled").length, 190);
});

Deno.test("two hundred clients of one address, each with its own user and the right password, all log in", async () => {
  const { accounts } = await open();
  const names = Array.from({ length: 200 }, (_, i) => `user ${i}`);
  await Promise.all(names.map((name) => accounts.register(name, "right", HERE)));
  const logins = await Promise.all(
    names.map((name) => accounts.login(name, "right", { address: "127.0.0.1" })),
  );
  assert(logins.every(({ result }) => result === "in"));
});

Deno.test("fifty simultaneous logins of one user from one address all succeed", async () => {
  const { accounts } = await open();
  const logins = await Promise.all(
    Array.from({ length: 50 }, () => accounts.login("alice", "right", { address: "127.0.0.1" })),
  );
  assert(logins.every(({ result }) => result === "in"));
});

Deno.test("filling the tables does not clear a long count", async () => {
  const { login, exhaust } = await open({
    capacity: 100,
    address: { burst: 1e6, forgetSeconds: 1 },
  });
  await exhaust(() => "alice", () => "192.0.2.1");
  for (let i = 0; i < 1000; i++) await login(`user ${i}`, "wrong", "192.0.2.1");
  assertEquals(await login("alice", "wrong", "192.0.2.1"), "throttled");
});

Deno.test("a guesser at the owner's own address does not lock the owner's device out", async () => {
  const { clock, login, makeDevice, exhaust } = await open();
  const device = await makeDevice("alice", "192.0.2.1");
  for (let minute = 0; minute < 20; minute++) {
    await exhaust(() => "alice", () => "192.0.2.1");
    assertEquals(await login("alice", "right", "192.0.2.1"), "throttled");
    for (let i = 0; i < 5; i++) {
      assertEquals(await login("alice", "right", "192.0.2.1", device), "in");
    }
    clock.pass(60);
  }
});

Deno.test("a device has its own count with the limit of a user and address, whatever its address", async () => {
  const { accounts, clock, login, makeDevice } = await open();
  const device = await makeDevice("alice", "192.0.2.1");
  const other = await makeDevice("alice", "192.0.2.1");
  for (let i = 0; i < 10; i++) {
    assertEquals(await login("alice", "wrong", `198.51.100.${i}`, device), "refused");
  }
  assertEquals(
    await accounts.login("alice", "right", { address: "203.0.113.1", device }),
    { result: "throttled", retryAfterSeconds: 60 },
  );
  // Nobody else pays for it.
  assertEquals(await login("alice", "right", "192.0.2.1", other), "in");
  assertEquals(await login("alice", "right", "198.51.100.1"), "in");
  clock.pass(60);
  assertEquals(await login("alice", "right", "203.0.113.1", device), "in");
  for (let i = 0; i < 10; i++) {
    assertEquals(await login("alice", "wrong", "203.0.113.1", device), "refused");
  }
  assertEquals(await login("alice", "wrong", "203.0.113.1", device), "throttled");
});

Deno.test("a device works for its user only, and not if it is forged, expired or of an old password", async () => {
  const { accounts, clock, login, makeDevice, exhaust } = await open();
  const device = await makeDevice("alice", "192.0.2.1");
  await exhaust(() => "bob", () => "192.0.2.1");
  assertEquals(await login("bob", "right", "192.0.2.1", device), "throttled");
  await exhaust(() => "alice", () => "192.0.2.1");
  const session = await accounts.login("alice", "right", { address: "192.0.2.9" });
  assert(session.result === "in");
  const bad = ["", "x", "x.y.z", device.slice(0, -1), device + "A", session.session.value];
  for (const wrong of bad) {
    assertEquals(await login("alice", "right", "192.0.2.1", wrong), "throttled");
  }
  assertEquals(await login("alice", "right", "192.0.2.1", device), "in");
  // Whoever knows a device of before a change of password has no part in what comes after.
  await accounts.changePassword("alice", "right", "right", { address: "192.0.2.8" });
  assertEquals(await login("alice", "right", "192.0.2.1", device), "throttled");
  const later = await makeDevice("alice", "192.0.2.2");
  clock.pass(365 * 86_400);
  await exhaust(() => "alice", () => "192.0.2.2");
  assertEquals(await login("alice", "right", "192.0.2.2", later), "throttled");
});

Deno.test("a device gives no key, no session and no access as another user", async () => {
  const { accounts, makeDevice } = await open();
  const device = await makeDevice("alice", "192.0.2.1");
  assertEquals(accounts.verifyKey(device), null);
  assertEquals(await accounts.session(device), null);
  assertEquals(await accounts.raisePrivilege(device), { result: "login-required" });
});

Deno.test("a clock that is set does not change how long a guesser waits", async () => {
  const clock = new Clock();
  let elapsed = 0;
  const accounts = await openAccounts(new MemoryStore(), {
    ...{ scrypt: CHEAP, now: clock.read, elapsed: () => elapsed },
    throttle: { pair: { burst: 1, forgetSeconds: 60 } },
  });
  await accounts.register("alice", "right", HERE);
  const login = (password: string) => accounts.login("alice", password, HERE);
  assertEquals((await login("wrong")).result, "refused");
  for (const seconds of [-3600, 7200, -86_400]) {
    clock.pass(seconds);
    assertEquals(await login("right"), { result: "throttled", retryAfterSeconds: 60 });
  }
  elapsed = 60_000;
  assertEquals((await login("right")).result, "in");
});
