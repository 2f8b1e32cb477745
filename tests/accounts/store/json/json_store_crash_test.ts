import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import { openJsonStore } from "../../../../lib/accounts/store/json/json_store.ts";
import {
  StoreUnavailable,
  type User,
  type UserStore,
} from "../../../../lib/accounts/store/store.ts";
import { SimulatedDisk } from "../../support/simulated_disk.ts";
import { collect } from "../../support/store_contract.ts";

const NAMES = ["alice", "bob", "carol", "1"];

/** One change of one user, and the turns of the event loop after it; `pw` null removes. */
interface Step {
  readonly name: string;
  readonly pw: string | null;
  readonly pause: number;
}

/**
 * The possible states of a user after a crash: the last acknowledged state, or one requested
 * since.
 */
class Expectation {
  readonly #possible = new Map<string, (string | null)[]>(NAMES.map((name) => [name, [null]]));

  requested({ name, pw }: Step): void {
    this.#possible.get(name)!.push(pw);
  }

  acknowledged({ name, pw }: Step): void {
    // Steps of one user are made one after the other, so all earlier ones are settled.
    this.#possible.set(name, [pw]);
  }

  async check(store: UserStore): Promise<void> {
    for (const name of NAMES) {
      const user = await store.find(name);
      const possible = this.#possible.get(name)!;
      assert(possible.includes(user?.pw ?? null), `${name} is ${user?.pw}, not ${possible}`);
      this.#possible.set(name, [user?.pw ?? null]);
    }
  }
}

async function make(store: UserStore, { name, pw }: Step): Promise<void> {
  if (pw === null) await store.remove(name);
  else if (!await store.add(name, { pw, expiryTime: 0, revokedAt: 0 })) {
    await store.update(name, () => ({ pw }));
  }
}

/** Makes the steps, those of different users at the same time, until the power is cut. */
async function run(store: UserStore, steps: readonly Step[], expectation: Expectation) {
  await Promise.all(NAMES.map(async (name) => {
    for (const step of steps.filter((step) => step.name === name)) {
      expectation.requested(step);
      try {
        await make(store, step);
      } catch {
        return;
      }
      expectation.acknowledged(step);
      // So that the next step meets a rewrite of the file at any of its stages, or none.
      if (step.pause === 0) await new Promise((resolve) => setTimeout(resolve));
      for (let turns = step.pause; turns > 0; turns--) await null;
    }
  }));
}

const OPTIONS = { quietMs: 0, journalBytes: 0 };

for (const irreplaceable of ["", "/data/users.json"]) {
  const kind = irreplaceable === "" ? "" : ", where users.json cannot be replaced";
  Deno.test(`after a power cut at any instant every acknowledged change is there, and the files parse${kind}`, () =>
    survivesPowerCuts(irreplaceable));
}

async function survivesPowerCuts(irreplaceable: string): Promise<void> {
  let value = 0;
  const step = fc.record({
    name: fc.constantFrom(...NAMES),
    pw: fc.oneof({ weight: 4, arbitrary: fc.constant("") }, {
      weight: 1,
      arbitrary: fc.constant(null),
    }),
    pause: fc.nat(60),
  }).map((step) => ({ ...step, pw: step.pw === null ? null : `pw ${++value}` }));
  const life = fc.record({ steps: fc.array(step, { maxLength: 40 }), calls: fc.nat(200) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      async (lives, numbers) => {
        const choose = (most: number) => numbers.next().value % (most + 1);
        let disk = new SimulatedDisk();
        if (irreplaceable !== "") disk.put(irreplaceable, "{}");
        disk.irreplaceable = irreplaceable;
        const expectation = new Expectation();
        for (const { steps, calls } of lives) {
          disk.callsLeft = calls;
          // A start, too, may be cut short.
          const store = await openJsonStore("/data", { ...OPTIONS, fs: disk }).catch(() => null);
          if (store) {
            await run(store, steps, expectation);
            // Says that users.json is not up to date, where the power was cut.
            await store.close().catch(() => {});
          }
          disk = disk.afterPowerCut(choose);
          const again = await openJsonStore("/data", { ...OPTIONS, fs: disk });
          await expectation.check(again);
          await again.close();
          const kept = disk.names.filter((name) => !/\.journal\.\d+\.torn$/.test(name));
          assertEquals(kept, [
            "/data/server_secret",
            "/data/users.json",
            "/data/users.json.lock",
          ]);
          JSON.parse(disk.text("/data/users.json"));
        }
      },
    ),
    { numRuns: 200 },
  );
}

Deno.test("the secret is made once and survives every power cut once it was used", async () => {
  for (let calls = 0; calls < 25; calls++) {
    const disk = new SimulatedDisk();
    disk.callsLeft = calls;
    const store = await openJsonStore("/data", { ...OPTIONS, fs: disk }).catch(() => null);
    const secret = await store?.secret();
    await store?.close().catch(() => {});
    const after = disk.afterPowerCut(() => 0);
    const again = await openJsonStore("/data", { ...OPTIONS, fs: after });
    if (secret) assertEquals(await again.secret(), secret);
    await again.close();
  }
});

