/**
 * The table "How it compares" of the READMEs: its rows, where their values come from, and how they
 * are written.
 */

/** A text in the languages of the READMEs. */
export interface Localized {
  readonly en: string;
  readonly ko: string;
}

/** A row: what is measured, against which peer, and which value is better. */
export interface Row {
  /** The measurement of bench/main.ts that records the row. */
  readonly source: string;
  readonly measure: Localized;
  readonly peer: Localized;
  readonly better: "higher" | "lower";
  /** Writes a value with its unit. */
  format(value: number): string;
}

/** What a measurement found for a row. */
export interface Values {
  readonly ours: number;
  readonly peer: number;
}

const perSecond = (value: number) => `${Math.round(value).toLocaleString("en")}/s`;
const gigabytes = (value: number) => `${(value / 1e9).toFixed(2)} GB/s`;
const kilobytes = (value: number) => `${(value / 1024).toFixed(1)} KB`;
const decibels = (value: number) => `${value.toFixed(2)} dB`;
const similarity = (value: number) => value.toFixed(3);
const milliseconds = (value: number) => `${Math.round(value)} ms`;
const same = (text: string): Localized => ({ en: text, ko: text });

/** The rows, in the order of the table. */
export const ROWS = {
  "image nginx": {
    source: "http/throughput",
    measure: {
      en: "`GET /images`, 86 KB, with key check and log",
      ko: "`GET /images`, 86 KB, 키 확인과 로그 포함",
    },
    peer: { en: "nginx, without a key", ko: "nginx(키 없음)" },
    better: "higher",
    format: perSecond,
  },
  "image Deno.serve": {
    source: "http/throughput",
    measure: {
      en: "`GET /images`, 86 KB, with key check and log",
      ko: "`GET /images`, 86 KB, 키 확인과 로그 포함",
    },
    peer: same("`Deno.serve`"),
    better: "higher",
    format: perSecond,
  },
  "large image nginx": {
    source: "http/throughput",
    measure: same("`GET /images`, 256 MB"),
    peer: same("nginx"),
    better: "higher",
    format: gigabytes,
  },
  "key check floor": {
    source: "http/throughput",
    measure: { en: "`HEAD /images` with a valid key", ko: "유효한 키로 `HEAD /images`" },
    peer: { en: "a loop that writes a constant", ko: "상수만 쓰는 반복문" },
    better: "higher",
    format: perSecond,
  },
  "idle connection": {
    source: "http/idle",
    measure: {
      en: "memory of an idle connection, 10,000 of them",
      ko: "쉬는 연결 하나의 메모리(10,000개일 때)",
    },
    peer: same("`Deno.serve`"),
    better: "lower",
    format: kilobytes,
  },
  "photograph": {
    source: "picture/quality",
    measure: {
      en: "a photograph in `block` characters, PSNR",
      ko: "`block` 문자로 그린 사진의 PSNR",
    },
    peer: { en: "chafa's best", ko: "chafa의 최고" },
    better: "higher",
    format: decibels,
  },
  "text": {
    source: "picture/quality",
    measure: { en: "text in `sextant` characters, SSIM", ko: "`sextant` 문자로 그린 글자의 SSIM" },
    peer: { en: "chafa's best", ko: "chafa의 최고" },
    better: "higher",
    format: similarity,
  },
  "cached image.jpg": {
    source: "programs/client",
    measure: {
      en: "time to show a cached picture, 1 megapixel",
      ko: "캐시된 사진을 보여 주는 시간, 100만 화소",
    },
    peer: same("chafa"),
    better: "lower",
    format: milliseconds,
  },
  "cached large.jpg": {
    source: "programs/client",
    measure: {
      en: "time to show a cached picture, 24 megapixels",
      ko: "캐시된 사진을 보여 주는 시간, 2400만 화소",
    },
    peer: same("chafa"),
    better: "lower",
    format: milliseconds,
  },
} as const satisfies Record<string, Row>;

/** The name of a row. */
export type RowName = keyof typeof ROWS;

/** Names the file that measurements append their values to when the table is wanted. */
export const COMPARISON_FILE = "COMPARISON_FILE";

/** Records the values of a row if the table is wanted; does nothing otherwise. */
export function record(name: RowName, values: Values): void {
  const file = Deno.env.get(COMPARISON_FILE);
  if (file === undefined) return;
  Deno.writeTextFileSync(file, JSON.stringify({ name, ...values }) + "\n", { append: true });
}

/** Reads what measurements recorded; of a row that was recorded twice, the last values. */
export function recorded(text: string): Map<RowName, Values> {
  const lines = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  return new Map(lines.map(({ name, ours, peer }) => [name, { ours, peer }]));
}

const HEAD = {
  en: ["measure", "ours", "peer", "ratio", "better"],
  ko: ["측정", "이 프로그램", "비교 대상", "비율", "좋은 쪽"],
} as const;
const BETTER = {
  en: { higher: "higher", lower: "lower" },
  ko: { higher: "높음", lower: "낮음" },
} as const;

/** Writes the table in Markdown, without the rows that have no values. */
export function comparisonTable(values: Map<RowName, Values>, language: "en" | "ko"): string {
  const lines = [HEAD[language], ["---", "---", "---", "---:", "---"]].map((cells) => [...cells]);
  for (const [name, row] of Object.entries(ROWS) as [RowName, Row][]) {
    const of = values.get(name);
    if (of === undefined) continue;
    lines.push([
      row.measure[language],
      row.format(of.ours),
      `${row.peer[language]}, ${row.format(of.peer)}`,
      (of.ours / of.peer).toFixed(2),
      BETTER[language][row.better],
    ]);
  }
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
