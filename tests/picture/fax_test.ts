import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type FaxCoding, unpackFax } from "../../lib/picture/fax.ts";

const octets = (bits: string) =>
  Uint8Array.from(
    bits.replaceAll(" ", "").match(/.{1,8}/g)!,
    (byte) => parseInt(byte.padEnd(8, "0"), 2),
  );

/** The rows in a code of bits, a `1` for a black pixel. */
function rows(bits: string, width: number, coding: FaxCoding, count = 100): string[] {
  return Array.from(
    unpackFax(octets(bits), width, coding).take(count),
    (row) => [...row].map((byte) => byte.toString(2).padStart(8, "0")).join("").slice(0, width),
  );
}

const EOL = "000000000001";

Deno.test("rows of runs begin at a byte (TIFF 6.0, section 10)", () => {
  // 8 white; 0 white, 8 black; 3 white, 2 black, 3 white.
  const bits = "10011 000  00110101 000101 00  1000 11 1000";
  assertEquals(rows(bits, 8, "runs"), ["00000000", "11111111", "00011000"]);
});

Deno.test("group 3 marks where rows begin, and in which way each is coded (T.4, 4.2)", () => {
  const oneDimensional = `${EOL} 1000 0011 0000${EOL} 10011 ${EOL.repeat(6)}`;
  assertEquals(rows(oneDimensional, 8, "group3"), ["00011111", "00000000"]);
  // 3 white, 5 black; the change where it was; one to the right of it; passed over; runs of 2 and 4.
  const differences = ["1 1000 0011", "0 1 1", "0 011 1", "0 0001", "0 001 0111 011 1"];
  const mixed = differences.map((row) => EOL + row).join("") + `${EOL}1`.repeat(6);
  assertEquals(rows(mixed, 8, "group3-mixed"), [
    "00011111",
    "00011111",
    "00001111",
    "00000000",
    "00111100",
  ]);
});

Deno.test("group 4 has no marks, and is white above the first row (T.6, 2.2)", () => {
  // All white; runs of 3 and 2, and white to the end; one to the right, one to the left, to the end.
  const bits = "1  001 1000 11 1  011 010 1";
  assertEquals(rows(bits, 8, "group4", 3), ["00000000", "00011000", "00000000"]);
  // One to the right, two to the right.
  assertEquals(rows("1  001 1000 11 1  011 000011 1", 8, "group4", 3)[2], "00001110");
});

Deno.test("whatever the bits are, rows are made of them or they are refused", () => {
  const codings: FaxCoding[] = ["runs", "group3", "group3-mixed", "group4"];
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 70 }),
      fc.constantFrom(...codings),
      (data, width, coding) => {
        try {
          for (const row of unpackFax(data, width, coding)) {
            assertEquals(row.length, Math.ceil(width / 8));
          }
        } catch (error) {
          if (!/means nothing|too long|before/.test((error as Error).message)) throw error;
        }
      },
    ),
    { numRuns: 2000 },
  );
  assertThrows(() => rows("0000000000000000", 8, "group4"));
});
