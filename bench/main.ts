/**
 * Runs the measurements, each a program of its own, one after the other.
 *
 *     deno task bench            all of them
 *     deno task bench http …     those whose names begin so
 *     deno task bench table      those behind "How it compares", then its rows for both READMEs
 */
import {
  COMPARISON_FILE,
  comparisonTable,
  recorded,
  type Row,
  ROWS,
} from "./support/comparison.ts";

/** The programs, in order. */
const MEASUREMENTS = [
  "programs/server",
  "programs/server_images",
  "programs/client",
  "programs/client_browser",
  "http/parser",
  "http/throughput",
  "http/idle",
  "http/latency",
  "accounts/json",
  "accounts/postgres",
  "picture/quality",
  "picture/dither",
  "picture/speed",
  "picture/corpus",
];

const isTable = Deno.args[0] === "table";
const sources = new Set(Object.values(ROWS).map((row: Row) => row.source));
const comparison = isTable ? await Deno.makeTempFile() : null;

const wanted = Deno.args.length === 0
  ? MEASUREMENTS
  : isTable
  ? MEASUREMENTS.filter((name) => sources.has(name))
  : MEASUREMENTS.filter((name) =>
    Deno.args.some((start) => name.startsWith(start) || name.split("/")[1].startsWith(start))
  );
if (wanted.length === 0) {
  console.error(`Nothing of that name. There are: ${MEASUREMENTS.join(", ")}`);
  Deno.exit(2);
}

let failed = false;
for (const name of wanted) {
  const program = new URL(`./${name}.ts`, import.meta.url);
  console.log(`\n## ${name}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program.pathname],
    env: comparison === null ? {} : { [COMPARISON_FILE]: comparison },
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) {
    console.error(`${name} failed.`);
    failed = true;
  }
}
if (comparison !== null) {
  const values = recorded(await Deno.readTextFile(comparison));
  await Deno.remove(comparison);
  console.log(`\n## How it compares\n\n${comparisonTable(values, "en")}`);
  console.log(`## 비교\n\n${comparisonTable(values, "ko")}`);
  const missing = Object.keys(ROWS).length - values.size;
  if (missing > 0) console.error(`${missing} rows are missing: see above what was left out.`);
}
Deno.exit(failed ? 1 : 0);
