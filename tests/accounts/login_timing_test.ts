import { assert } from "@std/assert";
import { openAccounts } from "../../lib/accounts/accounts.ts";
import { MemoryStore } from "./memory_store.ts";

const TRIES = 41;

Deno.test("an unknown user, a wrong password and a user of the original's file take the same time", async () => {
  // Costly enough that the hash outweighs everything else, as it does in earnest.
  const unlimited = { burst: 1e9, forgetSeconds: 1 };
  const store = new MemoryStore();
  const accounts = await openAccounts(store, {
    scrypt: { ln: 11, r: 8, p: 1 },
    throttle: { pair: unlimited, address: unlimited, user: unlimited },
  });
  await accounts.register("alice", "right");
  store.users.set("plain", { pw: "plain", expiryTime: 0, revokedAt: 0 });
  const times: Record<string, number[]> = { alice: [], nobody: [], plain: [] };
  // In turn, so that whatever else the machine does falls on all alike.
  for (let i = 0; i < TRIES; i++) {
    for (const name of Object.keys(times)) {
      const start = performance.now();
      const { result } = await accounts.login(name, "wrong", "192.0.2.1");
      times[name].push(performance.now() - start);
      assert(result === "refused");
    }
  }
  const medians = Object.values(times).map((all) => all.sort((a, b) => a - b)[TRIES >> 1]);
  const ratio = Math.max(...medians) / Math.min(...medians);
  assert(ratio < 1.25, `medians ${medians.map((ms) => ms.toFixed(2))} ms`);
});
