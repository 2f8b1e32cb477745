import { assertEquals } from "@std/assert";
import { nearMiss } from "../../lib/text/near_miss.ts";

const WORDS = ["help", "host", "data", "quiet", "max-connections", "max-per-address", "h"];

Deno.test("a near miss is found", () => {
  const cases: [string, string | null][] = [
    ["hlep", "help"],
    ["hots", "host"],
    ["qiet", "quiet"],
    ["daat", "data"],
    ["max-conection", "max-connections"],
    ["max-connections-per-address", null],
    ["max-c", "max-connections"],
    ["max-", null],
    ["port", "host"],
    ["users", null],
    ["x", null],
    ["", null],
    ["a".repeat(10_000), null],
  ];
  for (const [typed, meant] of cases) assertEquals(nearMiss(typed, WORDS), meant, typed);
});
