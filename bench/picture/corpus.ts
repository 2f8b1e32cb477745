/**
 * How many pictures of each format are drawn, and drawn right, beside chafa and timg: one
 * photograph in every kind that ImageMagick, cwebp, gif2webp, avifenc and heif-enc write.
 *
 *     deno run -A bench/picture/corpus.ts [--verbose]
 *
 * A drawing is right if, averaged over its cells, it differs from the photograph by less than 12 of
 * 255 in the mean. A file that is refused by name, without a stack trace, is counted as refused. A
 * program that is not installed makes no files, or has no column.
 *
 * @module
 */
import { basename, join } from "@std/path";
import { draw, identify, PictureError } from "../../lib/picture/mod.ts";
import type { Grid } from "../support/grid.ts";
import { resized } from "../support/likeness.ts";
import { pixelsOf } from "../support/pixels.ts";
import { run, sourceOf } from "../support/scenes.ts";

/** Cells of a drawing, and the mean difference up to which it is right. */
const COLUMNS = 24, ROWS = 8, MAX_DIFFERENCE = 12;

/** How to make a file of a format from the photograph: a name, and the arguments of `convert`. */
const CONVERSIONS: Record<string, readonly (readonly string[])[]> = {
  jpg: [
    ["-quality", "90"],
    ["-quality", "90", "-sampling-factor", "1x1"],
    ["-quality", "90", "-sampling-factor", "2x1"],
    ["-quality", "90", "-sampling-factor", "1x2"],
    ["-quality", "90", "-sampling-factor", "4x1"],
    ["-quality", "90", "-interlace", "JPEG"],
    ["-quality", "90", "-colorspace", "Gray"],
    ["-quality", "90", "-colorspace", "CMYK"],
    ["-quality", "90", "-define", "jpeg:restart-interval=3"],
    ["-quality", "5"],
  ],
  png: [
    [],
    ["-interlace", "PNG"],
    ["-depth", "16"],
    ["-colorspace", "Gray"],
    ["-colors", "200", "-define", "png:color-type=3"],
    ["-colors", "16", "-define", "png:color-type=3", "-define", "png:bit-depth=4"],
    ["-alpha", "set"],
    ["-alpha", "set", "-depth", "16", "-interlace", "PNG"],
    ["-colorspace", "Gray", "-alpha", "set"],
  ],
  gif: [[], ["-interlace", "GIF"], ["-colors", "16"], ["-colorspace", "Gray"]],
  bmp: [
    [],
    ["-define", "bmp:format=bmp2"],
    ["-define", "bmp:format=bmp3"],
    ["-define", "bmp:format=bmp4"],
    ["-define", "bmp:subtype=RGB565"],
    ["-define", "bmp:subtype=RGB555"],
    ["-type", "palette", "-colors", "200"],
    ["-type", "palette", "-colors", "200", "-compress", "RLE"],
    ["-type", "palette", "-colors", "16"],
    ["-alpha", "set"],
  ],
  tif: [
    ["-compress", "None"],
    ["-compress", "LZW"],
    ["-compress", "Zip"],
    ["-compress", "RLE"],
    ["-compress", "JPEG"],
    ["-compress", "LZW", "-define", "tiff:predictor=2"],
    ["-compress", "None", "-endian", "MSB"],
    ["-compress", "None", "-depth", "16"],
    ["-compress", "None", "-depth", "12"],
    ["-compress", "None", "-depth", "10"],
    ["-compress", "None", "-depth", "32"],
    ["-compress", "Zip", "-depth", "32", "-define", "quantum:format=floating-point"],
    ["-compress", "None", "-depth", "64", "-define", "quantum:format=floating-point"],
    ["-compress", "LZW", "-colorspace", "YCbCr"],
    ["-compress", "LZW", "-colorspace", "CMYK"],
    ["-compress", "JPEG", "-colorspace", "CMYK"],
    ["-compress", "LZW", "-colorspace", "Gray"],
    ["-compress", "LZW", "-type", "palette", "-colors", "200"],
    ["-compress", "LZW", "-alpha", "set"],
    ["-compress", "LZW", "-interlace", "plane"],
    ["-compress", "None", "-define", "tiff:tile-geometry=64x64"],
    ["-compress", "None", "-colorspace", "Lab"],
  ],
};

/**
 * How to make a file with a program of its own: the program, and its arguments around the two
 * files.
 */
const ENCODERS: readonly {
  readonly extension: string;
  readonly program: string;
  readonly settings: readonly (readonly string[])[];
  readonly args: (settings: readonly string[], from: string, to: string) => string[];
}[] = [
  {
    extension: "webp",
    program: "cwebp",
    settings: [["-q", "80"], ["-q", "10"], ["-lossless"], ["-near_lossless", "40"], ["-m", "0"]],
    args: (settings, from, to) => ["-quiet", ...settings, from, "-o", to],
  },
  {
    extension: "avif",
    program: "avifenc",
    settings: [
      ["--min", "10", "--max", "20"],
      ["--lossless"],
      ["--yuv", "420", "--min", "5", "--max", "10"],
      ["--yuv", "400", "--min", "5", "--max", "10"],
      ["--depth", "10", "--min", "5", "--max", "10"],
      ["--depth", "12", "--min", "5", "--max", "10"],
      ["--grid", "2x1", "--min", "5", "--max", "10"],
    ],
    args: (settings, from, to) => ["-s", "9", ...settings, from, to],
  },
  {
    extension: "heic",
    program: "heif-enc",
    settings: [["-q", "80"], ["-q", "10"], ["-L"], ["-q", "80", "-t", "64"]],
    args: (settings, from, to) => [...settings, from, "-o", to],
  },
];

