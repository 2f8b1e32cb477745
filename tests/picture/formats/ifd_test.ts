/**
 * Image file directories: every type of field, both byte orders, TIFF and BigTIFF, whole or cut.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readTiffDirectory } from "../../../lib/picture/formats/ifd.ts";
import { type Field, SIZES, writeTiff as write } from "../support/tiff_writer.ts";

const layout = fc.record({ isLittle: fc.boolean(), isBig: fc.boolean() });
const types = Object.keys(SIZES).map(Number) as Field["type"][];
const field: fc.Arbitrary<Field> = fc.constantFrom(...types).chain((type) =>
  fc.record({
    tag: fc.integer({ min: 1, max: 65_535 }),
    type: fc.constant(type),
    values: fc.array(fc.nat({ max: 2 ** (8 * Math.min(4, SIZES[type])) - 1 }), {
      minLength: 1,
      maxLength: 9,
    }),
  })
);
const fields = fc.uniqueArray(field, { selector: ({ tag }) => tag, minLength: 1, maxLength: 8 });

const tagsOf = (all: readonly Field[]) => all.map(({ tag }) => tag);
const read = (bytes: Uint8Array, wanted: readonly number[]) => {
  const found = readTiffDirectory(bytes, wanted);
  return found && [...found].map(([tag, values]) => [tag, [...values]]);
};

Deno.test("a directory is read as it was written, the wanted fields alone", () => {
  fc.assert(fc.property(fields, layout, fc.nat(), (all, layout, some) => {
    const wanted = all.filter((_, i) => some >> i & 1);
    assertEquals(
      read(write(all, layout), tagsOf(wanted)),
      wanted.map(({ tag, values }) => [tag, [...values]]),
    );
  }));
});

Deno.test("of a directory that is cut short the whole fields are read", () => {
  fc.assert(fc.property(fields, layout, fc.nat(2000), (all, layout, length) => {
    const bytes = write(all, layout);
    const cut = bytes.subarray(0, length % bytes.length);
    const [head, start, entry] = layout.isBig ? [16, 24, 20] : [8, 10, 12];
    const wide = layout.isBig ? 8 : 4;
    let values = start + all.length * entry;
    const whole = all.filter(({ type, values: { length: count } }, i) => {
      const bytes = count * SIZES[type];
      if (bytes > wide) values += bytes;
      return start + (i + 1) * entry <= cut.length && (bytes <= wide || values <= cut.length);
    });
    const found = read(cut, tagsOf(all));
    if (cut.length < head) assertEquals(found, null);
    else assertEquals(found, whole.map(({ tag, values }) => [tag, [...values]]));
  }));
});

Deno.test("what is not a directory has no fields", () => {
  const field: Field = { tag: 256, type: 3, values: [640] };
  for (const isBig of [false, true]) {
    for (const isLittle of [false, true]) {
      const bytes = write([field], { isBig, isLittle });
      const changed = (change: (bytes: Uint8Array, view: DataView) => void) => {
        const copy = bytes.slice();
        change(copy, new DataView(copy.buffer));
        return read(copy, [256]);
      };
      assertEquals(changed(() => {}), [[256, [640]]]);
      for (const at of [0, 1, 2, 3]) {
        for (const by of [2, -2]) assertEquals(changed((bytes) => bytes[at] += by), null);
      }
      const place = (at: number) => (bytes: Uint8Array, view: DataView) => {
        const start = at < 0 ? bytes.length + at : at;
        if (isBig) view.setBigUint64(8, BigInt(start), isLittle);
        else view.setUint32(4, start, isLittle);
      };
      // In the head, beyond the end, across it.
      for (const at of [0, 7, -1, 5000]) assertEquals(changed(place(at)), [], `${at}`);
      // A directory right at the end that says that it is empty.
      const empty = changed((bytes, view) => {
        const head = isBig ? 8 : 2;
        bytes.fill(0, bytes.length - head);
        place(-head)(bytes, view);
      });
      assertEquals(empty, []);
      // No values, or more than there are.
      const first = isBig ? 24 : 10;
      const count = (value: number) => (_: Uint8Array, view: DataView) =>
        isBig
          ? view.setBigUint64(first + 4, BigInt(value), isLittle)
          : view.setUint32(first + 4, value, isLittle);
      for (const value of [0, 1_000_000, 1_000_001]) assertEquals(changed(count(value)), []);
      // A type of no known size.
      for (const type of [0, 2, 5, 6, 8, 12, 17]) {
        assertEquals(changed((_, view) => view.setUint16(first + 2, type, isLittle)), []);
      }
    }
  }
});

Deno.test("bytes after the last entry are not an entry", () => {
  const all = [1, 2].map((tag): Field => ({ tag, type: 3, values: [tag] }));
  for (const isBig of [false, true]) {
    const bytes = write(all, { isBig, isLittle: true });
    bytes[isBig ? 16 : 8] = 1;
    assertEquals(read(bytes, [1, 2]), [[1, [1]]]);
  }
});

Deno.test("a field that stands twice counts the first time", () => {
  const twice = [1, 2].map((value): Field => ({ tag: 256, type: 3, values: [value] }));
  for (const isBig of [false, true]) {
    assertEquals(read(write(twice, { isBig, isLittle: true }), [256]), [[256, [1]]]);
  }
});

Deno.test("a number beyond 32 bits is the largest of them", () => {
  const bytes = write([{ tag: 256, type: 16, values: [2 ** 40] }], {
    isBig: true,
    isLittle: false,
  });
  assertEquals(read(bytes, [256]), [[256, [0xffffffff]]]);
  const far = bytes.slice();
  new DataView(far.buffer).setBigUint64(8, 2n ** 63n);
  assertEquals(read(far, [256]), []);
  assert(read(bytes.subarray(0, 15), [256]) === null);
  assertEquals(read(bytes.subarray(0, 16), [256]), []);
});
