/** The table "How it compares" of the READMEs has the rows that the benchmarks measure. */
import { assertEquals } from "@std/assert";
import {
  comparisonTable,
  recorded,
  type RowName,
  ROWS,
  type Values,
} from "../../bench/support/comparison.ts";

const NAMES = Object.keys(ROWS) as RowName[];

/** The cells of the table in a text that has the columns of the comparison. */
function cells(text: string, head: string): string[][] {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => line.startsWith("|") && line.includes(` ${head} `));
  const to = lines.findIndex((line, at) => at > from && !line.startsWith("|"));
  return lines.slice(from, to).map((line) => line.split("|").slice(1, -1).map((it) => it.trim()));
}

for (
  const [language, file, head] of [["en", "README.md", "ratio"], [
    "ko",
    "README.ko.md",
    "비율",
  ]] as const
) {
  Deno.test(`${file} has the rows of the comparison, in their order`, async () => {
    const values = new Map<RowName, Values>(NAMES.map((name) => [name, { ours: 2, peer: 4 }]));
    const table = cells(comparisonTable(values, language), head);
    const shown = cells(await Deno.readTextFile(new URL(`../../${file}`, import.meta.url)), head);
    const parts = ([measure, _ours, peer, _ratio, better]: string[]) => [
      measure,
      peer.replace(/, [\d.,]+ ?\S+$|, [\d.]+$/, ""),
      better,
    ];
    assertEquals(shown.slice(2).map(parts), table.slice(2).map(parts));
    assertEquals(shown[0], table[0]);
  });
}

Deno.test("values are recorded a line each, and written with their units and ratio", () => {
  const values = recorded(
    '{"name":"idle connection","ours":7270,"peer":15872}\n' +
      '{"name":"key check floor","ours":1,"peer":1}\n' +
      '{"name":"key check floor","ours":83456.7,"peer":124562}\n',
  );
  assertEquals(cells(comparisonTable(values, "en"), "ratio").slice(2), [
    [
      "`HEAD /images` with a valid key",
      "83,457/s",
      "a loop that writes a constant, 124,562/s",
      "0.67",
      "higher",
    ],
    [
      "memory of an idle connection, 10,000 of them",
      "7.1 KB",
      "`Deno.serve`, 15.5 KB",
      "0.46",
      "lower",
    ],
  ]);
});
