import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { JsonDamage, JsonScanner } from "../../../../lib/accounts/store/json/json_scanner.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Reads a whole text as any value. */
function read(bytes: Uint8Array): string {
  const scanner = new JsonScanner(bytes);
  const text = scanner.raw();
  scanner.end();
  return text;
}

function accepts(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    assert(error instanceof JsonDamage || error instanceof SyntaxError, `${error}`);
    return false;
  }
}

Deno.test("every JSON text is read, and comes back as it is written (RFC 8259)", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(0, 2, "\t"), (value, indent) => {
    const text = JSON.stringify(value, null, indent);
    assertEquals(read(bytesOf(`\n ${text}\r\n`)), text);
  }));
});

Deno.test("the scanner accepts exactly what JSON.parse accepts", () => {
  const pieces = fc.constantFrom(
    ...'{}[]:,"\\ \n'.split(""),
    ...[
      "0",
      "-",
      "1",
      ".",
      "e",
      "E+2",
      "01",
      "true",
      "null",
      "fals",
      '"a"',
      '"\\u00e9"',
      '"\\x"',
      "\t",
      "\x01",
      "é",
    ],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      assertEquals(accepts(() => read(bytesOf(text))), accepts(() => JSON.parse(text)), text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a valid text with one byte changed is judged as JSON.parse judges it", () => {
  const text = '{"a": [1, -2.5e3, "x\\n", {"b": null}], "c": {}, "d": [], "e": "é"}';
  fc.assert(
    fc.property(fc.nat(bytesOf(text).length - 1), fc.integer({ min: 1, max: 255 }), (at, byte) => {
      const bytes = bytesOf(text);
      bytes[at] = byte;
      const decoded = () => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      const expected = accepts(() => {
        try {
          return JSON.parse(decoded());
        } catch {
          throw new SyntaxError("bad");
        }
      });
      assertEquals(accepts(() => read(bytes)), expected, new TextDecoder().decode(bytes));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("damage is reported with its line and its column in characters", () => {
  const cases: [text: string, line: number, column: number, words: string][] = [
    ["", 1, 1, "the text ends"],
    ["{", 1, 2, "the text ends"],
    ['{"a": 1', 1, 8, "the text ends"],
    ['{\n  "a": 1,\n  "b" 2\n}', 3, 7, 'expected ":"'],
    ['{\n  "한국어": tru\n}', 2, 10, "expected a value"],
    ['{"a": 1} x', 1, 10, "expected the end"],
    ['{"a": "b\n"}', 1, 9, "control character"],
    ['{"a": "never ends}', 1, 7, "the string has no end"],
    ['{"a": "\\q"}', 1, 7, "escape"],
    ['{"a": 1,}', 1, 9, "expected a name in quotes"],
    ["[1, 2", 1, 6, "the text ends"],
    ["[1 2]", 1, 4, 'expected "," or "]"'],
  ];
  for (const [text, line, column, words] of cases) {
    const damage = assertThrows(() => read(bytesOf(text)), JsonDamage, words);
    assertEquals([damage.line, damage.column], [line, column], text);
  }
});

Deno.test("bytes that are not UTF-8 are damage", () => {
  const bytes = bytesOf('{"a": "xx"}');
  bytes[7] = 0xff;
  const damage = assertThrows(() => read(bytes), JsonDamage, "UTF-8");
  assertEquals([damage.line, damage.column], [1, 8]);
});

Deno.test("only a complete byte order mark is skipped", () => {
  assertEquals(read(bytesOf("\ufeff{}")), "{}");
  const mark = [0xef, 0xbb, 0xbf];
  for (const index of mark.keys()) {
    const bytes = [...mark.with(index, 0x20), ...bytesOf("{}")];
    assertThrows(() => read(Uint8Array.from(bytes)), JsonDamage);
  }
});

Deno.test("bytes above 0x7f alone are not UTF-8, and a byte order mark within is kept", () => {
  const bytes = bytesOf('{"a": "x"}');
  for (const byte of [0x80, 0x81, 0xbf, 0xc0, 0xff]) {
    bytes[7] = byte;
    assertThrows(() => read(bytes), JsonDamage, "UTF-8");
    const alone = new JsonScanner(bytes.subarray(6, 9));
    assertThrows(() => alone.string(), JsonDamage, "UTF-8");
  }
  const scanner = new JsonScanner(bytesOf('"\ufeffx"'));
  assertEquals(scanner.string(), "\ufeffx");
});

Deno.test("members are read by name, whatever names of the same length came before", () => {
  const long = "n".repeat(40);
  const names = [
    "ab",
    "ac",
    "ab",
    "abc",
    "a\u00e9",
    "ab",
    "",
    "\n",
    "ac",
    long,
    long,
    `${long}\u00e9`,
  ];
  names.push("x".repeat(15), "y".repeat(15), "x".repeat(16), "y".repeat(16), "y".repeat(16));
  const object = `{${names.map((name, i) => `${JSON.stringify(name)} : ${i}`).join(" ,")}}`;
  const scanner = new JsonScanner(bytesOf(object));
  scanner.enter();
  const found: [string, number][] = [];
  for (let name = scanner.next(); name !== null; name = scanner.next()) {
    found.push([name, scanner.number()]);
  }
  scanner.end();
  assertEquals(found, names.map((name, i) => [name, i]));
});

Deno.test("a text that ends within a name is damage", () => {
  const text = '{"ab": 1, "ab": 2}';
  for (let end = 0; end < text.length; end++) {
    const scanner = () => read(bytesOf(text.slice(0, end)));
    assertThrows(scanner, JsonDamage, text[end - 1] === undefined ? "ends" : "");
    // The rest of the text lies behind the bytes that are read.
    assertThrows(() => read(bytesOf(text).subarray(0, end)), JsonDamage);
  }
});

Deno.test("values are nested 64 deep, not 65", () => {
  for (const [open, close] of [["[", "]"], ['{"a":', "}"]]) {
    const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
    assertEquals(read(bytesOf(nested(64))), nested(64));
    assertThrows(() => read(bytesOf(nested(65))), JsonDamage, "nested more than 64 deep");
  }
});

Deno.test("deep nesting is refused", () => {
  assertThrows(() => read(bytesOf("[".repeat(100_000))), JsonDamage, "nested more than 64 deep");
  assertThrows(
    () => read(bytesOf('{"a":'.repeat(100_000))),
    JsonDamage,
    "nested more than 64 deep",
  );
});

Deno.test("no bytes make the reader throw anything but damage", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    accepts(() => read(bytes));
  }));
});
