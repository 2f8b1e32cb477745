/**
 * The store for several servers: users, grants and the secret in PostgreSQL. Uniqueness and
 * durability are the database's; this side adds a short memory for key checks, and time-outs.
 */
import postgres, { type Sql } from "postgres";
import { prepareSchema } from "./postgres_schema.ts";
import { ReadMemory } from "./read_memory.ts";
import {
  changeUser,
  type EndedSession,
  StoreUnavailable,
  StoreUnusable,
  type User,
  type UserChange,
  type UserStore,
} from "./store.ts";

/** Options of the PostgreSQL store, each with its default. */
export interface PostgresStoreOptions {
  /** Connections to the database at most (10). */
  connections?: number;
  /** How long one operation may take before it is `StoreUnavailable`, milliseconds (3,000). */
  timeoutMs?: number;
}

/** How often a change is tried when others keep changing the same user in between. */
const ATTEMPTS = 20;

/** Rows fetched at a time by `list`. */
const LIST_ROWS = 500;

/**
 * Connects, and makes or updates the tables.
 *
 * @param url `postgres://user:password@host:port/database`, with `?sslmode=verify-full` or
 * `require` for TLS. The password may be in the variable `PGPASSWORD` instead, where no list of
 * processes shows it
 * @throws StoreUnusable with a sentence that does not hold the password
 */
export async function openPostgresStore(
  url: string,
  options: PostgresStoreOptions = {},
): Promise<UserStore> {
  const database = new Database(url, options);
  try {
    const secret = await database.run(prepareSchema);
    return new PostgresStore(database, secret);
  } catch (error) {
    await database.close();
    if (error instanceof StoreUnusable) throw error;
    throw new StoreUnusable((error as Error).message);
  }
}

/** A pool of connections that is replaced when it stops answering. */
class Database {
  readonly #url: string;
  readonly #where: string;
  readonly #timeoutMs: number;
  readonly #connections: number;
  #sql: Sql;

  constructor(url: string, options: PostgresStoreOptions) {
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
    this.#timeoutMs = options.timeoutMs ?? 3000;
    this.#connections = options.connections ?? 10;
    this.#sql = this.#connect();
  }

  /**
   * Runs one operation.
   *
   * @throws StoreUnavailable where it fails or takes too long; StoreUnusable as the operation
   * throws it
   */
  async run<T>(operation: (sql: Sql) => Promise<T>): Promise<T> {
    const sql = this.#sql;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${this.#timeoutMs / 1000} s`));
        // A connection whose other end is gone without a word would swallow the next operation too,
        // and what is still queued must not be carried out after its failure was reported.
        if (this.#sql === sql) {
          this.#sql = this.#connect();
          sql.end({ timeout: 0 }).catch(() => {});
        }
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([operation(sql), late]);
    } catch (error) {
      if (error instanceof StoreUnusable) throw error;
      throw new StoreUnavailable(`${this.#where} is not available: ${reasonOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    await this.#sql.end({ timeout: this.#timeoutMs / 1000 });
  }

  #connect(): Sql {
    const seconds = this.#timeoutMs / 1000;
    return postgres(this.#url, {
      max: this.#connections,
      connect_timeout: seconds,
      // Waits between attempts to connect are ours to bound: the next request is the next attempt.
      backoff: () => 0.1,
      idle_timeout: 60,
      fetch_types: false,
      onnotice: () => {},
      connection: {
        application_name: "SocketProgram",
        // What this side has given up, the other side gives up too.
        statement_timeout: this.#timeoutMs,
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

interface Row {
  pw: string;
  expiry_time: number;
  revoked_at: number;
  ended_sessions: EndedSession[];
}

function userOf(row: Row | undefined): User | null {
  if (row === undefined) return null;
  const { pw, expiry_time: expiryTime, revoked_at: revokedAt, ended_sessions } = row;
  const user = { pw, expiryTime, revokedAt };
  return ended_sessions.length === 0 ? user : { ...user, endedSessions: ended_sessions };
}

/** The ended sessions of a user as a parameter of a statement. */
function endedOf(sql: Sql, { endedSessions = [] }: User) {
  // The driver's type of JSON has no readonly arrays.
  return sql.json(endedSessions as EndedSession[] & postgres.JSONValue);
}

class PostgresStore implements UserStore {
  readonly #database: Database;
  readonly #secret: Uint8Array<ArrayBuffer>;
  readonly #memory = new ReadMemory((name) => this.#read(name));

  constructor(database: Database, secret: Uint8Array<ArrayBuffer>) {
    this.#database = database;
    this.#secret = secret;
  }

  secret(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#secret.slice());
  }

  find(
    name: string,
    maxAge = 0,
    suits?: (user: User | null) => boolean,
  ): User | null | Promise<User | null> {
    return maxAge > 0 ? this.#memory.find(name, maxAge, suits) : this.#read(name);
  }

  async add(name: string, user: User): Promise<boolean> {
    const { count } = await this.#database.run((sql) =>
      sql`
        insert into socketprogram_user (name, pw, expiry_time, revoked_at, ended_sessions)
        values (${name}, ${user.pw}, ${user.expiryTime}, ${user.revokedAt}, ${endedOf(sql, user)})
        on conflict (name) do nothing`
    );
    this.#memory.forget(name);
    return count === 1;
  }

  async update(name: string, change: (user: User) => UserChange | null): Promise<User | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const old = await this.#read(name);
      const changes = old && change(old);
      if (!old || !changes) return old;
      const user = changeUser(old, changes);
      // Only if the user is still as `change` saw it: no lock is held meanwhile by a server that
      // may die.
      const { count } = await this.#database.run((sql) =>
        sql`
          update socketprogram_user
          set pw = ${user.pw}, expiry_time = ${user.expiryTime}, revoked_at = ${user.revokedAt},
            ended_sessions = ${endedOf(sql, user)}
          where name = ${name} and pw = ${old.pw}
            and expiry_time = ${old.expiryTime} and revoked_at = ${old.revokedAt}
            and ended_sessions = ${endedOf(sql, old)}`
      );
      this.#memory.forget(name);
      if (count === 1) return user;
    }
    throw new StoreUnavailable("the user is being changed by too many others at once");
  }

  async remove(name: string): Promise<boolean> {
    const { count } = await this.#database.run((sql) =>
      sql`delete from socketprogram_user where name = ${name}`
    );
    this.#memory.forget(name);
    return count === 1;
  }

  async *list(): AsyncIterable<[name: string, user: User]> {
    let last = "0";
    while (true) {
      const rows = await this.#database.run((sql) =>
        sql<(Row & { name: string; registered: string })[]>`
          select name, pw, expiry_time, revoked_at, ended_sessions, registered
          from socketprogram_user
          where registered > ${last} order by registered limit ${LIST_ROWS}`
      );
      for (const row of rows) yield [row.name, userOf(row)!];
      if (rows.length < LIST_ROWS) return;
      last = rows[rows.length - 1].registered;
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #read(name: string): Promise<User | null> {
    const [row] = await this.#database.run((sql) =>
      sql<Row[]>`
        select pw, expiry_time, revoked_at, ended_sessions
        from socketprogram_user where name = ${name}`
    );
    return userOf(row);
  }
}
