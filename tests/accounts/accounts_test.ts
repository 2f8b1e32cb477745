import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { ENDED_SESSIONS } from "../../lib/accounts/accounts.ts";
import { parseHash } from "../../lib/accounts/login/password_hash.ts";
import {
  type AccountsOptions,
  hashPassword,
  openAccounts,
  RequesterGone,
  StoreUnavailable,
  TooBusy,
} from "../../lib/accounts/mod.ts";
import type { User, UserChange } from "../../lib/accounts/store/store.ts";
import { CHEAP } from "./support/cheap_scrypt.ts";
import { Clock } from "./support/clock.ts";
import { MemoryStore } from "./support/memory_store.ts";

const HERE = { address: "192.0.2.1" };

/** Accounts over a store in memory, with `alice` registered. */
async function open(options: AccountsOptions = {}, store = new MemoryStore()) {
  const clock = new Clock();
  const accounts = await openAccounts(store, { scrypt: CHEAP, now: clock.read, ...options });
  await accounts.register("alice", "open sesame", HERE);
  const session = async (name = "alice", password = "open sesame") => {
    const login = await accounts.login(name, password, { address: "192.0.2.1" });
    assert(login.result === "in", login.result);
    return login.session.value;
  };
  const key = async (name = "alice", password = "open sesame") => {
    const raised = await accounts.raisePrivilege(await session(name, password));
    assert("key" in raised, raised.result);
    return raised.key.value;
  };
  return { accounts, store, clock, session, key };
}

Deno.test("a registered user is stored with a hash in PHC form, never raised", async () => {
  const { store } = await open();
  const user = store.users.get("alice")!;
  assertMatch(user.pw, /^\$scrypt\$ln=4,r=1,p=1\$/);
  assertEquals([user.expiryTime, user.revokedAt], [0, 0]);
});

Deno.test("a name is registered once, in any Unicode normal form", async () => {
  const { accounts, store } = await open();
  assertEquals(await accounts.register("alice", "x", HERE), { result: "exists" });
  assertEquals(await accounts.register("zo\u00eb", "x", HERE), { result: "registered" });
  assertEquals(await accounts.register("zoe\u0308", "x", HERE), { result: "exists" });
  assertEquals(store.users.size, 2);
  assertEquals((await accounts.login("zoe\u0308", "x", { address: "::1" })).result, "in");
});

Deno.test("of a hundred simultaneous registrations of one name, exactly one succeeds, with its password", async () => {
  const { accounts } = await open({ hashing: { perAddress: 100 } });
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, i) => accounts.register("bob", `password ${i}`, HERE)),
  );
  const winners = results.flatMap(({ result }, i) => result === "registered" ? [i] : []);
  assertEquals(winners.length, 1);
  assertEquals(results.filter(({ result }) => result === "exists").length, 99);
  assertEquals(
    (await accounts.login("bob", `password ${winners[0]}`, { address: "::1" })).result,
    "in",
  );
});

Deno.test("an unacceptable name or password is refused with a reason, and nothing is stored", async () => {
  const { accounts, store } = await open();
  for (
    const [name, password] of [["", "x"], ["x", ""], ["a\nb", "x"], ["__proto__", "x"], [
      "x".repeat(65),
      "x",
    ]]
  ) {
    const registration = await accounts.register(name, password, HERE);
    assert(registration.result === "unacceptable");
    assert(registration.reason.length > 10);
  }
  assertEquals(store.users.size, 1);
  for (const name of ["", "a\nb", "__proto__", "x".repeat(65)]) {
    assertEquals(await accounts.login(name, "x", { address: "::1" }), { result: "refused" });
  }
  assertEquals(await accounts.login("alice", "x".repeat(1025), { address: "::1" }), {
    result: "refused",
  });
});

Deno.test("a wrong password and an unknown user get the same result", async () => {
  const { accounts } = await open();
  assertEquals(await accounts.login("alice", "wrong", { address: "::1" }), { result: "refused" });
  assertEquals(await accounts.login("nobody", "wrong", { address: "::1" }), { result: "refused" });
});

