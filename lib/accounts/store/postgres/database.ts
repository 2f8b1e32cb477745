/**
 * Connections to PostgreSQL, bounded in number and time, so that neither a row that somebody keeps locked
 * nor a connection that falls silent stops the others' work.
 *
 * - The database itself gives a statement up (`lock_timeout`, `statement_timeout`), and its connection
 *   is good for the next one.
 * - Changes of one user go one after another, and all changes together use half of the connections: what
 *   waits for a lock leaves the others to whoever reads or registers.
 * - A connection that does not even say that a statement was given up is dead, and probably not the
 *   only one: new statements go to new connections, while those under way may finish.
 */
import postgres, { type Sql } from "postgres";
import { Semaphore } from "../../../semaphore.ts";
import { StoreUnavailable, StoreUnusable } from "../store.ts";

/** Options of the database, each with its default. */
export interface DatabaseOptions {
  /** Connections to the database at most (10). */
  connections?: number;
  /**
   * How long the database may take for one operation before its connection counts as dead,
   * milliseconds (3,000). The other times follow from it.
   */
  timeoutMs?: number;
}

/**
 * Parts of `timeoutMs`: how long an operation waits for a connection; then, after how long the database
 * gives up waiting for a lock, and after how long the statement, so that what became of it is known in
 * time.
 */
const WAIT_SHARE = 1 / 2, LOCK_SHARE = 1 / 4, STATEMENT_SHARE = 2 / 3;

/** A database, by its URL. */
export class Database {
  readonly #url: string;
  readonly #where: string;
  readonly #timeoutMs: number;
  readonly #connections: number;
  /** A place for each connection, so that a statement is sent as soon as it has one. */
  readonly #places: Semaphore;
  readonly #changing: Semaphore;
  readonly #turns = new Map<string, Semaphore>();
  #sql: Sql;
  /** Connections that were given up and have not ended yet. */
  readonly #ending = new Set<Promise<void>>();

  /** @throws StoreUnusable if the URL is not one of a database */
  constructor(url: string, { connections = 10, timeoutMs = 3000 }: DatabaseOptions) {
    let parsed: URL;
    try {
      parsed = new URL(url);
    } catch {
      throw new StoreUnusable(
        "the database must be given as postgres://user:password@host/database",
      );
    }
    if (parsed.username === "" || parsed.hostname === "" || parsed.pathname.length < 2) {
      throw new StoreUnusable(
        "the URL of the database must name the user, the host and the database: " +
          "postgres://user:password@host/database",
      );
    }
    this.#url = url;
    this.#where = `the database ${parsed.pathname.slice(1)} on ${parsed.host}`;
    this.#timeoutMs = timeoutMs;
    this.#connections = connections;
    this.#places = new Semaphore(connections);
    this.#changing = new Semaphore(Math.ceil(connections / 2));
    this.#sql = this.#connect();
  }

  /**
   * Runs one operation. If it fails, it was not carried out, except where its connection is lost or
   * dead.
   *
   * @throws StoreUnavailable if it fails or takes too long; StoreUnusable as the operation throws it
   */
  run<T>(operation: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#run((work) => this.#places.run(work), () => this.#send(operation));
  }

  /** As `run`, for an operation that may wait for a row that somebody else keeps locked. */
  change<T>(operation: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#run(
      (work) => this.#changing.run(() => this.#places.run(work)),
      () => this.#send(operation),
    );
  }

  /**
   * Does work on one user, after what this server has under way on the same user.
   *
   * @throws StoreUnavailable if its turn does not come in time; and what `work` throws
   */
  inTurn<T>(user: string, work: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(user) ?? new Semaphore(1);
    this.#turns.set(user, turns);
    return this.#run(
      (work) =>
        turns.run(work).finally(() => {
          if (!turns.isFull) this.#turns.delete(user);
        }),
      work,
    );
  }

  /** Does work as soon as `enter` lets it, if that is in time. */
  async #run<T>(
    enter: (work: () => Promise<void>) => Promise<void>,
    work: () => Promise<T>,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let isLate = false;
    const milliseconds = this.#timeoutMs * WAIT_SHARE;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new Error(`others were in the way for ${milliseconds / 1000} s`));
    }, milliseconds);
    enter(async () => {
      if (isLate) return;
      clearTimeout(timer);
      await work().then(resolve, reject);
    });
    try {
      return await promise;
    } catch (error) {
      if (error instanceof StoreUnusable || error instanceof StoreUnavailable) throw error;
      throw new StoreUnavailable(`${this.#where} is not available: ${reasonOf(error)}`);
    }
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    this.#end(this.#sql);
    await Promise.all(this.#ending);
  }

  /** Runs an operation now. Settles in time even if its connection is dead. */
  async #send<T>(operation: (sql: Sql) => Promise<T>): Promise<T> {
    const sql = this.#sql;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        if (this.#sql === sql) {
          this.#sql = this.#connect();
          this.#end(sql);
        }
        reject(new Error(`no answer within ${this.#timeoutMs / 1000} s`));
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([operation(sql), silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends connections as soon as what is under way on each is done, at the latest in `timeoutMs`. */
  #end(sql: Sql): void {
    const ending = sql.end({ timeout: this.#timeoutMs / 1000 })
      .catch(() => {})
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #connect(): Sql {
    const part = (share: number) => Math.ceil(this.#timeoutMs * share);
    return postgres(this.#url, {
      max: this.#connections,
      connect_timeout: part(STATEMENT_SHARE) / 1000,
      // Waits between attempts to connect are ours to bound: the next request is the next attempt.
      backoff: () => 0.1,
      idle_timeout: 60,
      fetch_types: false,
      onnotice: () => {},
      connection: {
        application_name: "SocketProgram",
        lock_timeout: part(LOCK_SHARE),
        statement_timeout: part(STATEMENT_SHARE),
        idle_in_transaction_session_timeout: this.#timeoutMs,
      },
    });
  }
}

function reasonOf(error: unknown): string {
  const { message, code, errors } = error as {
    message?: string;
    code?: string;
    errors?: unknown[];
  };
  // One failure for each address of the host.
  if (!message && errors?.length) return reasonOf(errors[0]);
  return message || code || String(error);
}
