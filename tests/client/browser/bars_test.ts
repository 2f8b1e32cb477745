/** The lines above and below the sheet. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import stringWidth from "string-width";
import { fittedSentences, headerRow, keysRow } from "../../../lib/client/browser/bars.ts";
import { scalarValue } from "../../support/text.ts";
import { CATALOGUES } from "../../../lib/client/language/language.ts";

const { ko, en } = CATALOGUES;

// deno-lint-ignore no-control-regex -- SGR sequences take no column
const plain = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, "");

Deno.test("the line above is as wide as the terminal, and leaves out the least important", () => {
  const header = {
    folder: "여행/제주",
    counts: "12장 · 34 MB",
    order: "이름순 ↑",
    search: "/ 검색",
    isSearched: false,
  };
  const shown = (columns: number) => plain(headerRow(header, columns)).trimEnd();
  assertEquals(
    shown(60),
    " 여행/제주   12장 · 34 MB                 이름순 ↑   / 검색",
  );
  assertEquals(shown(40), " 여행/제주   12장 · 34 MB      이름순 ↑");
  assertEquals(shown(30), " 여행/제주   12장 · 34 MB");
  assertEquals(shown(20), " 여행/제주");
  assertEquals(shown(8), " 여행/…");
});

Deno.test("what is searched stays, whatever the width, and its end is seen", () => {
  const header = {
    folder: "a",
    counts: "1 of 3",
    order: "name ↑",
    search: "/ㄱㄴㄷ▏",
    isSearched: true,
  };
  for (const columns of [16, 30, 80]) {
    assertMatch(plain(headerRow(header, columns)), /ㄷ▏ *$/);
  }
  const long = { ...header, search: `/${"x".repeat(100)}end▏` };
  assertStringIncludes(headerRow(long, 40), "end▏");
});

Deno.test("no text makes the line above wider than the terminal", () => {
  const text = fc.string({ unit: scalarValue, maxLength: 60 });
  fc.assert(
    fc.property(text, text, fc.boolean(), fc.integer({ min: 8, max: 100 }), (...values) => {
      const [folder, search, isSearched, columns] = values;
      const header = { folder, counts: "3 images", order: "name ↑", search, isSearched };
      const row = plain(headerRow(header, columns));
      assert(stringWidth(row) <= columns, row);
      assert(!/[\p{Cc}\u202a-\u202e]/u.test(row), row);
    }),
    { numRuns: 200 },
  );
});

Deno.test("a narrow terminal still says how to learn more, and how to leave", () => {
  assertEquals(keysRow(ko.browserKeys, 200), ko.browserKeys);
  assertEquals(keysRow(en.browserKeys, 40), "←↓↑→ move   ⏎ view   ? keys   q quit");
  for (const keys of [ko.browserKeys, ko.browserViewKeys, en.browserZoomKeys]) {
    assert(/\? \S+ {3}q \S+$/.test(keysRow(keys, 20)), keys);
  }
});

Deno.test("what there is to say ends with a whole sentence, if one fits", () => {
  const said = " The server is away: localhost:80. Check that it is running.";
  assertEquals(fittedSentences(said, 80), said);
  assertEquals(fittedSentences(said, 50), " The server is away: localhost:80.");
  assertEquals(fittedSentences(said, 20), " The server is away…");
  assertEquals(fittedSentences(" 서버가 없습니다", 10), " 서버가 …");
});
