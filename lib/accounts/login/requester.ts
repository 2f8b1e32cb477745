/** The client that asks for a password to be hashed, which may take long. */

/** The client that a registration, a login or a password change comes from. */
export interface Requester {
  /** Its IP address as text: `192.0.2.7`, `2001:db8::7`. */
  readonly address: string;
  /** The value of its `device` cookie; null or absent if it sent none. */
  readonly device?: string | null;
  /** Aborts when the client disconnects, so that no response could reach it. */
  readonly signal?: AbortSignal;
  /**
   * Whether the client has ended its sending side: it may be about to disconnect, or wait for the
   * response on a half-closed connection.
   */
  readonly inputEnded?: () => boolean;
}

/** The client disconnected before its turn came, so no response is needed. */
export class RequesterGone extends Error {
  static {
    this.prototype.name = "RequesterGone";
  }
}
