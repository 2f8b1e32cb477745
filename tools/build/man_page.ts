/** Turns the text of `--help` into a page for `man` (groff's man macros). */

/** What a page says beside the text of `--help`. */
export interface ManPage {
  /** The program's name, e.g. `server`. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly summary: string;
  readonly version: string;
  /** The text of `--help`: usage, then sections that begin with a line such as `Options:`. */
  readonly help: string;
  /** Pages to read on. */
  readonly seeAlso: readonly string[];
}

/** Returns the source of the page. */
export function manPage({ name, summary, version, help, seeAlso }: ManPage): string {
  const out = [
    `.\\" Made from the text of ${name} --help by tools/build/man.ts. Do not edit.`,
    `.TH ${name.toUpperCase()} 1 "" "SocketProgram ${escaped(version)}" "User Commands"`,
    ".SH NAME",
    `${name} \\- ${escaped(summary)}`,
    ".SH SYNOPSIS",
  ];
  const [usage, ...blocks] = help.trim().split("\n\n");
  out.push(".nf", ...usage.replace(/^usage:\s*/i, "").split("\n").map(synopsis), ".fi");
  let section = "";
  const begin = (title: string) => {
    if (section !== title) out.push(`.SH ${escaped(title.toUpperCase())}`);
    section = title;
  };
  for (const block of blocks) {
    let isFirst = true;
    let isHeaded = false;
    for (const line of block.split("\n")) {
      if (isFirst && line.endsWith(":")) {
        begin(line.slice(0, -1));
        isHeaded = true;
      } else if (/^ {2}\S/.test(line)) {
        if (!isHeaded) begin("Options");
        out.push(...item(line.trim()));
      } else {
        if (isFirst) begin(section === "" ? "Description" : "Notes");
        out.push(escaped(line.trim()));
      }
      isFirst = false;
    }
  }
  const pages = seeAlso.map((page) => `.BR ${page.replace("(", " (")}`).join(" ,\n");
  return [...out, ".SH SEE ALSO", pages, ""].join("\n");
}

/** A row such as `--data DIR   where the files are`: a tagged paragraph. */
function item(row: string): string[] {
  // A long term can leave only one blank before its description.
  const [, term, text] = /^(\S.*?)(?: {2,}(.*)|(?<=[A-Z]) (?=[a-z])(.*))$/.exec(row) ?? [, row, ""];
  const rest = text ?? row.slice(term.length).trim();
  return [".TP", `.B ${escaped(term)}`, ...(rest === "" ? [] : [escaped(rest)])];
}

function synopsis(line: string): string {
  return escaped(line.trim());
}

/** Text in which nothing is a macro or an escape. */
function escaped(text: string): string {
  const plain = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "\\&...");
  return plain.replace(/^(?=[.'])/, "\\&").replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}
