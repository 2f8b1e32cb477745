/** The panel of facts. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import stringWidth from "string-width";
import { helpPanel, panelPage } from "../../../lib/client/browser/panel.ts";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import { scalarValue } from "../../support/text.ts";

Deno.test("a panel is a frame around two columns", () => {
  const { rows } = panelPage({
    title: "바다.jpg",
    facts: [["크기", "640×480"], ["카메라", "NIKON Z 6"]],
  }, { columns: 80, rows: 24 });
  // deno-lint-ignore no-control-regex -- SGR sequences take no column
  assertEquals(rows.map((row) => row.replace(/\x1b\[[0-9;]*[mG]/g, "")), [
    "┌─ 바다.jpg ─────────┐",
    "│ 크기     640×480   │",
    "│ 카메라   NIKON Z 6 │",
    "└────────────────────┘",
  ]);
});

Deno.test("whatever the facts are, the panel fits the terminal, and its frame is straight", () => {
  const text = fc.oneof(
    fc.string({ unit: scalarValue, maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 40 }),
  );
  const facts = fc.array(fc.tuple(fc.constantFrom("크기", "exposure", ""), text), { maxLength: 4 });
  fc.assert(
    fc.property(
      text,
      facts,
      fc.integer({ min: 16, max: 60 }),
      fc.integer({ min: 3, max: 20 }),
      (title, facts, columns, rows) => {
        const { rows: shown, column } = panelPage({ title, facts }, { columns, rows });
        assert(shown.length <= rows);
        const [width] = shown.map((row) => stringWidth(row));
        assert(column + width - 1 <= columns);
        for (const row of shown) {
          assertEquals(stringWidth(row), width, row);
          // deno-lint-ignore no-control-regex -- as above
          assert(!/[\p{Cc}\u202a-\u202e]/u.test(row.replace(/\x1b\[[0-9;]*[mG]/g, "")), row);
        }
      },
    ),
    { numRuns: 8 },
  );
});

Deno.test("control characters in facts are escaped", () => {
  const { rows } = panelPage({ title: "a", facts: [["camera", "\x1b[31mred"]] }, {
    columns: 80,
    rows: 24,
  });
  assertStringIncludes(rows.join("\n"), "\\x1b[31mred");
});

Deno.test("a panel that is too high has pages, equally high, of all facts", () => {
  const facts = Array.from({ length: 7 }, (_, i) => [`key ${i}`, `does ${i}`] as const);
  const size = { columns: 40, rows: 5 };
  const pages = [0, 1, 2].map((page) => panelPage({ title: "keys", facts }, size, page));
  assertEquals(pages.map(({ rows, pages }) => [rows.length, pages]), [[5, 3], [5, 3], [5, 3]]);
  const text = pages.map(({ rows }) => rows.join("\n")).join("\n");
  for (const [key, action] of facts) assert(text.includes(key) && text.includes(action));
  assertStringIncludes(text, "2/3");
});

Deno.test("what the keys do is read whole on 80 columns, in each language", () => {
  for (const { browserHelp, browserHelpTitle: title } of [CATALOGUES.ko, CATALOGUES.en]) {
    const { rows, pages } = panelPage(helpPanel(title, browserHelp), { columns: 80, rows: 23 });
    assertEquals(pages, 1);
    assert(!rows.join("\n").includes("…"), rows.join("\n"));
  }
});
