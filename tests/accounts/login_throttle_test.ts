import { assert, assertEquals } from "@std/assert";
import { openAccounts } from "../../lib/accounts/accounts.ts";
import type { ThrottleOptions } from "../../lib/accounts/login_throttle.ts";
import { CHEAP } from "./cheap_scrypt.ts";
import { Clock } from "./clock.ts";
import { MemoryStore } from "./memory_store.ts";

const HERE = { address: "192.0.2.1" };

/** Accounts with `alice` and `bob`, and a login that says only what it came to. */
async function open(throttle?: ThrottleOptions) {
  const clock = new Clock();
  const store = new MemoryStore();
  const accounts = await openAccounts(store, {
    ...{ scrypt: CHEAP, now: clock.read, throttle },
    // What is tried here at once is to wait for its turn.
    hashing: { perAddress: 512 },
  });
  await accounts.register("alice", "right", HERE);
  await accounts.register("bob", "right", HERE);
  const login = async (name: string, password: string, address: string) =>
    (await accounts.login(name, password, { address })).result;
  /** Fails until throttled; how often that was possible. */
  const exhaust = async (name: (i: number) => string, address: (i: number) => string) => {
    for (let i = 0; i < 1000; i++) {
      if (await login(name(i), "wrong", address(i)) === "throttled") return i;
    }
    return Infinity;
  };
  return { accounts, clock, store, login, exhaust };
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

Deno.test("while one address is throttled for a user, the right password gets in from elsewhere", async () => {
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

Deno.test("while an address is throttled, those who have logged in from it before still get in", async () => {
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

Deno.test("two hundred clients of one address, each with its own user and the right password, all get in", async () => {
  const { accounts } = await open();
  const names = Array.from({ length: 200 }, (_, i) => `user ${i}`);
  await Promise.all(names.map((name) => accounts.register(name, "right", HERE)));
  const logins = await Promise.all(
    names.map((name) => accounts.login(name, "right", { address: "127.0.0.1" })),
  );
  assert(logins.every(({ result }) => result === "in"));
});

Deno.test("one user who logs in fifty times at once from one address gets in each time", async () => {
  const { accounts } = await open();
  const logins = await Promise.all(
    Array.from({ length: 50 }, () => accounts.login("alice", "right", { address: "127.0.0.1" })),
  );
  assert(logins.every(({ result }) => result === "in"));
});

Deno.test("a guesser who fills the tables does not get rid of the one count that matters", async () => {
  const { login, exhaust } = await open({
    capacity: 100,
    address: { burst: 1e6, forgetSeconds: 1 },
  });
  await exhaust(() => "alice", () => "192.0.2.1");
  for (let i = 0; i < 1000; i++) await login(`user ${i}`, "wrong", "192.0.2.1");
  assertEquals(await login("alice", "wrong", "192.0.2.1"), "throttled");
});