Deno.test("a session ends after its lifetime", async () => {
  const { accounts, clock, session } = await open({ sessionTtlSeconds: 100 });
  const value = await session();
  clock.pass(99.9);
  assertEquals((await accounts.raisePrivilege(value)).result, "raised");
  clock.pass(0.1);
  assertEquals(await accounts.raisePrivilege(value), { result: "login-required" });
});

Deno.test("the privilege is raised for its lifetime, and meanwhile the same key is issued again", async () => {
  const { accounts, clock, session, store } = await open();
  const first = await accounts.raisePrivilege(await session());
  assert(first.result === "raised");
  assertEquals(first.key.maxAgeSeconds, 3600);
  assertEquals(first.expiryTime, 1_763_803_600.123);
  assertEquals(store.users.get("alice")!.expiryTime, first.expiryTime);
  clock.pass(600.5);
  const second = await accounts.raisePrivilege(await session());
  assert(second.result === "already");
  assertEquals(second.key.value, first.key.value);
  assertEquals(second.key.maxAgeSeconds, 3000);
  assertEquals(second.expiryTime, first.expiryTime);
  clock.pass(3000);
  const third = await accounts.raisePrivilege(await session());
  assert(third.result === "raised");
  assertNotEquals(third.key.value, first.key.value);
});

Deno.test("simultaneous requests for the privilege agree on one key", async () => {
  const { accounts, session } = await open();
  const value = await session();
  const raised = await Promise.all(
    Array.from({ length: 20 }, () => accounts.raisePrivilege(value)),
  );
  assertEquals(raised.filter(({ result }) => result === "raised").length, 1);
  assertEquals(new Set(raised.map((raise) => "key" in raise && raise.key.value)).size, 1);
});

Deno.test("the privilege is raised only with a session, and only for its own user", async () => {
  const { accounts, session, key, store } = await open();
  await accounts.register("bob", "x", HERE);
  const value = await session();
  for (const bad of [null, "", "x", "x.y", value.slice(1), value.slice(0, -1), value + "A"]) {
    assertEquals(await accounts.raisePrivilege(bad), { result: "login-required" });
  }
  assertEquals(await accounts.raisePrivilege(value, "bob"), {
    result: "forbidden",
    username: "alice",
  });
  assertEquals(await accounts.raisePrivilege(value, "nobody"), {
    result: "forbidden",
    username: "alice",
  });
  assertEquals(await accounts.raisePrivilege(await key()), { result: "login-required" });
  assertEquals(store.users.get("bob")!.expiryTime, 0);
  assertEquals((await accounts.raisePrivilege(value, "alice")).result, "already");
});

for (const remote of [false, true]) {
  const where = remote ? "a store that is away" : "a store in memory";
  Deno.test(`a key is valid for its user, for its lifetime, over ${where}`, async () => {
    const { accounts, clock, key, session } = await open({}, new MemoryStore(remote));
    const value = await key();
    assertEquals(await accounts.verifyKey(value), "alice");
    assertEquals(await accounts.verifyKey(value, "alice"), "alice");
    assertEquals(await accounts.verifyKey(value, "bob"), null);
    const bad = [null, "", "x", "x.y", value.slice(1), value.slice(0, -1), value + "A"];
    for (const wrong of [...bad, await session()]) {
      assertEquals(await accounts.verifyKey(wrong), null);
    }
    clock.pass(3599.9);
    assertEquals(await accounts.verifyKey(value), "alice");
    clock.pass(0.1);
    assertEquals(await accounts.verifyKey(value), null);
  });
}

Deno.test("over a store in memory a key is checked without a promise", async () => {
  const { accounts, key } = await open();
  const value = await key();
  assertEquals(accounts.verifyKey(value), "alice");
  assertEquals(accounts.verifyKey(value), "alice");
  assertEquals(accounts.verifyKey("x"), null);
});

Deno.test("a username is compared in its normal form when a key is checked or the privilege raised", async () => {
  const { accounts, key, session } = await open();
  await accounts.register("zo\u00eb", "x", HERE);
  const value = await key("zo\u00eb", "x");
  assertEquals(accounts.verifyKey(value, "zoe\u0308"), "zo\u00eb");
  assertEquals(
    (await accounts.raisePrivilege(await session("zo\u00eb", "x"), "zoe\u0308")).result,
    "already",
  );
});

