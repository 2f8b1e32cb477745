/**
 * Users who are registered, or logged in as well, before a server starts. To register and log in at the real
 * program takes a second of processor time: only a test of just that does so.
 */
import { join } from "@std/path";
import { hashPassword, openAccounts, openStore } from "../../lib/accounts/mod.ts";

/** A user with the cookies of a login and a raised privilege. */
export interface Visitor {
  readonly username: string;
  readonly session: string;
  readonly key: string;
}

const CHEAP = { ln: 4, r: 1, p: 1 };

/** Registers users in a data directory that no server works on yet. The password is the name. */
export async function registerUsers(directory: string, ...usernames: string[]): Promise<void> {
  const store = await openStore(directory);
  for (const name of usernames) {
    await store.add(name, { pw: await hashPassword(name, CHEAP), expiryTime: 0, revokedAt: 0 });
  }
  await store.close();
}

/** Registers users in the same way, logs them in, and raises their privilege. */
export async function admitVisitors<T extends string[]>(
  directory: string,
  ...usernames: T
): Promise<{ [Index in keyof T]: Visitor }> {
  return await admit(directory, usernames) as { [Index in keyof T]: Visitor };
}

/** The same for one user, whose key expires at once. */
export async function admitWithExpiredKey(directory: string, username: string): Promise<Visitor> {
  return (await admit(directory, [username], 0.001))[0];
}

async function admit(
  directory: string,
  usernames: readonly string[],
  keyTtlSeconds?: number,
): Promise<Visitor[]> {
  await registerUsers(directory, ...usernames);
  const store = await openStore(directory);
  const accounts = await openAccounts(store, { scrypt: CHEAP, keyTtlSeconds });
  const here = { address: "127.0.0.1" };
  const visitors: Visitor[] = [];
  for (const username of usernames) {
    const login = await accounts.login(username, username, here);
    if (login.result !== "in") throw new Error(`${username} is not logged in: ${login.result}`);
    const session = login.session.value;
    const raised = await accounts.raisePrivilege(session);
    if (!("key" in raised)) throw new Error(`${username} has no privilege: ${raised.result}`);
    visitors.push({ username, session, key: raised.key.value });
  }
  await store.close();
  return visitors;
}

/** Gives a client, by its data directory, the cookies for the server at a port of 127.0.0.1. */
export async function keepCookies(
  directory: string,
  port: number,
  { username, session, key }: Visitor,
  scheme: "http" | "https" = "http",
): Promise<void> {
  const expiry_time = Date.now() / 1000 + 600;
  const cookies = { session: { value: session, expiry_time }, key: { value: key, expiry_time } };
  const servers = { [`${scheme}://127.0.0.1:${port}`]: { user: username, cookies } };
  const file = join(directory, "cookies.json");
  await Deno.writeTextFile(file, JSON.stringify(servers), { mode: 0o600 });
}
