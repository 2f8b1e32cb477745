/**
 * Every limit of the engine, by name, with its default. `docs/http.md` says what happens at each.
 */

/** What one request may cost, and how long its parts may take. Sizes in bytes, times in ms. */
export interface ServerLimits {
  /** Field section of a head, line ends included. Above: 431. */
  headBytes: number;
  /** Field lines of a head. Above: 431. */
  fields: number;
  /** Request target. Above: 414. */
  target: number;
  /** Content of a request. Above: 413. */
  bodyBytes: number;
  /** Chunk extensions and trailers of one chunked body together. Above: 400. */
  chunkOverheadBytes: number;
  /** From the opening of a connection to the end of its TLS handshake. Above: cut. */
  handshakeTimeoutMs: number;
  /** From the first byte of a head to its last. Above: 408. */
  headTimeoutMs: number;
  /** From the end of a head to the end of its body. Above: 408. */
  bodyTimeoutMs: number;
  /** Between requests, and before the first. Above: closed without a word. */
  idleTimeoutMs: number;
  /**
   * While a response is sent: without a single byte accepted by the transport. Above: cut. It must be
   * long, because a system reports room only when a third of its send buffer, up to 4 MB, is free.
   */
  writeTimeoutMs: number;
  /** After the last answer: how long what the peer still sends is read and dropped. Above: cut. */
  lingerMs: number;
  /** After the last answer: how much of it is read and dropped. Above: cut. */
  lingerBytes: number;
  /** Open connections in all. Above: 503. */
  connections: number;
  /** Open connections of one address, or one /64 network of IPv6; loopback is exempt. Above: 503. */
  connectionsPerAddress: number;
  /** The `Retry-After` of that 503, in seconds. */
  retryAfterSeconds: number;
  /** Pause of accepting when the system has no resources left, or the listener is broken. */
  acceptPauseMs: number;
  /**
   * Errors of accepting in a row, without one connection, after which the listener counts as broken. If
   * they are resets by peers, it works, and the pause is only a turn of the event loop.
   */
  acceptErrors: number;
}

/** The limits of a server that names no others. */
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

/** What a response may cost its client. Sizes in bytes, times in ms. Above any of them: an error. */
export interface ClientLimits {
  /** Head of a response, its empty line included, and the interim responses before it. */
  headBytes: number;
  /** Field lines of a head. */
  fields: number;
  /** Chunk extensions and trailers of one chunked body together. */
  chunkOverheadBytes: number;
  /** Interim (1xx) responses before the final one. */
  interimResponses: number;
  /** Waiting for the first byte of an answer: a server may have many passwords to hash before. */
  responseTimeoutMs: number;
  /** Waiting for a request to be taken, and for any further byte of an answer. */
  readTimeoutMs: number;
}

/** The limits of a client that names no others. */
export const CLIENT_LIMITS: Readonly<ClientLimits> = {
  headBytes: 64 * 1024,
  fields: 1000,
  chunkOverheadBytes: 64 * 1024,
  interimResponses: 16,
  responseTimeoutMs: 180_000,
  readTimeoutMs: 60_000,
};
