/**
 * Asking the terminal whether it draws real pixels, and how large its cells are.
 */
import type { GraphicsProtocol } from "../../picture/mod.ts";
import type { LineInput } from "./line_input.ts";
import type { Screen } from "./screen.ts";

/**
 * Longest wait for the replies of a terminal, milliseconds. Over a slower line, blocks are the
 * better picture.
 */
const GRAPHICS_TIMEOUT_MS = 400;

/** How a terminal draws pixels. */
export interface TerminalGraphics {
  readonly protocol: GraphicsProtocol;
  /** Pixels of a cell across; 0 if the terminal did not say. */
  readonly cellWidth: number;
  /** Pixels of a cell down; 0 if the terminal did not say. */
  readonly cellHeight: number;
  /** Whether commands have to pass through tmux to the terminal around it. */
  readonly throughTmux?: boolean;
}

/** What lib/picture knows about terminals. */
type TerminalKnowledge = Pick<
  typeof import("../../picture/mod.ts"),
  "GRAPHICS_QUERY" | "isGraphicsReplyComplete" | "parseGraphicsReply"
>;

/** Asks the terminal. @returns null if it does not draw pixels or does not reply */
export async function askForGraphics(
  { GRAPHICS_QUERY, isGraphicsReplyComplete, parseGraphicsReply }: TerminalKnowledge,
  screen: Screen,
  input: LineInput,
): Promise<TerminalGraphics | null> {
  const reply = parseGraphicsReply(
    await input.reply(
      () => screen.put(GRAPHICS_QUERY),
      isGraphicsReplyComplete,
      GRAPHICS_TIMEOUT_MS,
    ),
  );
  const { protocol } = reply;
  return protocol === "none" ? null : { ...reply, protocol };
}