/** What an administrator may do to a user, after which no session or key of before is good. */
const REVOCATIONS: Record<string, (store: MemoryStore) => unknown> = {
  "another password": (store) => store.update("alice", () => ({ pw: "another" })),
  "a revocation": (store) => store.update("alice", () => ({ revokedAt: 1 })),
  "removal": (store) => store.remove("alice"),
  "removal and registration anew": async (store) => {
    const user = store.users.get("alice")!;
    await store.remove("alice");
    await store.add("alice", { ...user, pw: await hashPassword("open sesame", CHEAP) });
  },
};

for (const [what, revoke] of Object.entries(REVOCATIONS)) {
  Deno.test(`${what} ends sessions and keys at once, also remembered ones`, async () => {
    const { accounts, store, session, key } = await open();
    const [mySession, myKey] = [await session(), await key()];
    assertEquals(accounts.verifyKey(myKey), "alice");
    await revoke(store);
    assertEquals(accounts.verifyKey(myKey), null);
    assertEquals(await accounts.raisePrivilege(mySession), { result: "login-required" });
  });
}

Deno.test("lowering or clearing expiry_time in the store ends the key, but not the session", async () => {
  const { accounts, store, session, key } = await open();
  const [mySession, myKey] = [await session(), await key()];
  for (const expiryTime of [0, 1_763_800_100]) {
    await store.update("alice", () => ({ expiryTime }));
    assertEquals(accounts.verifyKey(myKey), null);
  }
  const raised = await accounts.raisePrivilege(mySession);
  assert(raised.result === "already");
  assertEquals(accounts.verifyKey(raised.key.value), "alice");
});

Deno.test("extending expiry_time in the store does not extend the key", async () => {
  const { accounts, store, key, clock } = await open();
  const myKey = await key();
  await store.update("alice", () => ({ expiryTime: 2e9 }));
  assertEquals(accounts.verifyKey(myKey), null);
  clock.pass(4000);
  assertEquals(accounts.verifyKey(myKey), null);
});

Deno.test("keys and sessions survive a restart, and are valid on every server of the store", async () => {
  const { store, session, key } = await open();
  const [mySession, myKey] = [await session(), await key()];
  const other = await openAccounts(store, { scrypt: CHEAP, now: new Clock().read });
  assertEquals(other.verifyKey(myKey), "alice");
  const raised = await other.raisePrivilege(mySession);
  assert(raised.result === "already");
  assertEquals(raised.key.value, myKey);
});

Deno.test("a session says whose it is, until when, and until when the privilege is raised", async () => {
  const { accounts, clock, session } = await open();
  const mySession = await session();
  assertEquals(await accounts.session(mySession), {
    ...{ username: "alice", expires: 1_763_886_400.123, keyExpires: null },
  });
  await accounts.raisePrivilege(mySession);
  assertEquals((await accounts.session(mySession))?.keyExpires, 1_763_803_600.123);
  clock.pass(3600);
  assertEquals((await accounts.session(mySession))?.keyExpires, null);
  clock.pass(86_400 - 3600);
  assertEquals(await accounts.session(mySession), null);
  for (const bad of [null, "", "x.y.z"]) assertEquals(await accounts.session(bad), null);
});

Deno.test("a logout ends that session alone, for every server of the store and after a restart", async () => {
  const { accounts, clock, store, session, key } = await open();
  const [mine, other, myKey] = [await session(), await session(), await key()];
  assertEquals(await accounts.logout(mine), "alice");
  const restarted = await openAccounts(store, { scrypt: CHEAP, now: clock.read });
  for (const server of [accounts, restarted]) {
    assertEquals(await server.session(mine), null);
    assertEquals(await server.raisePrivilege(mine), { result: "login-required" });
    assertEquals(await server.logout(mine), null);
    assertEquals((await server.session(other))?.username, "alice");
    assertEquals(server.verifyKey(myKey), "alice");
  }
  assertEquals(store.users.get("alice")?.endedSessions?.map(([, end]) => end), [
    1_763_886_400.123,
  ]);
  assert(!mine.includes(store.users.get("alice")!.endedSessions![0][0]));
});

