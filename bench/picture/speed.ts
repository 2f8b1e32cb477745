/**
 * Where the time goes when a picture is drawn in 80 × 40 cells: each step of one drawing in a fresh
 * process, where the runtime has yet to compile everything, and the rendering for every set of
 * characters and colours, first and later. The whole client beside chafa is in
 * bench/programs/client.ts.
 *
 *     deno run -A bench/picture/speed.ts [picture.jpg]
 */
import { DARK } from "../../lib/picture/canvas.ts";
import { averagesOf, decode } from "../../lib/picture/formats/decode.ts";
import { average } from "../../lib/picture/pixels/grid.ts";
import { checkedHeader } from "../../lib/picture/formats/identify.ts";
import { freshWasm } from "../../lib/picture/wasm/wasm.ts";
import type { Colors, SymbolSet } from "../../lib/picture/mod.ts";
import { painterFor } from "../../lib/picture/painter.ts";
import type { Raster, Size } from "../../lib/picture/pixels/raster.ts";
import { median } from "../support/process_stat.ts";

const COLUMNS = 80, ROUNDS = 9;

/** Where the steps of one drawing are noted, with their times in milliseconds. */
type Steps = Record<string, number>;

/** Draws a file as the client would, and names each step with its time. */
async function drawInSteps(path: string): Promise<Steps> {
  const steps: Steps = {};
  let last = performance.now();
  const done = (name: string) => {
    const now = performance.now();
    steps[name] = now - last;
    last = now;
  };
  const bytes = await Deno.readFile(path);
  done("read the file");
  freshWasm();
  done("compile the module");
  const header = checkedHeader(bytes);
  const painter = painterFor({ symbols: "block", colors: "truecolor" });
  const rows = rowsFor(header);
  const areas = { width: COLUMNS * painter.across, height: rows * painter.down };
  const minimum = { width: COLUMNS * 8, height: rows * 8 };
  const grid = await averagesOf(bytes, header, { areas, minimum, background: DARK });
  done("from the file to averages");
  painter.paint(grid);
  done("from averages to text");
  return steps;
}

/** The pixels of a file, with as many as a drawing asks for. */
async function pixelsOf(path: string): Promise<Raster> {
  const bytes = await Deno.readFile(path);
  const header = checkedHeader(bytes);
  return await decode(bytes, header, { width: COLUMNS * 8, height: rowsFor(header) * 8 }, DARK);
}

function rowsFor({ width, height }: Size): number {
  return Math.round(COLUMNS * height / width / 2);
}

/** Draws pixels as the client would; milliseconds from pixels to text. */
function render(raster: Raster, symbols: SymbolSet, colors: Colors): number {
  const start = performance.now();
  const painter = painterFor({ symbols, colors });
  painter.paint(average(raster, COLUMNS * painter.across, rowsFor(raster) * painter.down));
  return performance.now() - start;
}

const [path = new URL("../../images/image.jpg", import.meta.url).pathname, only] = Deno.args;
if (only === "steps") {
  // One drawing in this fresh process, for the parent below.
  console.log(JSON.stringify(await drawInSteps(path)));
} else if (only === "render") {
  // The same from decoded pixels on.
  const raster = await pixelsOf(path);
  console.log(JSON.stringify({ "from pixels to text": render(raster, "block", "truecolor") }));
} else {
  const runs: Steps[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const steps: Steps = {};
    for (const part of ["steps", "render"]) {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-lock", new URL(import.meta.url).pathname, path, part],
      }).output();
      Object.assign(steps, JSON.parse(new TextDecoder().decode(stdout)));
    }
    runs.push(steps);
  }
  const raster = await pixelsOf(path);
  console.log(`one drawing in a fresh process, median of ${ROUNDS}:`);
  for (const name of Object.keys(runs[0])) {
    console.log(`  ${name.padEnd(28)} ${median(runs.map((run) => run[name])).toFixed(1)} ms`);
  }
  console.log("from decoded pixels to text, the first and the median of the next:");
  for (const symbols of ["half", "quadrant", "block", "sextant", "mixed", "ascii"] as const) {
    for (const colors of ["truecolor", "256", "16", "none"] as const) {
      const first = render(raster, symbols, colors);
      const later = Array.from({ length: ROUNDS }, () => render(raster, symbols, colors));
      console.log(
        `  ${symbols.padEnd(9)} ${colors.padEnd(10)} ${first.toFixed(1)} ms, ` +
          `${median(later).toFixed(1)} ms`,
      );
    }
  }
}
