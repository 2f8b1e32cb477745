import { assertEquals } from "@std/assert";
import { BoundedMap } from "../../lib/accounts/bounded_map.ts";

Deno.test("a full map drops the entry that was set longest ago", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  assertEquals([map.get("a"), map.get("b"), map.get("c")], [3, undefined, 4]);
  assertEquals([map.has("a"), map.has("b")], [true, false]);
  map.delete("a");
  map.set("d", 5);
  assertEquals([map.get("a"), map.get("c"), map.get("d")], [undefined, 4, 5]);
});