Deno.test("a session of version 1.0.0 can be logged out, too", async () => {
  const clock = new Clock();
  clock.now = 1763800000_123 - 1000_000;
  const store = new MemoryStore(false, new Uint8Array(32).fill(7));
  store.users.set("alice", { pw: "hash of alice", expiryTime: 0, revokedAt: 0 });
  const accounts = await openAccounts(store, { scrypt: CHEAP, now: clock.read });
  const old = "WyJhbGljZSIsMTc2MzgwMDAwMC4xMjNd.a5GyjIEQDTU_g4yqE8xCabX-R_BWtgECSz49h-q56oU";
  assertEquals((await accounts.session(old))?.username, "alice");
  assertEquals(await accounts.logout(old), "alice");
  assertEquals(await accounts.session(old), null);
});

Deno.test("an ended session is forgotten once it would have expired; more than 16 end every session", async () => {
  const { accounts, clock, store, session, key } = await open();
  const [other, myKey] = [await session(), await key()];
  for (let i = 0; i < ENDED_SESSIONS; i++) await accounts.logout(await session());
  assertEquals(store.users.get("alice")?.endedSessions?.length, ENDED_SESSIONS);
  assertEquals((await accounts.session(other))?.username, "alice");
  const last = await session();
  assertEquals(await accounts.logout(last), "alice");
  assertEquals(store.users.get("alice")?.endedSessions, undefined);
  for (const ended of [last, other]) assertEquals(await accounts.session(ended), null);
  assertEquals(accounts.verifyKey(myKey), null);
  for (let i = 0; i < ENDED_SESSIONS; i++) await accounts.logout(await session());
  clock.pass(86_400);
  assertEquals(await accounts.logout(await session()), "alice");
  assertEquals(store.users.get("alice")?.endedSessions?.length, 1);
});

Deno.test("a logout everywhere ends every session and key of the user, and no one else's", async () => {
  const { accounts, store, session, key } = await open();
  await accounts.register("bob", "x", HERE);
  const bobs = await session("bob", "x");
  const [mine, other, myKey] = [await session(), await session(), await key()];
  assertEquals(await accounts.logout(mine, true), "alice");
  for (const ended of [mine, other]) assertEquals(await accounts.session(ended), null);
  assertEquals(accounts.verifyKey(myKey), null);
  assertEquals(store.users.get("alice")?.expiryTime, 0);
  assertEquals((await accounts.session(bobs))?.username, "bob");
  // At the same millisecond.
  const again = await session();
  assertEquals((await accounts.session(again))?.username, "alice");
  assertEquals(await accounts.logout(again, true), "alice");
  assertEquals(await accounts.session(again), null);
});

Deno.test("a change of password needs the old one, and ends every session and key", async () => {
  const { accounts, session, key } = await open();
  const [mySession, myKey] = [await session(), await key()];
  const change = (name: string, old: string, password: string) =>
    accounts.changePassword(name, old, password, HERE);
  for (const [name, old] of [["alice", "wrong"], ["nobody", "x"], ["", "x"], ["alice", ""]]) {
    assertEquals(await change(name, old, "new"), { result: "refused" });
  }
  assertEquals((await change("alice", "open sesame", "")).result, "unacceptable");
  assertEquals((await change("alice", "open sesame", "x".repeat(1025))).result, "unacceptable");
  assertEquals((await accounts.session(mySession))?.username, "alice");
  assertEquals(await change("alice", "open sesame", "new"), { result: "changed" });
  assertEquals(await accounts.session(mySession), null);
  assertEquals(accounts.verifyKey(myKey), null);
  assertEquals(await accounts.login("alice", "open sesame", HERE), { result: "refused" });
  const raised = await accounts.raisePrivilege(await session("alice", "new"));
  assertEquals(raised.result, "raised");
});

Deno.test("a change of password is throttled like a login", async () => {
  const { accounts } = await open({ throttle: { pair: { burst: 2, forgetSeconds: 60 } } });
  const guess = () => accounts.changePassword("alice", "wrong", "new", HERE);
  assertEquals([(await guess()).result, (await guess()).result], ["refused", "refused"]);
  assertEquals(await guess(), { result: "throttled", retryAfterSeconds: 60 });
  assertEquals((await accounts.login("alice", "open sesame", HERE)).result, "throttled");
});

