/** The cache of images: what stays and what is evicted. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SecondChanceCache } from "../../../lib/server/images/second_chance_cache.ts";

Deno.test("entries without a request since their last chance are evicted first", () => {
  const cache = new SecondChanceCache<number>(3);
  for (const name of ["a", "b", "c"]) cache.set(name, 1, 1);
  cache.get("a");
  cache.set("d", 1, 1);
  assertEquals(["a", "b", "c", "d"].map((name) => cache.get(name)), [1, undefined, 1, 1]);
});

Deno.test("an entry that costs more than the capacity is not kept, and evicts nothing", () => {
  const cache = new SecondChanceCache<number>(3);
  cache.set("a", 1, 1);
  cache.set("b", 2, 4);
  assertEquals([cache.get("a"), cache.get("b"), cache.cost], [1, undefined, 1]);
});

Deno.test("the costs never exceed the capacity, and the entries are those that were added", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e");
  const action = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), name, cost: fc.nat(12) }),
    fc.record({ kind: fc.constant("get" as const), name }),
    fc.record({ kind: fc.constant("delete" as const), name }),
  );
  fc.assert(fc.property(fc.array(action), (actions) => {
    const cache = new SecondChanceCache<number>(10);
    const last = new Map<string, number>();
    for (const [number, step] of actions.entries()) {
      if (step.kind === "set") {
        cache.set(step.name, number, step.cost);
        last.set(step.name, number);
        assertEquals(cache.get(step.name), step.cost <= 10 ? number : undefined);
      } else if (step.kind === "delete") {
        cache.delete(step.name);
        assertEquals(cache.get(step.name), undefined);
      } else {
        const value = cache.get(step.name);
        assert(value === undefined || value === last.get(step.name));
      }
      assert(cache.cost >= 0 && cache.cost <= 10);
    }
    for (const name of last.keys()) cache.delete(name);
    assertEquals(cache.cost, 0);
  }));
});
