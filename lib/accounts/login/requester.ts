/** Who asks for work that takes long: a password to be hashed. */

/** The client that a registration, a login or a change of password comes from. */
export interface Requester {
  /** Its address, as text: `192.0.2.7`, `2001:db8::7`. */
  readonly address: string;
  /** The value of its `device` cookie; null or absent if it sent none. */
  readonly device?: string | null;
  /** Aborts when the client is gone, so that nobody would see the outcome. */
  readonly signal?: AbortSignal;
  /**
   * Whether the client has ended its sending side: it may be about to leave, or wait for the
   * response on a half-closed connection.
   */
  readonly inputEnded?: () => boolean;
}

/** The client left before its turn came; nobody waits for a response. */
export class RequesterGone extends Error {
  override readonly name = "RequesterGone";
}
