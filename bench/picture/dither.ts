/**
 * How like the picture the drawing is in 256 and in 16 colours, from near (the pixels of the
 * characters) and from afar (averaged over half a cell, and over two cells), beside chafa with each
 * kind of dithering.
 *
 *     deno run -A bench/picture/dither.ts
 */
import type { Grid } from "../support/grid.ts";
import { draw } from "../../lib/picture/mod.ts";
import { psnr, resized } from "../support/likeness.ts";
import { ACROSS, DOWN, pixelsOf } from "../support/pixels.ts";
import { paintScenes, run, sourceOf } from "../support/scenes.ts";

const folder = await Deno.makeTempDir();
const sample = new URL("../../images/image.jpg", import.meta.url).pathname;
console.log("PSNR in dB       colours  drawn by           near   half a cell  two cells    KB");
for (const { name, path } of await paintScenes(folder, sample)) {
  const bytes = await Deno.readFile(path);
  for (const colors of ["256", "16"] as const) {
    const text = await draw(bytes, { columns: 80, rows: 40, symbols: "block", colors });
    const ours = pixelsOf(text);
    const source = await sourceOf(path, ours.width, ours.height);
    const [columns, rows] = [ours.width / ACROSS, ours.height / DOWN];
    const report = (by: string, picture: Grid, length: number) => {
      const afar = (across: number, down: number) =>
        psnr(resized(picture, across, down), resized(source, across, down)).toFixed(2);
      console.log(
        name.padEnd(16),
        colors.padEnd(8),
        by.padEnd(18),
        psnr(picture, source).toFixed(2).padEnd(6),
        afar(columns, rows * 2).padEnd(12),
        afar(columns / 2, rows).padEnd(10),
        (length / 1024).toFixed(1).padStart(6),
      );
    };
    report("ours", ours, new TextEncoder().encode(text).length);
    for (const dither of ["none", "ordered", "diffusion"]) {
      const output = await run("chafa", [
        ...[
          "-f",
          "symbols",
          "--symbols",
          "block+space+solid",
          "--work",
          "9",
          "-p",
          "off",
          "-c",
          colors,
        ],
        ...["--dither", dither, "-s", `${columns}x${rows}`, "--stretch", path],
      ]);
      report(`chafa, ${dither}`, pixelsOf(new TextDecoder().decode(output)), output.length);
    }
  }
}
await Deno.remove(folder, { recursive: true });
