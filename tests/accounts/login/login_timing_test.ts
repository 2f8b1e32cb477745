import { assert } from "@std/assert";
import { openAccounts } from "../../../lib/accounts/accounts.ts";
import { MemoryStore } from "../support/memory_store.ts";

const HERE = { address: "192.0.2.1" };

const TRIES = 31;

Deno.test("an unknown user, a wrong password and a user of the original's file take the same time", async () => {
  // Costly enough that the hash outweighs everything else, as it does in earnest.
  const unlimited = { burst: 1e9, forgetSeconds: 1 };
  const store = new MemoryStore();
  const accounts = await openAccounts(store, {
    scrypt: { ln: 11, r: 8, p: 1 },
    throttle: { pair: unlimited, address: unlimited, user: unlimited },
  });
  await accounts.register("alice", "right", HERE);
  store.users.set("plain", { pw: "plain", expiryTime: 0, revokedAt: 0 });
  const names = ["alice", "nobody", "plain"];

  /** The shortest time of each name: the largest over the smallest. */
  async function compare(): Promise<number> {
    const times = names.map((): number[] => []);
    // In turn, each first as often as the others, so that whatever else the machine does falls on
    // all alike.
    for (let i = 0; i < TRIES * names.length; i++) {
      const which = (i + Math.floor(i / names.length)) % names.length;
      const start = performance.now();
      const { result } = await accounts.login(names[which], "wrong", { address: "192.0.2.1" });
      times[which].push(performance.now() - start);
      assert(result === "refused");
    }
    const shortest = times.map((all) => Math.min(...all));
    return Math.max(...shortest) / Math.min(...shortest);
  }

  // A hash more or less is a factor of two or more. A busy machine can spoil a comparison; a real
  // difference would spoil every one.
  const ratios: number[] = [];
  while (ratios.length < 5 && !ratios.some((ratio) => ratio < 1.5)) ratios.push(await compare());
  assert(ratios.some((ratio) => ratio < 1.5), `the times differ by factors of ${ratios}`);
});
