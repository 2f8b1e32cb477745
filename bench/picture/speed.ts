/**
 * How long a picture takes to be drawn in 80 × 40 cells: once in a fresh process, where the runtime
 * has yet to compile everything, and with every set of characters and colours, first and later. The
 * whole client beside chafa is in bench/programs/client.ts.
 *
 *     deno run -A bench/picture/speed.ts [picture.jpg]
 */
import { type Colors, draw, type SymbolSet } from "../../lib/picture/mod.ts";
import { median } from "../support/process_stat.ts";

const COLUMNS = 80, ROWS = 40, ROUNDS = 9;

/** Reads a file, draws it and returns the milliseconds that both took. */
async function drawFile(path: string, symbols: SymbolSet, colors: Colors): Promise<number> {
  const start = performance.now();
  await draw(await Deno.readFile(path), { columns: COLUMNS, rows: ROWS, symbols, colors });
  return performance.now() - start;
}

const [path = new URL("../../images/image.jpg", import.meta.url).pathname, only] = Deno.args;
if (only === "once") {
  // One drawing in this fresh process, for the parent below.
  console.log(await drawFile(path, "block", "truecolor"));
} else {
  const runs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", new URL(import.meta.url).pathname, path, "once"],
    }).output();
    runs.push(Number(new TextDecoder().decode(stdout)));
  }
  console.log(`in a fresh process, median of ${ROUNDS}: ${median(runs).toFixed(1)} ms`);
  console.log(`in this process, the first and the median of the next ${ROUNDS}:`);
  for (const symbols of ["half", "quadrant", "block", "sextant", "mixed", "ascii"] as const) {
    for (const colors of ["truecolor", "256", "16", "none"] as const) {
      const first = await drawFile(path, symbols, colors);
      const later: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        later.push(await drawFile(path, symbols, colors));
      }
      console.log(
        `  ${symbols.padEnd(9)} ${colors.padEnd(10)} ${first.toFixed(1)} ms, ` +
          `${median(later).toFixed(1)} ms`,
      );
    }
  }
}
