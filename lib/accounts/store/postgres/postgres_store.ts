/**
 * The store for several servers: users, grants and the secret in PostgreSQL. The database
 * guarantees uniqueness and durability; this module adds a short-lived cache for key checks, and
 * time-outs.
 */
import type { JSONValue, Sql } from "postgres";
import { Database, type DatabaseOptions } from "./database.ts";
import { prepareSchema } from "./schema.ts";
import { UserCache } from "./user_cache.ts";
import {
  changeUser,
  type EndedSession,
  StoreUnavailable,
  StoreUnusable,
  type User,
  type UserChange,
  type UserStore,
} from "../store.ts";

/** How often a change is tried while others keep changing the same user. */
const ATTEMPTS = 20;

/** How many rows `list` fetches at a time. */
const LIST_ROWS = 500;

/**
 * Connects to a database and creates or updates its tables.
 *
 * @param url `postgres://user:password@host:port/database`, with `?sslmode=verify-full` or
 * `require` for TLS. The environment variable `PGPASSWORD` may hold the password instead, which
 * keeps it out of process lists
 * @throws {StoreUnusable} if the database cannot be used; the message does not contain the password
 */
export async function openPostgresStore(
  url: string,
  options: DatabaseOptions = {},
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

/** Returns the ended sessions of a user as a statement parameter. */
function endedOf(sql: Sql, { endedSessions = [] }: User) {
  // The driver's JSON type does not include readonly arrays.
  return sql.json(endedSessions as EndedSession[] & JSONValue);
}

class PostgresStore implements UserStore {
  readonly #database: Database;
  readonly #secret: Uint8Array<ArrayBuffer>;
  readonly #cache = new UserCache((name) => this.#read(name));

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
    accept?: (user: User | null) => boolean,
  ): User | null | Promise<User | null> {
    return maxAge > 0 ? this.#cache.find(name, maxAge, accept) : this.#read(name);
  }

  async add(name: string, user: User): Promise<boolean> {
    const { count } = await this.#database.run((sql) =>
      sql`
        insert into socketprogram_user (name, pw, expiry_time, revoked_at, ended_sessions)
        values (${name}, ${user.pw}, ${user.expiryTime}, ${user.revokedAt}, ${endedOf(sql, user)})
        on conflict (name) do nothing`
    );
    this.#cache.forget(name);
    return count === 1;
  }

  update(name: string, change: (user: User) => UserChange | null): Promise<User | null> {
    return this.#database.inTurn(name, () => this.#update(name, change));
  }

  async #update(name: string, change: (user: User) => UserChange | null): Promise<User | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const old = await this.#read(name);
      const changes = old && change(old);
      if (!changes) return old;
      const user = changeUser(old, changes);
      // Updates the user only if it is unchanged since `change` saw it. So no lock is held, which a
      // server that dies would keep.
      const { count } = await this.#database.change((sql) =>
        sql`
          update socketprogram_user
          set pw = ${user.pw}, expiry_time = ${user.expiryTime}, revoked_at = ${user.revokedAt},
            ended_sessions = ${endedOf(sql, user)}
          where name = ${name} and pw = ${old.pw}
            and expiry_time = ${old.expiryTime} and revoked_at = ${old.revokedAt}
            and ended_sessions = ${endedOf(sql, old)}`
      );
      this.#cache.forget(name);
      if (count === 1) return user;
    }
    throw new StoreUnavailable(`the user changed in each of ${ATTEMPTS} attempts to update it`);
  }

  async remove(name: string): Promise<boolean> {
    const { count } = await this.#database.inTurn(
      name,
      () =>
        this.#database.change((sql) => sql`delete from socketprogram_user where name = ${name}`),
    );
    this.#cache.forget(name);
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
