/**
 * The limits of server and client, with their defaults. `docs/http.md` says what happens when one
 * is exceeded.
 */

/**
 * What one request may cost and how long its parts may take. Sizes are in bytes, times in
 * milliseconds.
 */
export interface ServerLimits {
  /** The field section of a head, including line endings. Exceeded: 431. */
  headBytes: number;
  /** The number of field lines of a head. Exceeded: 431. */
  fields: number;
  /** The request target. Exceeded: 414. */
  target: number;
  /** The content of a request. Exceeded: 413. */
  bodyBytes: number;
  /** The chunk extensions and trailers of one chunked body together. Exceeded: 400. */
  chunkOverheadBytes: number;
  /** From the opening of a connection to the end of its TLS handshake. Exceeded: aborted. */
  handshakeTimeoutMs: number;
  /** From the first byte of a head to its last. Exceeded: 408. */
  headTimeoutMs: number;
  /** From the end of a head to the end of its body. Exceeded: 408. */
  bodyTimeoutMs: number;
  /** Between two requests, and before the first. Exceeded: closed without a response. */
  idleTimeoutMs: number;
  /**
   * While a response is sent: the time without a single byte accepted by the transport. Exceeded:
   * aborted. It must be long, because a system reports room only when a third of its send buffer,
   * which may be 4 MB, is free.
   */
  writeTimeoutMs: number;
  /**
   * After the last response: how long further bytes of the peer are discarded. Exceeded: aborted.
   */
  lingerMs: number;
  /**
   * After the last response: how many further bytes of the peer are discarded. Exceeded: aborted.
   */
  lingerBytes: number;
  /** The open connections of the server. Exceeded: 503. */
  connections: number;
  /**
   * The open connections of one address, or of one /64 network of IPv6. Loopback is exempt.
   * Exceeded: 503.
   */
  connectionsPerAddress: number;
  /** The value of `Retry-After` in that 503, in seconds. */
  retryAfterSeconds: number;
  /** How long accepting pauses when the system is out of resources or the listener is broken. */
  acceptPauseMs: number;
  /**
   * The number of consecutive errors of accepting after which the listener counts as broken. If
   * they are resets by peers, the listener works, and the pause is one turn of the event loop.
   */
  acceptErrors: number;
}

/** The default limits of a server. */
export const SERVER_LIMITS: Readonly<ServerLimits> = {
  headBytes: 16 * 1024,
  fields: 100,
  target: 8 * 1024,
  bodyBytes: 64 * 1024,
  chunkOverheadBytes: 16 * 1024,
  handshakeTimeoutMs: 10_000,
  headTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  idleTimeoutMs: 75_000,
  writeTimeoutMs: 120_000,
  lingerMs: 5_000,
  lingerBytes: 64 * 1024 * 1024,
  connections: 10_000,
  connectionsPerAddress: 256,
  retryAfterSeconds: 5,
  acceptPauseMs: 200,
  acceptErrors: 1000,
};

/**
 * What a response may cost its client. Sizes are in bytes, times in milliseconds. Exceeding one is
 * an error.
 */
export interface ClientLimits {
  /** The head of a response, including its empty line and the interim responses before it. */
  headBytes: number;
  /** The number of field lines of a head. */
  fields: number;
  /** The chunk extensions and trailers of one chunked body together. */
  chunkOverheadBytes: number;
  /** The interim (1xx) responses before the final one. */
  interimResponses: number;
  /**
   * The wait for the first byte of a response. Long, as the server may have many passwords to hash
   * first.
   */
  responseTimeoutMs: number;
  /**
   * The wait for a request to be accepted by the transport, and for each further byte of a
   * response.
   */
  readTimeoutMs: number;
}

/** The default limits of a client. */
export const CLIENT_LIMITS: Readonly<ClientLimits> = {
  headBytes: 64 * 1024,
  fields: 1000,
  chunkOverheadBytes: 64 * 1024,
  interimResponses: 16,
  responseTimeoutMs: 180_000,
  readTimeoutMs: 60_000,
};
