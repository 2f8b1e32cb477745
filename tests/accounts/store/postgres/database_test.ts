/** The bounds of the connections to PostgreSQL, without a database. */
import type { Sql } from "postgres";
import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { Database } from "../../../../lib/accounts/store/postgres/database.ts";
import { StoreUnavailable, StoreUnusable } from "../../../../lib/accounts/store/store.ts";

const URL_OF_DATABASE = "postgres://user:secret@db.example/photos";

/** A database whose statements never reach the network, and time out at once. */
const open = () => new Database(URL_OF_DATABASE, { connections: 4, timeoutMs: 30 });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The pool that the next statement uses. */
const poolOf = (database: Database) =>
  database.run((sql) => Promise.resolve([sql])).then(([sql]) => sql);

Deno.test("a URL names the user, the host and the database", async () => {
  for (const url of ["x", "", "/photos", "postgres://user@/photos"]) {
    assertThrows(() => new Database(url, {}), StoreUnusable, "must be given as");
  }
  for (
    const url of [
      "postgres://db.example/photos",
      "postgres://user@db.example",
      "postgres://user@db.example/",
      "postgres://:secret@db.example/photos",
      "postgres:///photos",
    ]
  ) {
    const error = assertThrows(() => new Database(url, {}), StoreUnusable, "must name the user");
    assertEquals(error.message.includes("secret"), false);
  }
  for (const url of ["postgres://u@h/d", URL_OF_DATABASE]) await new Database(url, {}).close();
});

Deno.test("an operation's error becomes StoreUnavailable with the reason; the store's own stay as they are", async () => {
  const database = open();
  const failing = (error: unknown) =>
    assertRejects(() => database.run(() => Promise.reject(error)));
  for (const own of [new StoreUnusable("no"), new StoreUnavailable("later")]) {
    assertEquals(await failing(own), own);
  }
  const inner = new Error("connection refused");
  for (
    const [error, reason] of [
      [new Error("no such table"), "no such table"],
      [new AggregateError([inner, new Error("other")]), "connection refused"],
      [new AggregateError([inner], "both failed"), "both failed"],
      [new AggregateError([]), "AggregateError"],
      [new RangeError(), "RangeError"],
    ]
  ) {
    const unavailable = await failing(error);
    assertEquals(unavailable instanceof StoreUnavailable, true);
    assertEquals(
      (unavailable as Error).message,
      `the database photos on db.example is not available: ${reason}`,
    );
  }
  await database.close();
});

Deno.test("an operation without a reply fails, and the next uses a new pool; the old one is closed", async () => {
  const database = open();
  const ended: Sql[] = [];
  const hang = () =>
    database.run((sql) => {
      sql.end = () => {
        ended.push(sql);
        return Promise.resolve();
      };
      return new Promise<never>(() => {});
    });
  const first = await poolOf(database);
  const hanging = [hang(), hang(), hang()];
  for (const operation of hanging) {
    await assertRejects(() => operation, StoreUnavailable, "no answer within 0.03 s");
  }
  const second = await poolOf(database);
  assertNotEquals(first, second);
  // Closed once, however many of its statements had no answer.
  assertEquals(ended, [first]);
  let closed = 0;
  second.end = () => {
    closed++;
    return Promise.resolve();
  };
  await database.close();
  assertEquals([ended.length, closed], [1, 1]);
});

Deno.test("an operation with a reply keeps its pool in use after the time-out", async () => {
  const database = open();
  const first = await poolOf(database);
  await pause(60);
  assertEquals(await poolOf(database) === first, true);
  await database.close();
});

Deno.test("changes take half of the connections, and those of one user take turns", async () => {
  const database = new Database(URL_OF_DATABASE, { connections: 4, timeoutMs: 60_000 });
  const gate = Promise.withResolvers<void>();
  let running = 0, most = 0;
  const operation = async () => {
    most = Math.max(most, ++running);
    await gate.promise;
    running--;
  };
  const changes = Array.from({ length: 5 }, () => database.change(operation));
  const reads = Array.from({ length: 5 }, () => database.run(operation));
  await pause(0);
  assertEquals(most, 4);
  const order: number[] = [];
  const turns = [0, 1, 2].map((i) =>
    database.inTurn("alice", async () => {
      order.push(i);
      await pause(0);
      order.push(i);
    })
  );
  turns.push(database.inTurn("bob", () => Promise.resolve(void order.push(9))));
  await Promise.all(turns);
  assertEquals(order, [0, 9, 0, 1, 1, 2, 2]);
  gate.resolve();
  await Promise.all([...changes, ...reads]);
  await database.close();
});

Deno.test("an operation that waits too long for others fails, and does not run later", async () => {
  const database = open();
  const gate = Promise.withResolvers<void>();
  const holder = database.inTurn("alice", () => gate.promise);
  let ran = false;
  await assertRejects(
    () =>
      database.inTurn("alice", () => {
        ran = true;
        return Promise.resolve();
      }),
    StoreUnavailable,
    "others were in the way for 0.015 s",
  );
  gate.resolve();
  await holder;
  await pause(0);
  assertEquals(ran, false);
  assertEquals(await database.inTurn("alice", () => Promise.resolve("free")), "free");
  await database.close();
});
