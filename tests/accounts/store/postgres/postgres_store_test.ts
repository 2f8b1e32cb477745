import postgres from "postgres";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openAccounts } from "../../../../lib/accounts/accounts.ts";
import { openStore } from "../../../../lib/accounts/store/open_store.ts";
import { openPostgresStore } from "../../../../lib/accounts/store/postgres/postgres_store.ts";
import {
  StoreUnavailable,
  StoreUnusable,
  type User,
  type UserStore,
} from "../../../../lib/accounts/store/store.ts";
import { CHEAP } from "../../support/cheap_scrypt.ts";
import { CLUSTER_PASSWORD, findPostgres, useCluster } from "../../support/postgres_cluster.ts";
import { collect, testStoreContract } from "../../support/store_contract.ts";

const HERE = { address: "192.0.2.1" };

const USER: User = { pw: "x", expiryTime: 0, revokedAt: 0 };

const programs = findPostgres();
const running = programs === null ? null : await useCluster(programs);
if (running === null) console.log("PostgreSQL is not installed: its tests are skipped");
const cluster = running!;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `PostgreSQL: ${name}`, ignore: running === null, fn });
}

testStoreContract("PostgreSQL", async () => {
  const url = await cluster.database();
  return { open: () => open(url), remove: () => Promise.resolve() };
}, running === null);

test("several servers that start together on an empty database agree on one schema and one secret", async () => {
  const url = await cluster.database();
  const stores = await Promise.all(Array.from({ length: 8 }, () => open(url)));
  const secrets = await Promise.all(stores.map((store) => store.secret()));
  for (const secret of secrets) assertEquals(secret, secrets[0]);
  const added = await Promise.all(stores.map((store) => store.add("alice", USER)));
  assertEquals(added.filter(Boolean).length, 1);
  await Promise.all(stores.map((store) => store.close()));
  assertEquals(await cluster.query(url, "select version from socketprogram_schema"), "2");
});

test("a downgrade names the schema that it cannot read, and leaves it", async () => {
  const url = await cluster.database();
  await (await open(url)).close();
  await cluster.query(url, "update socketprogram_schema set version = 99");
  const error = await assertRejects(() => open(url), StoreUnusable);
  assertStringIncludes(error.message, "schema version 99, but this program supports only up to 2");
  assertEquals(await cluster.query(url, "select version from socketprogram_schema"), "99");
});

test("tables of version 1.0.0 are brought up to date in place, users and secret kept", async () => {
  const url = await cluster.database();
  await cluster.query(
    url,
    [
      "create table socketprogram_schema (version integer not null)",
      "insert into socketprogram_schema values (1)",
      `create table socketprogram_user (
        name text collate "C" primary key,
        pw text not null,
        expiry_time double precision not null,
        revoked_at double precision not null,
        registered bigint generated always as identity
      )`,
      `create table socketprogram_secret (
        only_row boolean primary key default true check (only_row),
        secret bytea not null
      )`,
      "insert into socketprogram_secret (secret) values (decode(repeat('07', 32), 'hex'))",
      "insert into socketprogram_user (name, pw, expiry_time, revoked_at) values ('1', '1', 0, 0)",
    ].join(";"),
  );
  const stores = await Promise.all([open(url), open(url)]);
  for (const store of stores) {
    assertEquals(await store.secret(), new Uint8Array(32).fill(7));
    assertEquals(await store.find("1"), { pw: "1", expiryTime: 0, revokedAt: 0 });
  }
  // A server of version 1.0.0 that is still running goes on: its statements do not name the column.
  await cluster.query(
    url,
    "insert into socketprogram_user (name, pw, expiry_time, revoked_at) values ('2', '2', 0, 0)",
  );
  await stores[0].update("2", () => ({ endedSessions: [["hash", 5]] }));
  await cluster.query(url, "update socketprogram_user set expiry_time = 7 where name = '2'");
  assertEquals(await stores[1].find("2"), {
    ...{ pw: "2", expiryTime: 7, revokedAt: 0 },
    endedSessions: [["hash", 5]],
  });
  await Promise.all(stores.map((store) => store.close()));
});