Deno.test("of two simultaneous password changes, one succeeds, and its password is stored", async () => {
  const { accounts } = await open();
  const results = await Promise.all(
    ["first", "second"].map((password) =>
      accounts.changePassword("alice", "open sesame", password, HERE)
    ),
  );
  assertEquals(results.map(({ result }) => result).sort(), ["changed", "refused"]);
  const winner = results[0].result === "changed" ? "first" : "second";
  assertEquals((await accounts.login("alice", winner, HERE)).result, "in");
});

Deno.test("nothing is stored for a client that has disconnected", async () => {
  const { accounts, store, session } = await open();
  const gone = { ...HERE, signal: AbortSignal.abort() };
  await assertRejects(() => accounts.register("bob", "x", gone), RequesterGone);
  assertEquals(store.users.has("bob"), false);
  const change = () => accounts.changePassword("alice", "open sesame", "new", gone);
  await assertRejects(change, RequesterGone);
  assert(await session());
});

Deno.test("nothing is stored for a client that disconnects during hashing", async () => {
  const leaving = new AbortController();
  const { accounts, store } = await open({ scrypt: { ln: 12, r: 8, p: 1 } });
  const registration = accounts.register("bob", "x", { ...HERE, signal: leaving.signal });
  // By the next turn of the event loop the hash is being computed, and its outcome comes later.
  setTimeout(() => leaving.abort(), 0);
  await assertRejects(() => registration, RequesterGone);
  assertEquals(store.users.has("bob"), false);
  const before = store.users.get("alice");
  const asking = { ...HERE, signal: leaving.signal };
  // Gone while the new password is hashed, after the old one was checked.
  let asked = 0;
  const left = new AbortController();
  Object.defineProperty(asking, "signal", {
    get: () => {
      if (++asked === 3) left.abort();
      return left.signal;
    },
  });
  await assertRejects(
    () => accounts.changePassword("alice", "open sesame", "new", asking),
    RequesterGone,
  );
  assertEquals(store.users.get("alice"), before);
});

/** A store in which something happens to a user just before an update is decided. */
class RacingStore extends MemoryStore {
  before: () => void = () => {};

  override update(name: string, change: (user: User) => UserChange | null) {
    this.before();
    return super.update(name, change);
  }
}

Deno.test("an operation uses the user as stored when it ends, not when it began", async () => {
  const store = new RacingStore();
  const { accounts, session } = await open({}, store);
  const alice = store.users.get("alice")!;
  const mine = await session();
  const races: [what: string, user: User | null][] = [
    ["another password", { ...alice, pw: "other" }],
    ["a revocation", { ...alice, revokedAt: 5 }],
    ["a removal", null],
  ];
  for (const [what, user] of races) {
    store.before = () =>
      user === null ? store.users.delete("alice") : store.users.set("alice", user);
    const results = [];
    for (
      const operation of [
        () => accounts.changePassword("alice", "open sesame", "new", HERE),
        () => accounts.raisePrivilege(mine),
        () => accounts.logout(mine),
      ]
    ) {
      store.users.set("alice", alice);
      results.push(await operation());
      assertEquals(store.users.get("alice") ?? null, user, what);
    }
    assertEquals(results, [{ result: "refused" }, { result: "login-required" }, null], what);
  }
  store.users.set("alice", alice);
  store.before = () => {};
  for (const bad of [null, "", "x.y.z"]) assertEquals(await accounts.logout(bad), null);
  assertEquals((await accounts.session(mine))?.username, "alice");
});