/**
 * A directory as a crash leaves it: `alice` in the file, `bob` added and `alice` changed in the
 * journal.
 */
async function crashed(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const store = await openJsonStore("/data", { fs: disk, quietMs: 1e6 });
  await store.add("alice", user("a1"));
  await store.close();
  const again = await openJsonStore("/data", { fs: disk, quietMs: 1e6 });
  await again.update("alice", () => ({ pw: "a2" }));
  await again.add("bob", user("b1"));
  disk.callsLeft = 0;
  await assertRejects(() => again.close(), StoreUnavailable, "keep its journal");
  const after = disk.afterPowerCut(() => 0);
  assert(after.names.includes("/data/users.json.journal.1"));
  assert(!after.text("/data/users.json").includes("bob"));
  return after;
}

function user(pw: string): User {
  return { pw, expiryTime: 0, revokedAt: 0 };
}

const file = (users: Record<string, string>) =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(users).map(([name, pw]) => [name, { pw, key: { expiry_time: 0 } }]),
    ),
  );

for (
  const [edit, edited, expected] of [
    ["nothing", null, { alice: "a2", bob: "b1" }],
    ["a changed user", { alice: "edited" }, { alice: "edited", bob: "b1" }],
    ["a removed user", {}, { bob: "b1" }],
    ["a user of a name that the journal adds", { alice: "a1", bob: "mine" }, {
      alice: "a2",
      bob: "mine",
    }],
    ["another user", { alice: "a1", carol: "c" }, { alice: "a2", carol: "c", bob: "b1" }],
  ] as const
) {
  Deno.test(`an edit of users.json after a crash wins over the journal: ${edit}`, async () => {
    const disk = await crashed();
    if (edited) disk.put("/data/users.json", file(edited));
    const store = await openJsonStore("/data", { fs: disk });
    const users = (await collect(store)).map(([name, { pw }]) => [name, pw]);
    assertEquals(Object.fromEntries(users), { ...expected });
    await store.close();
  });
}

Deno.test("reading the journal a second time changes nothing", async () => {
  const disk = await crashed();
  const journal = disk.text("/data/users.json.journal.1");
  const first = await openJsonStore("/data", { fs: disk });
  const users = await collect(first);
  await first.close();
  // As if the crash had come after the file was replaced and before the journal was removed.
  disk.put("/data/users.json.journal.1", journal);
  const second = await openJsonStore("/data", { fs: disk });
  assertEquals(await collect(second), users);
  await second.close();
});

Deno.test("a journal with a damaged line stops the start; one that is torn at its end does not", async () => {
  const whole = (await crashed()).text("/data/users.json.journal.1");
  const lines = whole.split("\n");
  assertEquals(lines.length, 4);
  for (let cut = 0; cut < whole.length; cut++) {
    const disk = await crashed();
    disk.put("/data/users.json.journal.1", whole.slice(0, cut));
    const store = await openJsonStore("/data", { fs: disk });
    const complete = whole.slice(0, cut).split("\n").length - 1;
    assertEquals((await store.find("alice"))?.pw, complete >= 2 ? "a2" : "a1");
    assertEquals(await store.find("bob"), complete >= 3 ? user("b1") : null);
    await store.close();
  }
  // The last line too: it is whole, so it was acknowledged and has rotted.
  for (let at = 0; at < whole.length - 1; at += 7) {
    const disk = await crashed();
    const bytes = new TextEncoder().encode(whole);
    bytes[at] ^= 1;
    disk.put("/data/users.json.journal.1", bytes);
    const before = disk.names.map((name) => disk.text(name));
    const refused = await openJsonStore("/data", { fs: disk }).then(
      () => "",
      ({ message }) => message,
    );
    assert(
      /users\.json\.journal\.1, line [123]: the checksum is wrong/.test(refused),
      `${at}: ${refused}`,
    );
    assertEquals(disk.names.map((name) => disk.text(name)), before);
  }
});

Deno.test("the torn end of a journal is reported with its size, and kept aside", async () => {
  for (const torn of ["abc def", "abc \0\0\0\0\n"]) {
    const disk = await crashed();
    const path = "/data/users.json.journal.1";
    disk.put(path, disk.text(path) + torn);
    const notices: string[] = [];
    const store = await openJsonStore("/data", {
      fs: disk,
      warn: (notice) => notices.push(notice),
    });
    assertEquals((await store.find("bob"))?.pw, "b1");
    assertEquals(notices.length, 1);
    assertMatch(notices[0], new RegExp(`journal\\.1 ended in ${torn.length} bytes`));
    assertEquals(disk.text(`${path}.torn`), torn);
    await store.close();
    assertEquals(disk.names.includes(path), false);
  }
});
