/**
 * Where the time goes when a picture is drawn in 80 × 40 cells: each step of one drawing in a fresh
 * process, where the runtime has yet to compile everything, and the rendering for every set of
 * characters and colours, first and later. The whole client beside chafa is in bench/client.ts.
 *
 *     deno run -A bench/picture_speed.ts [picture.jpg]
 */
import { average } from "../lib/picture/grid.ts";
import { readJpegHeader } from "../lib/picture/jpeg_header.ts";
import type { Colors, Symbols } from "../lib/picture/mod.ts";
import { painterFor } from "../lib/picture/painter.ts";
import type { Raster } from "../lib/picture/raster.ts";
import { median } from "./process_stat.ts";

const COLUMNS = 80, ROUNDS = 9;

/** Decodes at half size, names each step with its time, and returns the pixels. */
async function decodeInSteps(path: string): Promise<[Raster, Record<string, number>]> {
  const steps: Record<string, number> = {};
  let last = performance.now();
  const done = (name: string) => {
    const now = performance.now();
    steps[name] = now - last;
    last = now;
  };
  const bytes = await Deno.readFile(path);
  done("read the file");
  const { default: codec } = await import("imagescript/jpeg");
  done("load the codec's module");
  const instance = await codec.init();
  done("compile its WebAssembly");
  const { width, height } = readJpegHeader(bytes)!;
  const scale = [1, 2, 4, 8].find((eighths) => width * eighths / 8 >= COLUMNS * 8) ?? 8;
  const frame = instance.decode(
    bytes,
    Math.ceil(width * scale / 8),
    Math.ceil(height * scale / 8),
  );
  done(`decode at ${scale}/8`);
  if (frame.format === 2) throw new Error("A picture in CMYK is not measured");
  const channels = frame.format === 0 ? 1 : 3;
  return [{ width: frame.width, height: frame.height, channels, data: frame.buffer }, steps];
}

/** Draws pixels as the client would; milliseconds from pixels to text. */
function render(raster: Raster, symbols: Symbols, colors: Colors): number {
  const start = performance.now();
  const painter = painterFor({ symbols, colors });
  const rows = Math.round(COLUMNS * raster.height / raster.width / 2);
  painter.paint(average(raster, COLUMNS * painter.across, rows * painter.down));
  return performance.now() - start;
}

const [path = new URL("../images/image.jpg", import.meta.url).pathname, only] = Deno.args;
const [raster, steps] = await decodeInSteps(path);
if (only !== undefined) {
  // One drawing in this fresh process, for the parent below.
  steps["render (block, truecolor)"] = render(raster, "block", "truecolor");
  console.log(JSON.stringify(steps));
} else {
  const runs: Record<string, number>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", new URL(import.meta.url).pathname, path, "once"],
    }).output();
    runs.push(JSON.parse(new TextDecoder().decode(stdout)));
  }
  console.log(`one drawing in a fresh process, median of ${ROUNDS}:`);
  for (const name of Object.keys(runs[0])) {
    console.log(`  ${name.padEnd(28)} ${median(runs.map((run) => run[name])).toFixed(1)} ms`);
  }
  console.log("from decoded pixels to text, the first and the median of the next:");
  for (const symbols of ["half", "quadrant", "block", "sextant", "ascii"] as const) {
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