Deno.test("a forged key or session is refused without a read of the store", async () => {
  const { accounts, store, session, key } = await open({}, new MemoryStore(true));
  const [mySession, myKey] = [await session(), await key()];
  store.failure = new StoreUnavailable("away");
  for (const [i, forge] of [[0, "A"], [1, "A".repeat(43)], [1, ""]] as const) {
    const parts = (token: string) => token.split(".").map((part, j) => j === i ? forge : part);
    assertEquals(await accounts.verifyKey(parts(myKey).join(".")), null);
    assertEquals(await accounts.raisePrivilege(parts(mySession).join(".")), {
      result: "login-required",
    });
  }
  // Of the form of version 1.0.0, for a name that PostgreSQL throws at.
  const claims = btoa(JSON.stringify(["\0", 1_763_800_100])).replaceAll("=", "");
  const nul = `${claims}.${"A".repeat(43)}`;
  assertEquals(await accounts.verifyKey(nul), null);
  assertEquals(await accounts.raisePrivilege(nul), { result: "login-required" });
  await assertRejects(async () => await accounts.verifyKey(myKey), StoreUnavailable);
});

Deno.test("a session and a key of version 1.0.0 are valid until they expire", async () => {
  const clock = new Clock();
  const store = new MemoryStore(false, new Uint8Array(32).fill(7));
  store.users.set("alice", { pw: "hash of alice", expiryTime: 1763800000.123, revokedAt: 0 });
  clock.now = 1763800000_123 - 1000_000;
  const accounts = await openAccounts(store, { scrypt: CHEAP, now: clock.read });
  const body = "WyJhbGljZSIsMTc2MzgwMDAwMC4xMjNd";
  const oldSession = `${body}.a5GyjIEQDTU_g4yqE8xCabX-R_BWtgECSz49h-q56oU`;
  const oldKey = `${body}.syldP3PXOwzqvlp1VD6M1knW12T1z076hlyN-os6YAE`;
  clock.pass(999.9);
  assertEquals(accounts.verifyKey(oldKey), "alice");
  const raised = await accounts.raisePrivilege(oldSession);
  assert(raised.result === "already");
  assertEquals(accounts.verifyKey(raised.key.value), "alice");
  clock.pass(0.1);
  assertEquals(accounts.verifyKey(oldKey), null);
  assertEquals(await accounts.raisePrivilege(oldSession), { result: "login-required" });
});

Deno.test("a grant that outlasts a key's lifetime counts as not raised, and is replaced", async () => {
  const { clock, session, store } = await open();
  const mySession = await session();
  const longer = await openAccounts(store, { scrypt: CHEAP, now: clock.read, keyTtlSeconds: 7200 });
  const before = await longer.raisePrivilege(mySession);
  assert(before.result === "raised");
  const shorter = await openAccounts(store, {
    ...{ scrypt: CHEAP, now: clock.read, keyTtlSeconds: 3600 },
  });
  assertEquals(shorter.verifyKey(before.key.value), null);
  const raised = await shorter.raisePrivilege(mySession);
  assert(raised.result === "raised");
  assertEquals(raised.key.maxAgeSeconds, 3600);
  assertEquals(shorter.verifyKey(raised.key.value), "alice");
  assertEquals((await shorter.raisePrivilege(mySession)).result, "already");
  // A grant of the longer lifetime that has not too long to go is as good as any.
  await store.update("alice", () => ({ expiryTime: 0 }));
  const other = await longer.raisePrivilege(mySession);
  assert(other.result === "raised");
  clock.pass(7200 - 3600 - 60);
  const again = await shorter.raisePrivilege(mySession);
  assert(again.result === "already");
  assertEquals(again.key.value, other.key.value);
});

Deno.test("a plain password of the original's file works, and is replaced by its hash at its first use", async () => {
  const { accounts, store, session } = await open();
  store.users.set("1", { pw: "1", expiryTime: 0, revokedAt: 0 });
  assertEquals(await accounts.login("1", "2", { address: "::1" }), { result: "refused" });
  assertEquals(store.users.get("1")!.pw, "1");
  const value = await session("1", "1");
  assert(parseHash(store.users.get("1")!.pw) !== null);
  assertEquals((await accounts.raisePrivilege(value)).result, "raised");
  await session("1", "1");
  assertEquals(await accounts.login("1", store.users.get("1")!.pw, { address: "::1" }), {
    result: "refused",
  });
});

