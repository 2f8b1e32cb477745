/** The order of names in a list. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareNames, naturalKey } from "../../../lib/server/listing/natural_order.ts";

const keyed = (name: string) => ({ name, key: naturalKey(name) });
const compare = (a: string, b: string) => Math.sign(compareNames(keyed(a), keyed(b)));
const sorted = (names: string[]) => names.map(keyed).sort(compareNames).map(({ name }) => name);

Deno.test("numbers are ordered by value, all else by code point", () => {
  const order = [
    "!.jpg",
    "1.jpg",
    "2.jpg",
    "10.jpg",
    "10a.jpg",
    "100.jpg",
    "IMG_9.jpg",
    "IMG_10.jpg",
    "a.jpg",
    "img-1.jpg",
    "img.jpg",
    "img1.jpg",
    "img2.jpg",
    "img10.jpg",
    "img10b2.jpg",
    "img10b10.jpg",
    "img99999999999999999999.jpg",
    "img100000000000000000000.jpg",
    "img:.jpg",
    "바다.jpg",
    "\uff01.jpg",
    "\u{1f600}.jpg",
  ];
  assertEquals(sorted(order.toReversed()), order);
});

Deno.test("characters that UTF-16 orders otherwise are ordered by code point", () => {
  const order = ["\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{103ff}", "\u{10ffff}"];
  for (const [i, a] of order.entries()) {
    for (const b of order.slice(i + 1)) assertEquals([compare(a, b), compare(b, a)], [-1, 1]);
  }
});

Deno.test("names that differ in leading zeros or normalization alone are ordered by their bytes", () => {
  assertEquals(sorted(["a1", "a001", "a01"]), ["a001", "a01", "a1"]);
  const [composed, decomposed] = ["caf\u00e9", "cafe\u0301"];
  assertEquals(sorted([composed, decomposed]), [decomposed, composed]);
  assertEquals(sorted(["cafe\u0301z", "caf\u00e9a", "cafz"]), [
    "cafz",
    "caf\u00e9a",
    "cafe\u0301z",
  ]);
});

const name = fc.string({
  unit: fc.constantFrom(..."ab01 29-é:바", "e\u0301", "\u{1f600}", "\ufb01"),
});

Deno.test("the order is total: antisymmetric, transitive, and 0 for the same name alone", () => {
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      assertEquals(compare(a, b), compare(b, a) === 0 ? 0 : -compare(b, a));
      assertEquals(compare(a, b) === 0, a === b);
      if (compare(a, b) <= 0 && compare(b, c) <= 0) assert(compare(a, c) <= 0);
    }),
    { numRuns: 2000 },
  );
});
