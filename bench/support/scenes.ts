/** Scenes that are painted for the benchmarks of pictures. */
import { deadLeaves } from "./dead_leaves.ts";
import { averaged, type Grid } from "./grid.ts";

/**
 * The pictures that renderers are compared on, one of each kind, painted here with ImageMagick so
 * that nothing has to be fetched: all are JPEG files, as both programs read.
 */
export interface Scene {
  readonly name: string;
  readonly path: string;
}

/** Paints the scenes into a folder. */
export async function paintScenes(folder: string, sample: string): Promise<Scene[]> {
  const paint = async (name: string, args: string[]): Promise<Scene> => {
    const path = `${folder}/${name.replaceAll(" ", "-")}.jpg`;
    await run("convert", [...args, "-quality", "92", path]);
    return { name, path };
  };
  const leaves = `${folder}/leaves.ppm`;
  await Deno.writeFile(leaves, deadLeaves(1200, 800));
  return [
    { name: "photograph", path: sample },
    await paint("foliage", [leaves]),
    await paint("line drawing", ["-size", "1200x800", "xc:white", ...lines()]),
    await paint("text", ["-size", "1200x800", "xc:white", ...paragraphs()]),
    await paint("gradient", [
      "-size",
      "1200x800",
      "gradient:#204080-#ffd090",
      "(",
      "-size",
      "800x1200",
      "gradient:#ffffff-#402020",
      "-rotate",
      "90",
      ")",
      "-compose",
      "overlay",
      "-composite",
    ]),
    await paint("dark scene", [sample, "-evaluate", "multiply", "0.22", "-modulate", "100,80"]),
    await paint("noise", ["-size", "1200x800", "-seed", "7", "plasma:fractal"]),
  ];
}

/** Runs a program to its end and returns its output. */
export async function run(program: string, args: string[]): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

/** The picture of a file, read at full size by ImageMagick and averaged to a number of pixels. */
export async function sourceOf(path: string, width: number, height: number): Promise<Grid> {
  const ppm = await run("convert", [path, "-auto-orient", "-depth", "8", "ppm:-"]);
  const [head, size] = /^P6\s+(\d+ \d+)\s+255\s/.exec(
    new TextDecoder("latin1").decode(ppm.subarray(0, 50)),
  )!;
  const [across, down] = size.split(" ").map(Number);
  const data = ppm.subarray(head.length);
  return averaged({ width: across, height: down, data }, width, height);
}

/** A house, a sun, hills: thin and thick strokes in every direction. */
function lines(): string[] {
  const rays = Array.from({ length: 16 }, (_, i) => {
    const angle = i * Math.PI / 8;
    const at = (radius: number) =>
      `${(960 + radius * Math.cos(angle)).toFixed(1)},${
        (170 + radius * Math.sin(angle)).toFixed(1)
      }`;
    return `line ${at(95)} ${at(140)}`;
  });
  return [
    "-fill",
    "none",
    "-stroke",
    "black",
    "-strokewidth",
    "5",
    "-draw",
    "rectangle 220,380 620,700 polyline 190,390 420,190 650,390 rectangle 370,520 460,700",
    "-strokewidth",
    "3",
    "-draw",
    "rectangle 260,430 340,500 line 300,430 300,500 line 260,465 340,465 rectangle 500,430 580,500",
    "-stroke",
    "#b03020",
    "-strokewidth",
    "6",
    "-draw",
    `circle 960,170 960,245 ${rays.join(" ")}`,
    "-stroke",
    "#207040",
    "-strokewidth",
    "4",
    "-draw",
    "bezier 0,700 250,600 500,760 1200,640 bezier 0,760 300,680 700,790 1200,700",
    "-draw",
    "ellipse 860,560 90,130 0,360 line 860,560 860,720 line 860,620 820,570 line 860,640 900,590",
  ];
}

function paragraphs(): string[] {
  const words = "HTTP over raw sockets and pictures made of letters".split(" ");
  const rows = [72, 54, 40, 32, 26, 22, 20, 18];
  let y = 20;
  return rows.flatMap((size, i) => {
    y += Math.round(size * 1.35);
    const text = Array.from({ length: 30 }, (_, k) => words[(k + i * 3) % words.length]).join(" ");
    return [
      "-font",
      "DejaVu-Sans",
      "-pointsize",
      String(size),
      "-fill",
      i % 3 === 2 ? "#1040a0" : "#101010",
      "-annotate",
      `+30+${y}`,
      text,
    ];
  });
}
