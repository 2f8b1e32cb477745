/** The tables in PostgreSQL. The first server that starts creates or updates them. */
import type { Sql, TransactionSql } from "postgres";
import { makeSecret } from "../server_secret.ts";
import { StoreUnusable } from "../store.ts";

/** The migrations, oldest first. A released migration never changes; add a new one instead. */
const MIGRATIONS: readonly ((sql: TransactionSql) => Promise<void>)[] = [
  async (sql) => {
    // Collation "C" compares names byte by byte, independent of the locale.
    await sql`
      create table socketprogram_user (
        name text collate "C" primary key,
        pw text not null,
        expiry_time double precision not null,
        revoked_at double precision not null,
        registered bigint generated always as identity
      )`;
    await sql`
      create table socketprogram_secret (
        only_row boolean primary key default true check (only_row),
        secret bytea not null
      )`;
    await sql`insert into socketprogram_secret (secret) values (${makeSecret()})`;
  },
  async (sql) => {
    // Pairs of a session's hash and its expiry time. Servers of version 1.0.0 can run beside this
    // one: they neither read nor write the column.
    await sql`
      alter table socketprogram_user add column ended_sessions jsonb not null default '[]'
        check (jsonb_typeof(ended_sessions) = 'array')`;
  },
];

/** The advisory lock that guards the schema: "Sock" in ASCII. */
const ADVISORY_LOCK = 0x536f636b;

/**
 * Creates or updates the tables, one server at a time. Needs no permission to change the schema if
 * it is up to date.
 *
 * @returns the server's secret
 * @throws {StoreUnusable} if a later version of this program created the tables
 */
export async function prepareSchema(sql: Sql): Promise<Uint8Array<ArrayBuffer>> {
  await sql.begin(async (sql) => {
    // Waits as long as another server migrates.
    await sql`set local lock_timeout = 0`;
    await sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`;
    const [{ found }] = await sql`select to_regclass('socketprogram_schema') is not null as found`;
    if (!found) await sql`create table socketprogram_schema (version integer not null)`;
    const [row] = found ? await sql`select version from socketprogram_schema` : [];
    const version: number = row?.version ?? 0;
    if (version > MIGRATIONS.length) {
      throw new StoreUnusable(
        `the database has schema version ${version}, but this program supports only up to ` +
          `${MIGRATIONS.length}`,
      );
    }
    if (version === MIGRATIONS.length) return;
    for (const migrate of MIGRATIONS.slice(version)) await migrate(sql);
    await sql`delete from socketprogram_schema`;
    await sql`insert into socketprogram_schema values (${MIGRATIONS.length})`;
  });
  const [{ secret }] = await sql`select secret from socketprogram_secret`;
  return new Uint8Array(secret);
}
