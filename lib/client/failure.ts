/**
 * What can go wrong in the client, in a form that both a person and a script can use.
 */
import type { Messages } from "./language/messages.ts";

/**
 * The end of an operation: a token that stays the same in every language and version (`--json`
 * shows it) and the sentence that says what happened and what to do next.
 */
export class Failure extends Error {
  override readonly name = "Failure";

  /**
   * @param token for scripts, e.g. `LOGIN_FAILED`
   * @param sentence picks and fills the sentence of a language; one that contains text of the
   * server or the disk has passed it through `strip`
   */
  constructor(readonly token: string, readonly sentence: (messages: Messages) => string) {
    super(token);
  }
}

/** The exit codes of the client; `--help` lists them. */
export const EXIT = {
  /** Done, or the end of input at the menu. */
  ok: 0,
  /** The operation failed; a sentence on stderr says why. */
  failure: 1,
  /** The command line is wrong; the usage is on stderr. */
  usage: 2,
  /** Ctrl-C (128 + SIGINT). */
  interrupted: 130,
  /** SIGTERM (128 + 15). */
  terminated: 143,
  /** The terminal went away (128 + SIGHUP). */
  hangup: 129,
} as const;
