/**
 * The tables in PostgreSQL, made and brought up to date by whichever server starts first.
 */
import type { Sql, TransactionSql } from "postgres";
import { makeSecret } from "../server_secret.ts";
import { StoreUnusable } from "../store.ts";

/**
 * Each step of the schema, oldest first. A step that was released is never changed; a new one is
 * added.
 */
const MIGRATIONS: readonly ((sql: TransactionSql) => Promise<void>)[] = [
  async (sql) => {
    // Names are compared byte by byte: two that differ in any way are two users, whatever the
    // locale.
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
    // Pairs of a session's hash and its end. Servers of version 1.0.0 may go on beside this one:
    // they neither read nor write the column.
    await sql`
      alter table socketprogram_user add column ended_sessions jsonb not null default '[]'
        check (jsonb_typeof(ended_sessions) = 'array')`;
  },
];

/** The number that servers lock while they look at the schema: the ASCII codes of "Sock". */
const ADVISORY_LOCK = 0x536f636b;

/**
 * Makes the tables, or brings them up to date, one server at a time. Where there is nothing to do,
 * no right to change the schema is needed.
 *
 * @returns the server's secret
 * @throws StoreUnusable where the tables are of a later version of this program
 */
export async function prepareSchema(sql: Sql): Promise<Uint8Array<ArrayBuffer>> {
  await sql.begin(async (sql) => {
    // Others may take their time with the tables first.
    await sql`set local lock_timeout = 0`;
    await sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`;
    const [{ found }] = await sql`select to_regclass('socketprogram_schema') is not null as found`;
    if (!found) await sql`create table socketprogram_schema (version integer not null)`;
    const [row] = found ? await sql`select version from socketprogram_schema` : [];
    const version: number = row?.version ?? 0;
    if (version > MIGRATIONS.length) {
      throw new StoreUnusable(
        `the database is of version ${version}; this program knows up to ${MIGRATIONS.length}`,
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
