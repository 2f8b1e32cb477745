/**
 * Key checks and logins per second of one server and of two on one PostgreSQL, HTTP aside. Each
 * server is a process of its own. Run by itself or from `bench/main.ts`; needs Debian's
 * `postgresql`, takes about 20 s.
 */
import { type AccountsOptions, openAccounts, openStore } from "../../lib/accounts/mod.ts";
import { findPostgres, startCluster } from "../../tests/accounts/support/postgres_cluster.ts";

const HERE = { address: "192.0.2.1" };

const SECONDS = 2;
const USERS = 20;
const TOGETHER = 16;
const CHEAP = { ln: 1, r: 1, p: 1 };

/** What is measured: the options of the accounts, and one operation for the `i`th user. */
const MEASURED: Record<string, { options: AccountsOptions; login: boolean }> = {
  "key checks, remembered for 1.5 s": { options: { scrypt: CHEAP }, login: false },
  "key checks, each read from the database": {
    options: { scrypt: CHEAP, keyCheckMaxAgeMs: 0 },
    login: false,
  },
  "logins, hashing aside": { options: { scrypt: CHEAP }, login: true },
  "logins": { options: {}, login: true },
};

/**
 * One server: waits for a line on stdin, works for some seconds, prints how many operations it did.
 */
async function serve(url: string, what: string): Promise<void> {
  const { options, login } = MEASURED[what];
  const store = await openStore(url);
  const accounts = await openAccounts(store, options);
  const keys: string[] = [];
  for (let i = 0; i < USERS && !login; i++) {
    const entered = await accounts.login(`user ${i}`, "x", { address: "127.0.0.1" });
    const raised = entered.result === "in"
      ? await accounts.raisePrivilege(entered.session.value)
      : null;
    if (raised && "key" in raised) keys.push(raised.key.value);
  }
  console.log("ready");
  await Deno.stdin.read(new Uint8Array(1));
  const end = performance.now() + SECONDS * 1000;
  let done = 0;
  await Promise.all(Array.from({ length: TOGETHER }, async (_, worker) => {
    for (let i = worker; performance.now() < end; i++) {
      if (login) {
        const { result } = await accounts.login(`user ${i % USERS}`, "x", { address: "127.0.0.1" });
        if (result !== "in") throw new Error(result);
      } else {
        const holder = accounts.verifyKey(keys[i % USERS]);
        if ((holder instanceof Promise ? await holder : holder) === null) throw new Error("no key");
        // A request would come from a socket: let the event loop turn now and then.
        if (i % 64 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
      done++;
    }
  }));
  console.log(done / SECONDS);
  Deno.exit();
}

/** Operations per second of so many servers together. */
async function measure(url: string, what: string, servers: number): Promise<number> {
  const processes = Array.from({ length: servers }, () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", import.meta.filename!, url, what],
      stdin: "piped",
      stdout: "piped",
    }).spawn());
  const outputs = processes.map(({ stdout }) =>
    stdout.pipeThrough(new TextDecoderStream()).getReader()
  );
  for (const output of outputs) await output.read();
  for (const { stdin } of processes) await stdin.getWriter().write(new Uint8Array([10]));
  let sum = 0;
  for (const output of outputs) {
    let text = "";
    for (let part; !(part = await output.read()).done;) text += part.value;
    sum += Number(text);
  }
  return sum;
}

if (Deno.args.length === 2) await serve(Deno.args[0], Deno.args[1]);

const programs = findPostgres();
if (programs === null) {
  console.log(
    "PostgreSQL is not installed (apt-get install postgresql): its measurements are skipped",
  );
  Deno.exit();
}
const cluster = await startCluster(programs);
console.log(
  `PostgreSQL, servers on the same ${navigator.hardwareConcurrency} cores, operations per second`,
);
console.log("                                            1 server   2 servers");
for (const what of Object.keys(MEASURED)) {
  const url = await cluster.database();
  const store = await openStore(url);
  const accounts = await openAccounts(store, { scrypt: MEASURED[what].options.scrypt });
  for (let i = 0; i < USERS; i++) await accounts.register(`user ${i}`, "x", HERE);
  await store.close();
  const rates = [await measure(url, what, 1), await measure(url, what, 2)];
  const [one, two] = rates.map((rate) => rate.toFixed(rate < 100 ? 1 : 0).padStart(11));
  console.log(what.padEnd(42) + one + two);
}
cluster.remove();
