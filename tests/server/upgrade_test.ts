/**
 * Upgrades and downgrades. What version 1.0.0 left behind is taken over: tests/fixtures/version_1_0_0 has the data directory of
 * a server that was killed (its last change is only in the journal), and a client's cookies.
 */
import { createHash } from "node:crypto";
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { openAccounts, openStore, StoreUnusable } from "../../lib/accounts/mod.ts";
import { CookieFile } from "../../lib/client/cookies/cookie_file.ts";
import { temporaryDirectory } from "../e2e/support/programs.ts";

const FIXTURES = join(import.meta.dirname!, "..", "fixtures", "version_1_0_0");

/** A minute after the files were written, milliseconds since 1970. */
const NOW = 1795628670_000;

Deno.test("an upgrade from version 1.0.0 keeps users, sessions, keys and cookies", async () => {
  await using directory = await temporaryDirectory();
  for await (const { name } of Deno.readDir(join(FIXTURES, "data"))) {
    await Deno.copyFile(join(FIXTURES, "data", name), join(directory.path, name));
  }
  const file = new CookieFile(
    join(FIXTURES, "client", "cookies.json"),
    "http://127.0.0.1:18181",
    () => NOW,
  );
  const { user, cookies } = file.load();
  assertEquals(user, "alice");
  const store = await openStore(directory.path);
  const accounts = await openAccounts(store, {
    scrypt: { ln: 14, r: 8, p: 5 },
    now: () => NOW,
  });
  try {
    const requester = { address: "127.0.0.1", device: null };
    const session = await accounts.session(cookies.get("session")!.value);
    assertEquals([session?.username, session?.keyExpires], ["alice", 1795632210.399]);
    assertEquals(await accounts.verifyKey(cookies.get("key")!.value, "alice"), "alice");
    assertEquals((await accounts.login("bob", "builder", requester)).result, "in");
    assertEquals((await accounts.login("bob", "other", requester)).result, "refused");
    // Neither login changed what is stored, so alice's cookies are still valid.
    assertEquals(await accounts.verifyKey(cookies.get("key")!.value), "alice");
  } finally {
    await store.close();
  }
  const users = JSON.parse(await Deno.readTextFile(join(directory.path, "users.json")));
  assertEquals(Object.keys(users), ["bob", "alice"]);
  assertEquals(users.alice.key, { expiry_time: 1795632210.399 });
});

Deno.test("a downgrade names the journal that it cannot read, says what helps, and keeps it", async () => {
  await using directory = await temporaryDirectory();
  const header = '{"journal":"users.json","version":2}';
  const sum = createHash("sha256").update(header).digest("base64url").slice(0, 16);
  const journal = join(directory.path, "users.json.journal.1");
  await Deno.writeTextFile(journal, `${sum} ${header}\n`);
  const error = await assertRejects(() => openStore(directory.path), StoreUnusable);
  assertEquals(
    error.message,
    `${journal} has format 2 of a later version of this program. Start that version and stop it: ` +
      "it then merges the journal into users.json",
  );
  assertEquals(await Deno.readTextFile(journal), `${sum} ${header}\n`);
});

Deno.test("a downgrade keeps what it does not know of a user", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "users.json");
  const alice = { pw: "a", key: { expiry_time: 0, later: [1] }, added_later: { b: "c" } };
  await Deno.writeTextFile(path, JSON.stringify({ alice }));
  const store = await openStore(directory.path);
  await store.add("bob", { pw: "b", expiryTime: 0, revokedAt: 0 });
  await store.close();
  assertEquals(JSON.parse(await Deno.readTextFile(path)).alice, alice);
});
