/** Sorting in slices. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { sortInSlices } from "../../../lib/server/listing/slices.ts";

Deno.test("sorting in slices gives what sorting at once does, equal items in their order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 5000, size: "max" }), async (values) => {
      const items = values.map((value, index) => ({ value, index }));
      const compare = (a: { value: number }, b: { value: number }) => a.value - b.value;
      assertEquals(await sortInSlices(items, compare), items.toSorted(compare));
    }),
    { numRuns: 30 },
  );
});
