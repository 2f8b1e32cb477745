/**
 * Asks a terminal how it draws pixels.
 *
 * @module
 */

/** A protocol by which a terminal draws real pixels. */
export type GraphicsProtocol = "kitty" | "iterm2" | "sixel";

/** The reply of a terminal to `GRAPHICS_QUERY`. */
export interface GraphicsReply {
  /** The best protocol that the terminal says it has; "none" if it names none. */
  readonly protocol: GraphicsProtocol | "none";
  /** Pixels of a cell across; 0 if the terminal did not say. */
  readonly cellWidth: number;
  /** Pixels of a cell down; 0 if the terminal did not say. */
  readonly cellHeight: number;
}

/**
 * The query that tells how a terminal draws pictures: a query of the kitty graphics protocol, its
 * name and version (XTVERSION), the size of a cell in pixels (XTWINOPS 16), and last the primary
 * device attributes, to which every terminal replies: after that reply no other follows. Nothing of
 * it is shown.
 */
export const GRAPHICS_QUERY: string = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" + "\x1b[>0q" +
  "\x1b[16t" +
  "\x1b[c";

/** Whether the reply is complete, so that there is nothing more to wait for. */
export function isGraphicsReplyComplete(reply: Uint8Array): boolean {
  return DEVICE_ATTRIBUTES.test(textOf(reply));
}

/**
 * Reads the reply of a terminal, or the part of it that has arrived. Skips anything else in
 * between, such as keys that were typed.
 */
export function parseGraphicsReply(reply: Uint8Array): GraphicsReply {
  const text = textOf(reply);
  const size = CELL_SIZE.exec(text);
  const [cellHeight, cellWidth] = size === null ? [0, 0] : [Number(size[1]), Number(size[2])];
  return { protocol: protocolOf(text), cellWidth, cellHeight };
}

// deno-lint-ignore no-control-regex -- these are the terminal's control sequences
const DEVICE_ATTRIBUTES = /\x1b\[\?([0-9;]*)c/;
// A cell never has a thousand pixels.
// deno-lint-ignore no-control-regex -- as above
const CELL_SIZE = /\x1b\[6;([0-9]{1,3});([0-9]{1,3})t/;
// deno-lint-ignore no-control-regex -- as above
const KITTY_OK = /\x1b_Gi=31;OK\x1b\\/;
// deno-lint-ignore no-control-regex -- as above
const VERSION = /\x1bP>\|([^\x1b]*)\x1b\\/;

/** The attribute by which a terminal says that it draws sixels. */
const SIXEL = "4";

function protocolOf(text: string): GraphicsProtocol | "none" {
  if (KITTY_OK.test(text)) return "kitty";
  // These have the inline images of iTerm2 and say no more about it than their name.
  if (/^(iTerm2|WezTerm)\b/.test(VERSION.exec(text)?.[1] ?? "")) return "iterm2";
  if (DEVICE_ATTRIBUTES.exec(text)?.[1].split(";").slice(1).includes(SIXEL)) return "sixel";
  return "none";
}

/** One character a byte; replies are ASCII. */
function textOf(reply: Uint8Array): string {
  return String.fromCharCode(...reply.subarray(0, 4096));
}
