/**
 * Pictures through tmux.
 *
 * @module
 */

// deno-lint-ignore no-control-regex -- what terminals are commanded with
const CONTROL_STRING = /\x1b[P_\]][^\x1b\x07]*(?:\x1b\\|\x07)/g;

/**
 * Passes a picture through tmux to the terminal around it; tmux does so where `allow-passthrough`
 * is on. Each control string goes into one of tmux's own, its escapes doubled. As tmux does not
 * know that there is a picture, room is made for it before, and the cursor is moved below it after.
 *
 * @param picture control strings and a line feed
 * @param rows cells down that it takes
 */
export function throughTmux(picture: string, rows: number): string {
  const passed = picture.match(CONTROL_STRING)!
    .map((command) => `\x1bPtmux;${command.replaceAll("\x1b", "\x1b\x1b")}\x1b\\`);
  return "\n".repeat(rows) + `\x1b[${rows}A` + passed.join("") + `\x1b[${rows}B`;
}
