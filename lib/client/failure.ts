/**
 * Failures of the client, for people and for scripts.
 */
import type { Messages } from "./language/messages.ts";

/**
 * An operation that failed: a token that is the same in every language and version (`--json` shows
 * it), and a sentence that says what happened and what to do next.
 */
export class Failure extends Error {
  override readonly name = "Failure";

  /**
   * @param token for scripts, e.g. `LOGIN_FAILED`
   * @param sentence picks the sentence of a language and fills it in; text of the server or the
   * disk has passed through `strip`
   */
  constructor(readonly token: string, readonly sentence: (messages: Messages) => string) {
    super(token);
  }
}

/** The exit codes of the client; `--help` lists them. */
export const EXIT = {
  /** Done, or the end of input at the menu. */
  ok: 0,
  /** The operation failed; a sentence says why. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Ctrl-C (128 + SIGINT). */
  interrupted: 130,
  /** SIGTERM (128 + 15). */
  terminated: 143,
  /** The terminal was closed (128 + SIGHUP). */
  hangup: 129,
} as const;