Deno.test("a user whom version 1.0.0 registered logs in, even if the name is refused now", async () => {
  const { accounts, store, session } = await open();
  const names = ["\u{1f600}", "\uff21lice", " ", "henry\u2163"];
  const pw = await hashPassword("x", CHEAP);
  for (const name of names) store.users.set(name, { pw, expiryTime: 0, revokedAt: 0 });
  await accounts.register("Alice", "y", HERE);
  for (const name of names) {
    const mySession = await session(name, "x");
    assertEquals((await accounts.session(mySession))?.username, name);
    const raised = await accounts.raisePrivilege(mySession, name);
    assert(raised.result === "raised");
    assertEquals(accounts.verifyKey(raised.key.value, name), name);
    const change = await accounts.changePassword(name, "x", "z", HERE);
    assertEquals(change, { result: "changed" });
  }
  assertEquals((await accounts.session(await session("Alice", "y")))?.username, "Alice");
  // Nobody has that name in its old form: the ordinary one is meant.
  assertEquals((await accounts.session(await session("A\uff4cice", "y")))?.username, "Alice");
  assertEquals(await accounts.register("\uff21lice", "x", HERE), { result: "exists" });
});

Deno.test("simultaneous first logins of a user of the original's file all get in", async () => {
  const { accounts, store } = await open();
  store.users.set("1", { pw: "1", expiryTime: 0, revokedAt: 0 });
  const logins = await Promise.all(
    Array.from({ length: 8 }, () => accounts.login("1", "1", { address: "192.0.2.1" })),
  );
  assertEquals(logins.map(({ result }) => result), Array(8).fill("in"));
  for (const login of logins) {
    assert(login.result === "in");
    assertEquals("key" in await accounts.raisePrivilege(login.session.value), true);
  }
});

Deno.test("a login replaces a hash of lower cost and keeps one of higher cost", async () => {
  const { accounts, store, session } = await open();
  const weak = store.users.get("alice")!.pw;
  const stronger = await openAccounts(store, { scrypt: { ln: 5, r: 1, p: 1 } });
  assertEquals((await stronger.login("alice", "wrong", { address: "::1" })).result, "refused");
  assertEquals(store.users.get("alice")!.pw, weak);
  assertEquals((await stronger.login("alice", "open sesame", { address: "::1" })).result, "in");
  const strong = store.users.get("alice")!.pw;
  assertMatch(strong, /^\$scrypt\$ln=5,/);
  assert(await accounts.raisePrivilege(await session()));
  assertEquals(store.users.get("alice")!.pw, strong);
});

Deno.test("a store that fails is StoreUnavailable, and is used again later", async () => {
  const { accounts, store, session, key } = await open({}, new MemoryStore(true));
  const [mySession, myKey] = [await session(), await key()];
  store.failure = new StoreUnavailable("away");
  await assertRejects(() => accounts.register("bob", "x", HERE), StoreUnavailable);
  await assertRejects(
    () => accounts.login("alice", "open sesame", { address: "::1" }),
    StoreUnavailable,
  );
  await assertRejects(() => accounts.raisePrivilege(mySession), StoreUnavailable);
  await assertRejects(async () => await accounts.verifyKey(myKey), StoreUnavailable);
  store.failure = null;
  assertEquals(await accounts.verifyKey(myKey), "alice");
  assertEquals((await accounts.login("alice", "open sesame", { address: "::1" })).result, "in");
});

Deno.test("logins that fail because of the store are not counted as failures", async () => {
  const { accounts, store } = await open({ throttle: { pair: { burst: 2, forgetSeconds: 60 } } });
  store.failure = new StoreUnavailable("away");
  for (let i = 0; i < 5; i++) {
    await assertRejects(
      () => accounts.login("alice", "open sesame", { address: "::1" }),
      StoreUnavailable,
    );
  }
  store.failure = null;
  assertEquals((await accounts.login("alice", "open sesame", { address: "::1" })).result, "in");
});

Deno.test("a password is TooBusy if the hashing queue is full", async () => {
  const { accounts } = await open({ hashing: { concurrency: 1, capacity: 3 } });
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => accounts.register(`user ${i}`, "x", HERE)),
  );
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 4);
  for (const result of results) {
    if (result.status === "rejected") assert(result.reason instanceof TooBusy);
  }
  assertEquals((await accounts.register("later", "x", HERE)).result, "registered");
});
