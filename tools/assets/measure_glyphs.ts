/**
 * Measures how much ink the printable ASCII characters put where, in DejaVu Sans Mono (its
 * proportions are those of most terminal fonts), and writes lib/picture/ascii_shapes.ts.
 *
 *     deno run -A tools/assets/measure_glyphs.ts > lib/picture/ascii_shapes.ts
 *
 * Needs ImageMagick and the font.
 */
const FONT = "DejaVu-Sans-Mono";
const SIZE = 128;
/** Advance, line height and ascent of the font, in ems. */
const ADVANCE = 0.602, HEIGHT = 1.164, ASCENT = 0.928;

/** Coverage of a cell's 4 × 8 parts, a hexadecimal digit each, row by row. */
async function coverageOf(character: string): Promise<string> {
  const box = `${Math.round(ADVANCE * SIZE)}x${Math.round(HEIGHT * SIZE)}`;
  const text = character === "%" ? "%%" : character === "\\" ? "\\\\" : character;
  const command = new Deno.Command("convert", {
    args: ["-size", box, "xc:black", "-fill", "white", "-font", FONT, "-pointsize", String(SIZE)]
      .concat("-annotate", `+0+${Math.round(ASCENT * SIZE)}`, text, "-filter", "Box")
      .concat("-resize", "4x8!", "-depth", "8", "gray:-"),
  });
  const { stdout } = await command.output();
  return [...stdout].map((value) => Math.round(value / 17).toString(16)).join("");
}

console.log(`/**
 * How much of each part of a cell the printable ASCII characters cover, from "!" on: 4 × 8 parts,
 * row by row, a hexadecimal digit each. Measured from DejaVu Sans Mono by
 * tools/assets/measure_glyphs.ts.
 */
export const ASCII_SHAPES: readonly string[] = [`);
for (let code = 0x21; code < 0x7f; code++) {
  const character = String.fromCharCode(code);
  console.log(`  "${await coverageOf(character)}", // ${character}`);
}
console.log("];");
