/** A colour as a terminal was told it: one of a palette of 256, three components, or its own. */
export type CellColor = number | readonly [red: number, green: number, blue: number] | null;

/** What a terminal shows in one place. */
export interface Cell {
  /** The characters, or "" for the right half of a wide one. */
  text: string;
  foreground: CellColor;
  background: CellColor;
  bold: boolean;
  faint: boolean;
  underlined: boolean;
}

type Style = Omit<Cell, "text"> & { inverse: boolean };

const PLAIN: Style = {
  foreground: null,
  background: null,
  bold: false,
  faint: false,
  underlined: false,
  inverse: false,
};

/**
 * What a terminal shows after it was sent a text: rows of cells. Understands what our programs and
 * chafa write: SGR, carriage return, line feed, repeat (REP), erase to the end of the line or of
 * the screen, moves of the cursor and the alternate screen; all other sequences are passed over.
 * Lines never wrap.
 */
export function screenOf(text: string): Cell[][] {
  const rows: Cell[][] = [[]];
  let row = 0, column = 0;
  let style = PLAIN;
  let last = " ";
  const put = (character: string) => {
    const width = widthOf(character);
    while (rows.length <= row) rows.push([]);
    const line = rows[row];
    const { inverse, ...shown } = style;
    const cell = inverse
      ? { ...shown, foreground: style.background, background: style.foreground }
      : shown;
    while (line.length < column) line.push({ ...PLAIN, text: " " });
    if (width === 0) {
      if (column > 0) line[column - 1].text += character;
      return;
    }
    line[column] = { ...cell, text: character };
    for (let i = 1; i < width; i++) line[column + i] = { ...cell, text: "" };
    column += width;
    last = character;
  };
  for (const [token, parameters, final] of text.matchAll(TOKEN)) {
    const count = Math.max(1, Number(parameters) || 0);
    if (final === "m") style = styled(style, parameters);
    else if (final === "b") { for (let i = 0; i < count; i++) put(last); }
    else if (final === "K") rows[row]?.splice(column);
    else if (final === "H") {
      const [line, place] = parameters.split(";").map(Number);
      [row, column] = [Math.max(1, line || 1) - 1, Math.max(1, place || 1) - 1];
    } else if (final === "h" && parameters === "?1049") {
      rows.splice(0);
      [row, column] = [0, 0];
    } else if (final === "J") {
      if (parameters === "2") rows.splice(0);
      rows[row]?.splice(column);
      rows.splice(row + 1);
    } else if (final === "A") row = Math.max(0, row - count);
    else if (final === "B") row += count;
    else if (final === "C") column += count;
    else if (final === "D") column = Math.max(0, column - count);
    else if (final === "G") column = count - 1;
    else if (token === "\n") [row, column] = [row + 1, 0];
    else if (token === "\r") column = 0;
    else if (token === "\b") column = Math.max(0, column - 1);
    else if (token >= " " && token !== "\x7f") put(token);
  }
  if (rows.at(-1)?.length === 0) rows.pop();
  return rows;
}

/** Cells a character takes: two for the wide ones of East Asia and pictographs, none for marks. */
function widthOf(character: string): 0 | 1 | 2 {
  if (/^[\p{Mn}\p{Me}\u200b-\u200f\ufe00-\ufe0f]/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** A control sequence, another escape sequence (with its string), or one character. */
// deno-lint-ignore no-control-regex -- these are the terminal's control sequences
const TOKEN = /\x1b\[([0-9;:?>]*)([@-~])|\x1b[P\]_^][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[^]/gu;

function styled(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = style;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, faint: true };
    else if (code === 4) next = { ...next, underlined: true };
    else if (code === 7) next = { ...next, inverse: true };
    else if (code === 22) next = { ...next, bold: false, faint: false };
    else if (code === 24) next = { ...next, underlined: false };
    else if (code === 27) next = { ...next, inverse: false };
    else if (code === 38 || code === 48) {
      const color = codes[i + 1] === 5
        ? codes[i + 2]
        : [codes[i + 2], codes[i + 3], codes[i + 4]] as const;
      next = { ...next, [code === 38 ? "foreground" : "background"]: color };
      i += codes[i + 1] === 5 ? 2 : 4;
    } else if (code === 39) next = { ...next, foreground: null };
    else if (code === 49) next = { ...next, background: null };
    else if (code >= 30 && code <= 37) next = { ...next, foreground: code - 30 };
    else if (code >= 40 && code <= 47) next = { ...next, background: code - 40 };
    else if (code >= 90 && code <= 97) next = { ...next, foreground: code - 82 };
    else if (code >= 100 && code <= 107) next = { ...next, background: code - 92 };
  }
  return next;
}

/** The 256 colours of xterm; the first sixteen as given, for those are the user's to choose. */
export function paletteColor(
  number: number,
  first: readonly (readonly [number, number, number])[],
): readonly [number, number, number] {
  if (number < 16) return first[number];
  if (number >= 232) {
    const grey = 8 + (number - 232) * 10;
    return [grey, grey, grey];
  }
  const level = (step: number) => step === 0 ? 0 : 55 + step * 40;
  const index = number - 16;
  return [level(Math.floor(index / 36)), level(Math.floor(index / 6) % 6), level(index % 6)];
}