test("several servers behave as one: each step of registering, logging in and raising uses another", async () => {
  const url = await cluster.database();
  const stores = await Promise.all(Array.from({ length: 4 }, () => open(url)));
  const [first, second, third, fourth] = await Promise.all(
    stores.map((store) => openAccounts(store, { scrypt: CHEAP })),
  );
  for (let i = 0; i < 20; i++) {
    const name = `user ${i}`;
    assertEquals(await first.register(name, "x", HERE), { result: "registered" });
    assertEquals(await second.register(name, "x", HERE), { result: "exists" });
    const login = await second.login(name, "x", { address: "192.0.2.1" });
    assert(login.result === "in");
    // The fourth server knows the user already, as not raised.
    assertEquals(await fourth.verifyKey(login.session.value), null);
    const raised = await third.raisePrivilege(login.session.value);
    assert(raised.result === "raised");
    assertEquals(await fourth.verifyKey(raised.key.value, name), name);
    const again = await first.raisePrivilege(login.session.value);
    assert(again.result === "already");
    assertEquals(again.key.value, raised.key.value);
  }
  await Promise.all(stores.map((store) => store.close()));
});

test("a logout on one server ends the session, or all sessions of a user, on the others", async () => {
  const url = await cluster.database();
  const stores = await Promise.all([open(url), open(url)]);
  const [here, there] = await Promise.all(
    stores.map((store) => openAccounts(store, { scrypt: CHEAP })),
  );
  await here.register("alice", "x", HERE);
  const sessions: string[] = [];
  for (let i = 0; i < 3; i++) {
    const login = await here.login("alice", "x", HERE);
    assert(login.result === "in");
    sessions.push(login.session.value);
  }
  assert(await here.logout(sessions[0]));
  assertEquals(await there.session(sessions[0]), null);
  assertEquals((await there.session(sessions[1]))?.username, "alice");
  assert(await there.logout(sessions[1], true));
  for (const session of sessions) assertEquals(await here.session(session), null);
  await Promise.all(stores.map((store) => store.close()));
});

test("forged keys are refused while the database is down; one whose user has a NUL always is", async () => {
  const url = await cluster.database();
  const store = await open(url);
  const accounts = await openAccounts(store, { scrypt: CHEAP });
  await accounts.register("alice", "x", HERE);
  const login = await accounts.login("alice", "x", HERE);
  assert(login.result === "in");
  const raised = await accounts.raisePrivilege(login.session.value);
  assert("key" in raised);
  const [claims, , inner] = raised.key.value.split(".");
  const nul = btoa(JSON.stringify(["\0", Date.now() / 1000 + 60])).replaceAll("=", "");
  const forged = [`${claims}.${"A".repeat(43)}.${inner}`, `${nul}.${"A".repeat(43)}`];
  for (const key of forged) assertEquals(await accounts.verifyKey(key), null);
  await cluster.stop();
  try {
    for (const key of forged) {
      assertEquals(await accounts.verifyKey(key), null);
      assertEquals(await accounts.raisePrivilege(key), { result: "login-required" });
    }
  } finally {
    await cluster.start();
  }
  assertEquals(await accounts.verifyKey(raised.key.value), "alice");
  await store.close();
});

test("many checks of a key cost one read", async () => {
  const url = await cluster.database();
  const store = await open(url);
  const accounts = await openAccounts(store, { scrypt: CHEAP, keyCheckMaxAgeMs: 3_600_000 });
  await accounts.register("alice", "x", HERE);
  const login = await accounts.login("alice", "x", { address: "192.0.2.1" });
  assert(login.result === "in");
  const raised = await accounts.raisePrivilege(login.session.value);
  assert("key" in raised);
  assertEquals(await accounts.verifyKey(raised.key.value), "alice");
  // The user is cached now, so there is no promise and no read.
  for (let i = 0; i < 100; i++) assertEquals(accounts.verifyKey(raised.key.value), "alice");
  await store.close();
});

test("a user that others change in each of twenty attempts is unavailable; no change is no write", async () => {
  const url = await cluster.database();
  const store = await open(url);
  await store.add("alice", USER);
  // No update finds the user as it was read.
  await cluster.query(
    url,
    `create function refuse() returns trigger language plpgsql as 'begin return null; end';
    create trigger refuse before update on socketprogram_user
      for each row execute function refuse()`,
  );
  let attempts = 0;
  const change = () => {
    attempts++;
    return { pw: "y" };
  };
  await assertRejects(() => store.update("alice", change), StoreUnavailable, "20 attempts");
  assertEquals(attempts, 20);
  assertEquals(await store.update("alice", () => null), USER);
  await store.close();
});

