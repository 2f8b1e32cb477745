/**
 * Connections to PostgreSQL, bounded in number and time, so that neither a row that somebody keeps
 * locked nor a dead connection stops other work.
 *
 * - The database cancels a statement that takes too long (`lock_timeout`, `statement_timeout`). The
 *   connection can run the next one.
 * - The changes of one user run one after another, and all changes together use half of the
 *   connections. Those that wait for a lock leave the other half to reads and registrations.
 * - A connection that does not even report a cancelled statement is dead, and probably others are
 *   too. New statements go to a new pool, while running ones may finish on the old one.
 */
import postgres, { type Sql } from "postgres";
import { Semaphore } from "../../../semaphore.ts";
import { StoreUnavailable, StoreUnusable } from "../store.ts";

/** Options of the database, each with its default. */
export interface DatabaseOptions {
  /** Maximum number of connections to the database (10). */
  connections?: number;
  /**
   * How long an operation may take before its connection counts as dead, milliseconds (3,000). The
   * other time-outs are fractions of this one.
   */
  timeoutMs?: number;
}

/** The fraction of `timeoutMs` that an operation may wait for a connection. */
const WAIT_SHARE = 1 / 2;

/** The fraction of `timeoutMs` after which the database stops waiting for a lock. */
const LOCK_SHARE = 1 / 4;

/** The fraction of `timeoutMs` after which the database cancels a statement and says so. */
const STATEMENT_SHARE = 2 / 3;

/** A pool of connections to one database. */
export class Database {
  readonly #url: string;
  readonly #where: string;
  readonly #timeoutMs: number;
  readonly #connections: number;
  /** One permit per connection, so that a statement with a permit is sent at once. */
  readonly #operations: Semaphore;
  /** Limits the changes, which may wait for locks, to half of the connections. */
  readonly #changes: Semaphore;
  /** Serializes the changes of each user that has any under way. */
  readonly #users = new Map<string, Semaphore>();
  #sql: Sql;
  /** Abandoned pools that are closing. */
  readonly #ending = new Set<Promise<void>>();

  /**
   * Connects on first use.
   *
   * @throws {StoreUnusable} if the URL is not that of a database
   */
  constructor(url: string, { connections = 10, timeoutMs = 3000 }: DatabaseOptions) {
    let parsed: URL;
    try {
      parsed = new URL(url);
    } catch {
      throw new StoreUnusable(
        "the database must be given as postgres://user:password@host/database",
      );
    }
    // A URL with a user has a host.
    if (parsed.username === "" || parsed.pathname.length < 2) {
      throw new StoreUnusable(
        "the URL of the database must name the user, the host and the database: " +
          "postgres://user:password@host/database",
      );
    }
    this.#url = url;
    this.#where = `the database ${parsed.pathname.slice(1)} on ${parsed.host}`;
    this.#timeoutMs = timeoutMs;
    this.#connections = connections;
    this.#operations = new Semaphore(connections);
    this.#changes = new Semaphore(Math.ceil(connections / 2));
    this.#sql = this.#connect();
  }

  /**
   * Runs one operation. If it fails, it was not carried out, unless its connection was lost.
   *
   * @throws {StoreUnavailable} if it fails or takes too long
   * @throws {StoreUnusable} if the operation throws it
   */
  run<T>(operation: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#run((work) => this.#operations.run(work), () => this.#send(operation));
  }

  /** Runs an operation that may wait for a locked row. Otherwise like `run`. */
  change<T>(operation: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#run(
      (work) => this.#changes.run(() => this.#operations.run(work)),
      () => this.#send(operation),
    );
  }

  /**
   * Runs work on one user, after earlier work of this server on the same user.
   *
   * @throws {StoreUnavailable} if its turn does not come in time
   * @throws whatever `work` throws
   */
  inTurn<T>(user: string, work: () => Promise<T>): Promise<T> {
    const turns = this.#users.get(user) ?? new Semaphore(1);
    this.#users.set(user, turns);
    return this.#run(
      (work) =>
        turns.run(work).finally(() => {
          if (!turns.isFull) this.#users.delete(user);
        }),
      work,
    );
  }

  /** Runs work as soon as `enter` starts it. Rejects if that takes too long. */
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

  /** Closes the connections once their statements have ended. */
  async close(): Promise<void> {
    this.#end(this.#sql);
    await Promise.all(this.#ending);
  }

  /** Runs an operation now. Rejects after the time-out even if its connection is dead. */
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

  /**
   * Closes each connection of a pool once its statement has ended, after `timeoutMs` at the latest.
   */
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
      // Tries again soon: the next request is the next attempt, and its time is bounded here.
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
  const { message, errors } = error as { message?: string; errors?: unknown[] };
  // An AggregateError with one error per address of the host.
  if (!message && errors?.length) return reasonOf(errors[0]);
  return message || String(error);
}