/** A picture of the corpus: a file, and the colours it should have. */
interface Sample {
  readonly path: string;
  readonly isGrey: boolean;
}

/** What became of a file. */
type Outcome = "right" | "wrong" | "refused" | "crashed";

const isVerbose = Deno.args.includes("--verbose");
const folder = await Deno.makeTempDir();
const photograph = join(folder, "photograph.png");
const sample = new URL("../../images/image.jpg", import.meta.url).pathname;
await run("convert", [sample, "-resize", "256x160!", "-strip", photograph]);
const source = await sourceOf(photograph, COLUMNS, ROWS);

const formats = new Map<string, Sample[]>();
for (const [extension, settings] of Object.entries(CONVERSIONS)) {
  await make(extension, settings, "convert", (args, to) => [photograph, ...args, to]);
}
for (const { extension, program, settings, args } of ENCODERS) {
  await make(extension, settings, program, (each, to) => args(each, photograph, to));
}

/** Makes the files of a format, those that the program can make. */
async function make(
  extension: string,
  settings: readonly (readonly string[])[],
  program: string,
  args: (settings: readonly string[], to: string) => string[],
): Promise<void> {
  const samples: Sample[] = formats.get(extension) ?? [];
  for (const [i, each] of settings.entries()) {
    const path = join(folder, `${i}.${extension}`);
    try {
      await run(program, args(each, path));
      samples.push({ path, isGrey: each.includes("Gray") || each.includes("400") });
    } catch {
      console.log(`${program} ${each.join(" ")}: not made`);
    }
  }
  formats.set(extension, samples);
}

/** The programs that draw. Each gives its text, or throws. */
const PROGRAMS: Record<string, (path: string) => Promise<string>> = {
  ours: async (path) => {
    const bytes = await Deno.readFile(path);
    return await draw(bytes, {
      columns: COLUMNS,
      rows: ROWS,
      symbols: "half",
      colors: "truecolor",
    });
  },
  chafa: async (path) =>
    await textOf("chafa", [
      ...["-f", "symbols", "-c", "full", "--symbols", "half+space+solid", "--stretch"],
      ...["-s", `${COLUMNS}x${ROWS}`, path],
    ]),
  timg: async (path) =>
    await textOf("timg", ["-p", "half", "--frames", "1", "-g", `${COLUMNS}x${ROWS}`, path]),
};

async function textOf(program: string, args: string[]): Promise<string> {
  const text = new TextDecoder().decode(await run(program, args));
  // What moves the cursor or hides it is no part of the picture.
  // deno-lint-ignore no-control-regex -- these are the terminal's control sequences
  return text.replace(/\x1b\[\?[0-9]+[hl]|\x1b\[[0-9]*[A-G]|\r/g, "");
}

async function outcomeOf(draws: (path: string) => Promise<string>, sample: Sample) {
  try {
    const text = await draws(sample.path);
    // What is drawn has colours; what says why it is not has none.
    if (!/[34]8;2;/.test(text)) return "refused";
    return difference(pixelsOf(text), sample.isGrey) < MAX_DIFFERENCE ? "right" : "wrong";
  } catch (error) {
    if (isVerbose) console.log(`${basename(sample.path)}: ${error}`);
    const isRefusal = error instanceof PictureError || /failed: /.test(String(error));
    return isRefusal ? "refused" : "crashed";
  }
}

/** The mean difference from the photograph, in cells. */
function difference(picture: Grid, isGrey: boolean): number {
  const drawn = resized(picture, COLUMNS, ROWS);
  let sum = 0;
  for (let i = 0; i < drawn.data.length; i += 3) {
    const [red, green, blue] = source.data.subarray(i, i + 3);
    const grey = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    for (let c = 0; c < 3; c++) {
      sum += Math.abs(drawn.data[i + c] - (isGrey ? grey : source.data[i + c]));
    }
  }
  return sum / drawn.data.length;
}

const installed = new Map<string, (path: string) => Promise<string>>();
for (const [name, draws] of Object.entries(PROGRAMS)) {
  if (name === "ours" || await run(name, ["--version"]).then(() => true, () => false)) {
    installed.set(name, draws);
  } else console.log(`${name} is not installed`);
}

console.log(
  `| format | files | ${
    [...installed.keys()].map((n) => `${n}: right, wrong, refused`).join(" | ")
  } |`,
);
console.log(`| --- | --- | ${[...installed.keys()].map(() => "---").join(" | ")} |`);
for (const [extension, samples] of formats) {
  const cells: string[] = [];
  for (const [name, draws] of installed) {
    const counts: Record<Outcome, number> = { right: 0, wrong: 0, refused: 0, crashed: 0 };
    for (const sample of samples) {
      const outcome: Outcome = await outcomeOf(draws, sample);
      counts[outcome]++;
      if (isVerbose && outcome !== "right") {
        console.log(`${name}: ${basename(sample.path)} ${outcome}`);
      }
      if (name === "ours" && identify(await Deno.readFile(sample.path)) === null) {
        console.log(`${sample.path} is not identified`);
      }
    }
    const crashed = counts.crashed > 0 ? `, ${counts.crashed} crashed` : "";
    cells.push(`${counts.right}, ${counts.wrong}, ${counts.refused}${crashed}`);
  }
  console.log(`| ${extension} | ${samples.length} | ${cells.join(" | ")} |`);
}
await Deno.remove(folder, { recursive: true });
