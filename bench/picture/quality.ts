/**
 * How like the picture the drawing is: ours, the best that is possible with the same characters
 * (found by trying each on each cell, apart from the code under test), and chafa's, all in the same
 * cells.
 *
 *     deno run -A bench/picture/quality.ts [picture …]
 *
 * Of each picture that is named, an upright JPEG, the same is said as of the scenes.
 *
 * Every text is painted to pixels with the exact shapes of the characters and compared with the
 * source averaged over the same pixels: PSNR over all components; SSIM of the luma at 2 × 4
 * (square) pixels a cell, and within each cell, at the 2 × 3 pixels that the finest characters
 * have.
 */
import { basename } from "@std/path";
import type { Grid } from "../support/grid.ts";
import { type Canvas, draw, type SymbolSet } from "../../lib/picture/mod.ts";
import { record } from "../support/comparison.ts";
import { psnr, resized, ssim, ssimInCells } from "../support/likeness.ts";
import { ACROSS, DOWN, maskOf, pixelsOf } from "../support/pixels.ts";
import { paintScenes, run, sourceOf } from "../support/scenes.ts";

/** The characters of each set, as Unicode's charts have them, and chafa's name for it. */
const SETS: Record<Exclude<SymbolSet, "ascii">, { characters: string; chafa: string }> = {
  half: { characters: "▀▌", chafa: "half+space+solid" },
  quadrant: { characters: "▀▌▘▝▖▗▚", chafa: "quad+space+solid" },
  block: { characters: "▀▌▘▝▖▗▚▁▂▃▅▆▇▏▎▍▋▊▉▔▕", chafa: "block+space+solid" },
  sextant: {
    characters: "▌" +
      Array.from({ length: 60 }, (_, i) => String.fromCodePoint(0x1fb00 + i)).join(""),
    chafa: "sextant+space+solid",
  },
  mixed: {
    characters: "▀▌▘▝▖▗▚▁▂▃▅▆▇▏▎▍▋▊▉▔▕" +
      Array.from({ length: 60 }, (_, i) => String.fromCodePoint(0x1fb00 + i)).join(""),
    chafa: "block+sextant+space+solid",
  },
};

/**
 * The drawing with the least squared error, by trying every character on every cell, in colours of
 * 8 bits a component: no terminal takes finer ones.
 */
function optimum(source: Grid, characters: string): Grid {
  const masks = [...characters].map(maskOf);
  const result = new Float32Array(source.data.length);
  const count = ACROSS * DOWN;
  const pixels = new Float64Array(count * 3);
  for (let top = 0; top < source.height; top += DOWN) {
    for (let left = 0; left < source.width; left += ACROSS) {
      const place = (i: number) =>
        ((top + Math.floor(i / ACROSS)) * source.width + left + i % ACROSS) * 3;
      for (let i = 0; i < count; i++) {
        for (let c = 0; c < 3; c++) pixels[i * 3 + c] = source.data[place(i) + c];
      }
      let minimum = Infinity;
      for (const mask of [new Uint8Array(count), ...masks]) {
        const sums = [[0, 0, 0], [0, 0, 0]], counts = [0, 0];
        for (let i = 0; i < count; i++) {
          counts[mask[i]]++;
          for (let c = 0; c < 3; c++) sums[mask[i]][c] += pixels[i * 3 + c];
        }
        const means = sums.map((sum, part) =>
          sum.map((value) => Math.round(value / Math.max(1, counts[part])))
        );
        let error = 0;
        for (let i = 0; i < count; i++) {
          for (let c = 0; c < 3; c++) error += (pixels[i * 3 + c] - means[mask[i]][c]) ** 2;
        }
        if (error >= minimum) continue;
        minimum = error;
        for (let i = 0; i < count; i++) result.set(means[mask[i]], place(i));
      }
    }
  }
  return { width: source.width, height: source.height, data: result };
}

const COLUMNS = 80, ROWS = 40;
const folder = await Deno.makeTempDir();
const sample = new URL("../../images/image.jpg", import.meta.url).pathname;
console.log(
  "picture       set        ours: dB (SSIM, cells)  optimum dB  chafa: dB (SSIM, cells)  ours/chafa KB",
);
/** SSIM of the whole picture, and within cells. */
type Similarity = [whole: number, inCells: number];
/** Of each picture, ours in sextants and chafa's default. */
const sextants: Similarity[] = [], defaults: Similarity[] = [];

const named = Deno.args.map((path) => ({ name: basename(path).slice(0, 13), path }));
for (const { name, path } of [...await paintScenes(folder, sample), ...named]) {
  const bytes = await Deno.readFile(path);
  for (const symbols of Object.keys(SETS) as (keyof typeof SETS)[]) {
    const canvas: Canvas = { columns: COLUMNS, rows: ROWS, symbols, colors: "truecolor" };
    const text = await draw(bytes, canvas);
    const ours = pixelsOf(text);
    const source = await sourceOf(path, ours.width, ours.height);
    const [across, down] = [ours.width / ACROSS, ours.height / DOWN];
    const similarity = (picture: Grid): Similarity => {
      const at = (x: number, y: number) =>
        [picture, source].map((one) => resized(one, across * x, down * y)) as [Grid, Grid];
      return [ssim(...at(2, 4)), ssimInCells(...at(2, 3), 2, 3)];
    };
    const judged = (picture: Grid) => {
      const similar = similarity(picture).map((value) => value.toFixed(3)).join(" ");
      return `${psnr(picture, source).toFixed(3)} (${similar})`;
    };
    if (symbols === "sextant") sextants.push(similarity(ours));
    const best = psnr(optimum(source, SETS[symbols].characters), source).toFixed(3);
    const settings = [["--symbols", SETS[symbols].chafa, "--work", "9"]];
    if (symbols === "block") settings.push([]); // its default
    for (const setting of settings) {
      const theirs = new TextDecoder().decode(
        await run("chafa", [
          "-f",
          "symbols",
          "-c",
          "full",
          "-s",
          `${across}x${down}`,
          "--stretch",
          ...setting,
          path,
        ]),
      );
      const picture = pixelsOf(theirs);
      if (setting.length === 0) defaults.push(similarity(picture));
      else if (name === "photograph" && symbols === "block") {
        record("photograph", { ours: psnr(ours, source), peer: psnr(picture, source) });
      } else if (name === "text" && symbols === "sextant") {
        record("text", { ours: similarity(ours)[0], peer: similarity(picture)[0] });
      }
      const size = (text: string) => (new TextEncoder().encode(text).length / 1024).toFixed(1);
      console.log(
        name.padEnd(13),
        (setting.length > 0 ? symbols : "(default)").padEnd(10),
        judged(ours).padEnd(23),
        best.padEnd(11),
        judged(picture).padEnd(24),
        `${size(text)}/${size(theirs)}`,
      );
    }
  }
}
const [whole, inCells] = [0, 1].map((which) =>
  sextants.reduce((sum, ours, i) => sum + ours[which] - defaults[i][which], 0) / sextants.length
);
console.log(
  `Sextants are ahead of chafa's default in SSIM by ${whole.toFixed(3)} in the mean, ` +
    `within cells by ${inCells.toFixed(3)}.`,
);
await Deno.remove(folder, { recursive: true });