test("a change by another server takes effect on key checks within their maximum age", async () => {
  const url = await cluster.database();
  const [here, there] = [await open(url), await open(url)];
  const accounts = await openAccounts(here, { scrypt: CHEAP, keyCheckMaxAgeMs: 0 });
  await accounts.register("alice", "x", HERE);
  const login = await accounts.login("alice", "x", { address: "192.0.2.1" });
  assert(login.result === "in");
  const raised = await accounts.raisePrivilege(login.session.value);
  assert("key" in raised);
  assertEquals(await accounts.verifyKey(raised.key.value), "alice");
  await there.update("alice", () => ({ expiryTime: 0 }));
  assertEquals(await accounts.verifyKey(raised.key.value), null);
  await here.close();
  await there.close();
});

test("while the database is down, operations are StoreUnavailable; afterwards they succeed again", async () => {
  const url = await cluster.database();
  const store = await open(url);
  await store.add("alice", USER);
  for (let round = 0; round < 2; round++) {
    await cluster.stop();
    for (
      const attempt of [
        () => store.add("bob", USER),
        () => store.update("alice", () => ({ expiryTime: 1 })),
        () => store.remove("alice"),
        async () => await store.find("alice"),
        () => collect(store),
      ]
    ) {
      const error = await assertRejects(attempt, StoreUnavailable, "is not available");
      assert(!error.message.includes(CLUSTER_PASSWORD));
    }
    await cluster.start();
    assertEquals(await store.find("alice"), USER);
    assertEquals(await store.add(`user ${round}`, USER), true);
  }
  assertEquals((await collect(store)).length, 3);
  await store.close();
});

/** Opens a store that a busy machine does not keep from its database. */
function open(url: string): Promise<UserStore> {
  return openStore(url, { timeoutMs: 60_000 });
}

/** The processes of the database that serve the stores of this program, in order. */
async function backendsOf(url: string): Promise<number[]> {
  const pids = await cluster.query(
    url,
    "select string_agg(pid::text, ' ' order by pid) from pg_stat_activity " +
      "where application_name = 'SocketProgram' and datname = current_database()",
  );
  return pids.split(" ").map(Number);
}

/** Waits until so many statements of the stores wait for a lock. */
async function waitingForLocks(url: string, count: number): Promise<void> {
  const query = "select count(*) from pg_stat_activity where application_name = 'SocketProgram' " +
    "and datname = current_database() and wait_event_type = 'Lock'";
  const deadline = performance.now() + 60_000;
  while (Number(await cluster.query(url, query)) < count) {
    assert(performance.now() < deadline, "no statement waits for a lock");
  }
}

/** Keeps the rows of a statement locked until it is disposed. */
async function keepLocked(url: string, statement: string): Promise<AsyncDisposable> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const transaction = sql.begin(async (sql) => {
    await sql.unsafe(statement);
    locked.resolve();
    await release.promise;
  });
  await Promise.race([locked.promise, transaction]);
  return {
    async [Symbol.asyncDispose]() {
      release.resolve();
      await transaction;
      await sql.end();
    },
  };
}

test("a dead connection fails its operation only, and the next operation gets a new one", async () => {
  const url = await cluster.database();
  const store = await openPostgresStore(url, { timeoutMs: 3000, connections: 2 });
  await store.add("alice", USER);
  const pids = await backendsOf(url);
  // Stopped, the backends keep their connections open and say nothing.
  for (const pid of pids) Deno.kill(pid, "SIGSTOP");
  await assertRejects(async () => await store.find("alice"), StoreUnavailable, "no answer within");
  assertEquals(await store.find("alice"), USER);
  for (const pid of pids) Deno.kill(pid, "SIGCONT");
  assertEquals(await store.add("bob", USER), true);
  await store.close();
});

