/**
 * Asking the terminal whether it draws real pixels, and how large its cells are.
 */
import type { GraphicsProtocol } from "../../picture/mod.ts";
import type { LineInput } from "./line_input.ts";
import type { Screen } from "./screen.ts";

/**
 * How long a terminal may take to answer, milliseconds; over a slow line, blocks are the better
 * picture.
 */
const GRAPHICS_TIMEOUT_MS = 400;

/** How a terminal draws pixels. */
export interface TerminalGraphics {
  readonly protocol: GraphicsProtocol;
  /** Pixels of a cell across; 0 where the terminal did not say. */
  readonly cellWidth: number;
  /** Pixels of a cell down; 0 where the terminal did not say. */
  readonly cellHeight: number;
  /** Whether it is the terminal around tmux. */
  readonly throughTmux?: boolean;
}

/** What the picture room knows about terminals. */
type Knowledge = Pick<
  typeof import("../../picture/mod.ts"),
  "GRAPHICS_QUERY" | "isGraphicsReplyComplete" | "parseGraphicsReply"
>;

/** Asks. @returns null where the terminal does not draw pixels, or does not say */
export async function askForGraphics(
  { GRAPHICS_QUERY, isGraphicsReplyComplete, parseGraphicsReply }: Knowledge,
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
