/**
 * What every `UserStore` must do, as tests that run against each of them.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { User, UserStore } from "../../../lib/accounts/store/store.ts";
import { scalarValue } from "../../support/text.ts";

/** A place where users are kept, which outlives the store that is opened on it. */
export interface Place {
  open(): Promise<UserStore>;
  remove(): Promise<void>;
}

const ALICE: User = { pw: "alice's", expiryTime: 0, revokedAt: 0 };
const BOB: User = { pw: "bob's", expiryTime: 1763800000.125, revokedAt: 1763800000 };

/** Defines the tests. `place` makes a new, empty place for each. */
export function testStoreContract(
  kind: string,
  place: () => Promise<Place>,
  ignore = false,
): void {
  const test = (name: string, run: (place: Place) => Promise<void>) =>
    Deno.test({
      name: `${kind}: ${name}`,
      ignore,
      async fn() {
        const somewhere = await place();
        try {
          await run(somewhere);
        } finally {
          await somewhere.remove();
        }
      },
    });

  test("a user is found as added, by exactly its name", async ({ open }) => {
    const store = await open();
    assertEquals(await store.find("alice"), null);
    assertEquals(await store.add("alice", ALICE), true);
    assertEquals(await store.find("alice"), ALICE);
    for (const other of ["Alice", "alice ", "ALICE", "", "älice"]) {
      assertEquals(await store.find(other), null);
    }
    await store.close();
  });

  test("a name that is taken cannot be added again, and its user stays as it was", async ({ open }) => {
    const store = await open();
    await store.add("alice", ALICE);
    assertEquals(await store.add("alice", BOB), false);
    assertEquals(await store.find("alice"), ALICE);
    await store.close();
  });

  test("of a hundred simultaneous additions of one name exactly one succeeds", async ({ open }) => {
    const store = await open();
    const added = await Promise.all(
      Array.from({ length: 100 }, (_, i) => store.add("alice", { ...ALICE, pw: `${i}` })),
    );
    assertEquals(added.filter(Boolean).length, 1);
    assertEquals((await store.find("alice"))?.pw, `${added.indexOf(true)}`);
    await store.close();
  });

  test("an update receives the current user and returns the changed one", async ({ open }) => {
    const store = await open();
    await store.add("alice", ALICE);
    const seen: User[] = [];
    const after = await store.update("alice", (user) => {
      seen.push(user);
      return { expiryTime: 5.5 };
    });
    assertEquals(seen.at(-1), ALICE);
    assertEquals(after, { ...ALICE, expiryTime: 5.5 });
    assertEquals(await store.find("alice"), { ...ALICE, expiryTime: 5.5 });
    assertEquals(await store.update("alice", () => null), { ...ALICE, expiryTime: 5.5 });
    assertEquals(await store.update("nobody", () => ({ pw: "x" })), null);
    assertEquals(await store.find("nobody"), null);
    await store.close();
  });

  test("simultaneous updates of one user do not lose each other", async ({ open }) => {
    const store = await open();
    await store.add("alice", ALICE);
    await Promise.all(
      Array.from(
        { length: 10 },
        () => store.update("alice", ({ expiryTime }) => ({ expiryTime: expiryTime + 1 })),
      ),
    );
    assertEquals((await store.find("alice"))?.expiryTime, 10);
    await store.close();
  });

  test("updates of different users do not undo each other", async ({ open }) => {
    const store = await open();
    const names = Array.from({ length: 30 }, (_, i) => `user ${i}`);
    await Promise.all(names.map((name) => store.add(name, ALICE)));
    await Promise.all(names.map((name) => store.update(name, () => ({ pw: `of ${name}` }))));
    for (const name of names) assertEquals((await store.find(name))?.pw, `of ${name}`);
    await store.close();
  });

  test("a removed user is not found, and the name is free", async ({ open }) => {
    const store = await open();
    await store.add("alice", ALICE);
    assertEquals(await store.remove("alice"), true);
    assertEquals(await store.find("alice"), null);
    assertEquals(await store.remove("alice"), false);
    assertEquals(await store.add("alice", BOB), true);
    assertEquals(await store.find("alice"), BOB);
    await store.close();
  });

  test("the list has every user, in the order of registration", async ({ open }) => {
    const store = await open();
    const names = ["10", "2", "zoë", "1", "alice", "가나다", "__proto__", "Z"];
    for (const name of names) await store.add(name, { ...ALICE, pw: name });
    await store.remove("2");
    await store.update("1", () => ({ expiryTime: 1 }));
    const listed = await collect(store);
    assertEquals(listed.map(([name]) => name), names.filter((name) => name !== "2"));
    assertEquals(listed[2][1].expiryTime, 1);
    assert(listed.every(([name, user]) => user.pw === name));
    await store.close();
  });

  test("everything is there after closing and opening again", async ({ open }) => {
    const store = await open();
    await store.add("alice", ALICE);
    await store.add("bob", BOB);
    await store.update("alice", () => ({ expiryTime: 1763800000.123 }));
    const secret = await store.secret();
    await store.close();
    const again = await open();
    assertEquals(await collect(again), [
      ["alice", { ...ALICE, expiryTime: 1763800000.123 }],
      ["bob", BOB],
    ]);
    assertEquals(await again.secret(), secret);
    await again.close();
  });

  test("ended sessions are kept with the user until they are taken off the list", async ({ open }) => {
    const ended: User = { ...BOB, endedSessions: [["b-_9", 1763800000.125], ["a", 5]] };
    const store = await open();
    await store.add("alice", ALICE);
    await store.add("bob", ended);
    assertEquals(await store.find("bob"), ended);
    const endedSessions = [["one", 1763800000.123]] as const;
    assertEquals(await store.update("alice", () => ({ endedSessions })), {
      ...ALICE,
      endedSessions,
    });
    await store.update("bob", () => ({ expiryTime: 7 }));
    await store.close();
    const again = await open();
    assertEquals(await collect(again), [
      ["alice", { ...ALICE, endedSessions }],
      ["bob", { ...ended, expiryTime: 7 }],
    ]);
    assertEquals(await again.update("alice", () => ({ endedSessions: [] })), ALICE);
    assertEquals(await again.find("alice"), ALICE);
    await again.close();
  });

  test("the secret is 32 random bytes, and a caller cannot change it", async ({ open }) => {
    const store = await open();
    const secret = await store.secret();
    assertEquals(secret.length, 32);
    assertNotEquals(secret, new Uint8Array(32));
    const kept = secret.slice();
    secret.fill(0);
    assertEquals(await store.secret(), kept);
    await store.close();
  });

  test("names and passwords of any characters come back as they were", async ({ open }) => {
    const store = await open();
    const text = fc.string({ unit: scalarValue, minLength: 1, maxLength: 20 })
      .filter((value) => !value.includes("\0"));
    const users = fc.uniqueArray(fc.tuple(text.map((raw) => raw.normalize("NFC")), text), {
      selector: ([name]) => name,
      minLength: 10,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(users, async (users) => {
        await Promise.all(users.map(async ([name, pw]) => {
          await store.remove(name);
          assertEquals(await store.add(name, { ...ALICE, pw }), true);
          assertEquals(await store.find(name), { ...ALICE, pw });
        }));
      }),
      { numRuns: 5 },
    );
    const listed = await collect(store);
    await store.close();
    const again = await open();
    assertEquals(await collect(again), listed);
    await again.close();
  });
}

/** All users of a store. */
export async function collect(store: UserStore): Promise<[string, User][]> {
  const users: [string, User][] = [];
  for await (const user of store.list()) users.push(user);
  return users;
}
