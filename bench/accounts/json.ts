/**
 * What `users.json` costs: a registration (hashing aside) with few and with many users, the start,
 * and a key check. Run by itself or from `bench/main.ts`; takes about 20 s.
 */
import { join } from "@std/path";
import {
  hashPassword,
  openAccounts,
  openStore,
  RECOMMENDED_COST,
  type User,
  type UserStore,
} from "../../lib/accounts/mod.ts";

const HERE = { address: "192.0.2.1" };

const SIZES = [10, 1_000, 100_000];
const REGISTRATIONS = 3000;
const TOGETHER = 64;

const pw = await hashPassword("a password", RECOMMENDED_COST);
const USER: User = { pw, expiryTime: 0, revokedAt: 0 };

/** A data directory with so many users. */
async function makeDirectory(users: number): Promise<string> {
  const directory = await Deno.makeTempDir();
  const user = { pw, key: { expiry_time: 0 } };
  const entries = Array.from({ length: users }, (_, i) => [`user ${i}`, user]);
  const text = JSON.stringify(Object.fromEntries(entries), null, 2);
  await Deno.writeTextFile(join(directory, "users.json"), `${text}\n`, { mode: 0o600 });
  return directory;
}

/** Microseconds of a registration, one after the other and `TOGETHER` at a time. */
async function measureRegistrations(store: UserStore): Promise<{ alone: number; shared: number }> {
  const times: number[] = [];
  for (let i = 0; i < REGISTRATIONS; i++) {
    const start = performance.now();
    await store.add(`new ${i}`, USER);
    times.push(performance.now() - start);
  }
  const start = performance.now();
  for (let i = 0; i < REGISTRATIONS; i += TOGETHER) {
    await Promise.all(
      Array.from({ length: TOGETHER }, (_, j) => store.add(`newer ${i + j}`, USER)),
    );
  }
  const shared = (performance.now() - start) * 1000 / REGISTRATIONS;
  return { alone: median(times) * 1000, shared };
}

/**
 * Longest time, in milliseconds, that nothing else ran while `users.json` was rewritten after
 * quiet.
 */
async function measureRewrite(
  store: UserStore,
  path: string,
): Promise<{ took: number; gap: number }> {
  await store.add("the last", USER);
  const { mtime } = await Deno.stat(path);
  let gap = 0;
  let last = performance.now();
  const ticker = setInterval(() => {
    gap = Math.max(gap, performance.now() - last);
    last = performance.now();
  }, 1);
  let start = 0;
  while (Number((await Deno.stat(path)).mtime) === Number(mtime)) {
    if (start === 0 && exists(`${path}.tmp`)) start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  clearInterval(ticker);
  return { took: performance.now() - start, gap };
}

/**
 * Starts the server itself; milliseconds until it accepts connections, and its resident memory in
 * MB.
 */
async function measureStart(directory: string): Promise<{ ms: number; megabytes: number }> {
  const start = performance.now();
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "server.ts", "0", "--data", directory, "--quiet"],
    cwd: join(import.meta.dirname!, "..", ".."),
    stdout: "piped",
  }).spawn();
  const reader = server.stdout.getReader();
  await reader.read();
  const ms = performance.now() - start;
  const status = await Deno.readTextFile(`/proc/${server.pid}/status`);
  const megabytes = Number(/VmRSS:\s*(\d+)/.exec(status)![1]) / 1024;
  server.kill("SIGTERM");
  await reader.cancel();
  await server.status;
  return { ms, megabytes };
}

/** Nanoseconds of a key check, the key each time in a string of its own, as a request brings it. */
async function measureKeyChecks(store: UserStore): Promise<{ first: number; again: number }> {
  const accounts = await openAccounts(store, { scrypt: { ln: 1, r: 1, p: 1 } });
  const keys: Uint8Array[] = [];
  for (let i = 0; i < 1000; i++) {
    await accounts.register(`holder ${i}`, "x", HERE);
    const login = await accounts.login(`holder ${i}`, "x", { address: "127.0.0.1" });
    const raised = login.result === "in"
      ? await accounts.raisePrivilege(login.session.value)
      : null;
    if (raised && "key" in raised) keys.push(new TextEncoder().encode(raised.key.value));
  }
  const fresh = await openAccounts(store);
  const decoder = new TextDecoder();
  const round = () => {
    const strings = keys.map((key) => decoder.decode(key));
    const start = performance.now();
    for (const key of strings) if (fresh.verifyKey(key) === null) throw new Error("not a key");
    return (performance.now() - start) * 1e6 / keys.length;
  };
  const first = round();
  return { first, again: median(Array.from({ length: 200 }, round)) };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

console.log(
  "users.json: a registration, hashing aside, synced to disk; its rewrite after quiet; the start",
);
console.log(
  "   users   alone µs   64 together µs   rewrite ms   longest pause ms   start ms   RSS MB",
);
for (const size of SIZES) {
  const directory = await makeDirectory(size);
  const start = await measureStart(directory);
  const store = await openStore(directory);
  const { alone, shared } = await measureRegistrations(store);
  const rewrite = await measureRewrite(store, join(directory, "users.json"));
  await store.close();
  const numbers = [alone, shared, rewrite.took, rewrite.gap, start.ms, start.megabytes];
  const [a, b, c, d, e, f] = numbers.map((value) => value.toFixed(value < 100 ? 1 : 0));
  console.log(
    `${`${size}`.padStart(8)} ${a.padStart(10)} ${b.padStart(16)} ${c.padStart(12)} ${
      d.padStart(18)
    } ` +
      `${e.padStart(10)} ${f.padStart(8)}`,
  );
  await Deno.remove(directory, { recursive: true });
}
const directory = await makeDirectory(0);
const store = await openStore(directory);
const { first, again } = await measureKeyChecks(store);
console.log(`key check: ${first.toFixed(0)} ns the first time, ${again.toFixed(0)} ns afterwards`);
await store.close();
await Deno.remove(directory, { recursive: true });
