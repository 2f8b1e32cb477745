/**
 * What the environment says about the colours of a terminal.
 *
 * @module
 */
import type { Colors } from "../cells/palette.ts";

/** Environment variables, as `Deno.env` gives them. */
export interface Environment {
  /** Returns the value of a variable; undefined if it is not set. */
  get(name: string): string | undefined;
}

/**
 * The colours a terminal shows, by what the environment says about it: `NO_COLOR` (set and not
 * empty) means none, `COLORTERM` or the name in `TERM` tell the rest. Pictures are asked for on
 * purpose, so a pipe alone takes no colours away; if no terminal is named, it gets all of them.
 *
 * @param isTerminal whether the output is a terminal
 */
export function capabilities(environment: Environment, isTerminal: boolean): Colors {
  if ((environment.get("NO_COLOR") ?? "") !== "") return "none";
  const term = (environment.get("TERM") ?? "").toLowerCase();
  // It says of itself that it can do nothing; COLORTERM may be left over from the terminal around
  // it.
  if (term === "dumb") return "none";
  const colorTerm = (environment.get("COLORTERM") ?? "").toLowerCase();
  if (colorTerm === "truecolor" || colorTerm === "24bit") return "truecolor";
  if (term.includes("-direct") || term.includes("truecolor")) return "truecolor";
  if (term === "" && !isTerminal) return "truecolor";
  return colorsOf(term);
}

function colorsOf(term: string): Colors {
  if (term.includes("256color")) return "256";
  if (term === "") return "none"; // a terminal without a name
  return "16";
}
