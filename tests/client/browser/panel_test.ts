/** The panel of facts. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import stringWidth from "string-width";
import { panelRows } from "../../../lib/client/browser/panel.ts";

Deno.test("a panel is a frame around two columns", () => {
  const { rows } = panelRows({
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

Deno.test("whatever a file says, the panel fits the terminal, and its frame is straight", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
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
        const { rows: shown, column } = panelRows({ title, facts }, { columns, rows });
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

Deno.test("what would obey the terminal is escaped", () => {
  const { rows } = panelRows({ title: "a", facts: [["camera", "\x1b[31mred"]] }, {
    columns: 80,
    rows: 24,
  });
  assertStringIncludes(rows.join("\n"), "\\x1b[31mred");
});
