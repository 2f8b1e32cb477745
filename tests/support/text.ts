/** Arbitrary text for property tests. */
import fc from "fast-check";

/**
 * Any Unicode scalar value: often ASCII, also controls, combining marks and astral characters. As a
 * `unit`, it costs nothing, while "binary" of fast-check takes two seconds of processor time in each test file.
 */
export const scalarValue: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }),
  fc.integer({ min: 0x80, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10ffff }),
).map((code) => String.fromCodePoint(code));