test("a locked row fails only the changes of its user", async () => {
  const url = await cluster.database();
  const store = await openPostgresStore(url, { timeoutMs: 8000, connections: 3 });
  await store.add("alice", USER);
  await store.add("bob", USER);
  await Promise.all(Array.from({ length: 3 }, () => store.find("alice")));
  const backends = await backendsOf(url);
  {
    await using _ = await keepLocked(
      url,
      "update socketprogram_user set pw = pw where name = 'alice'",
    );
    const failures = Promise.all(
      Array.from(
        { length: 30 },
        () =>
          assertRejects(
            () => store.update("alice", () => ({ expiryTime: 1 })),
            StoreUnavailable,
            "is not available",
          ),
      ),
    );
    await waitingForLocks(url, 1);
    const added = Array.from({ length: 67 }, (_, i) => store.add(`user ${i}`, USER));
    assertEquals((await Promise.all(added)).filter(Boolean).length, 67);
    assertEquals((await store.update("bob", () => ({ expiryTime: 1 })))?.expiryTime, 1);
    assertEquals(await store.find("alice"), USER);
    const messages = (await failures).map(({ message }) => message);
    assert(messages.some((message) => message.includes("lock timeout")), messages[0]);
  }
  // Nothing that was reported to have failed is done later, and the connections are the same.
  assertEquals(await store.find("alice"), USER);
  assertEquals((await store.update("alice", () => ({ expiryTime: 2 })))?.expiryTime, 2);
  assertEquals(await backendsOf(url), backends);
  await store.close();
});

test("while every row is locked, users are still read and registered", async () => {
  const url = await cluster.database();
  const store = await openPostgresStore(url, { timeoutMs: 8000, connections: 4 });
  const names = Array.from({ length: 20 }, (_, i) => `user ${i}`);
  for (const name of names) await store.add(name, USER);
  {
    await using _ = await keepLocked(url, "update socketprogram_user set pw = pw");
    const failures = Promise.all(
      names.map((name) =>
        assertRejects(() => store.update(name, () => ({ expiryTime: 1 })), StoreUnavailable)
      ),
    );
    await waitingForLocks(url, 2);
    for (const name of names) assertEquals(await store.find(name), USER);
    assertEquals(await store.add("new", USER), true);
    await failures;
  }
  assertEquals((await collect(store)).filter(([, user]) => user.expiryTime > 0), []);
  await store.close();
});

test("a database that cannot be used stops the start with a sentence that does not show the password", async () => {
  const url = await cluster.database();
  const wrong = [
    url.replace(CLUSTER_PASSWORD, "wrong-but-secret"),
    url.replace(/\/test$/, "/missing"),
    url.replace(/:\d+\//, ":1/"),
    `postgres://nobody:${CLUSTER_PASSWORD}@127.0.0.1`,
    `postgres://127.0.0.1/database`,
    "postgres://",
  ];
  for (const url of wrong) {
    const error = await assertRejects(() => openStore(url, { timeoutMs: 60_000 }), StoreUnusable);
    assert(
      !error.message.includes("secret") && !error.message.includes(CLUSTER_PASSWORD),
      error.message,
    );
    assert(error.message.length > 20 && !error.message.includes("\n"), error.message);
  }
});

test("tables of a later version stop the start and stay as they are", async () => {
  const url = await cluster.database();
  await (await open(url)).close();
  await cluster.query(url, "update socketprogram_schema set version = 99");
  await assertRejects(() => open(url), StoreUnusable, "version 99");
  assertEquals(await cluster.query(url, "select version from socketprogram_schema"), "99");
});

test("once the tables are there, no right to change the schema is needed", async () => {
  const url = await cluster.database();
  await (await open(url)).close();
  await cluster.query(
    url,
    "create role visitor login password 'v'; grant usage on schema public to visitor; " +
      "grant select, insert, update, delete on all tables in schema public to visitor",
  );
  const store = await open(url.replace(`server:${CLUSTER_PASSWORD}`, "visitor:v"));
  assertEquals(await store.add("alice", USER), true);
  await store.close();
});

test("rows that were written by hand are read as they are", async () => {
  const url = await cluster.database();
  const store = await open(url);
  await cluster.query(
    url,
    "insert into socketprogram_user (name, pw, expiry_time, revoked_at) values ('1', '1', 1763800000.5, 0)",
  );
  assertEquals(await store.find("1"), { pw: "1", expiryTime: 1763800000.5, revokedAt: 0 });
  await cluster.query(url, "delete from socketprogram_user where name = '1'");
  assertEquals(await store.find("1"), null);
  await store.close();
});

test("a long list is complete and in order", async () => {
  const url = await cluster.database();
  const store = await open(url);
  await cluster.query(
    url,
    "insert into socketprogram_user (name, pw, expiry_time, revoked_at) select 'user ' || i, 'x', 0, 0 from generate_series(1, 1500) i order by i",
  );
  const names = (await collect(store)).map(([name]) => name);
  assertEquals(names, Array.from({ length: 1500 }, (_, i) => `user ${i + 1}`));
  assertStringIncludes(names.at(-1)!, "1500");
  await store.close();
});
