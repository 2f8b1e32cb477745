/**
 * The same work on `Deno.serve`: the same accounts, the same key check, the same log; the picture
 * from memory. `Deno.serve` drops the content of a HEAD, so there it reads the cookie only.
 *
 *     deno run -A bench/support/contenders/deno_serve.ts <data directory> <picture>
 */
import { join } from "@std/path";
import { openAccounts, openStore } from "../../../lib/accounts/mod.ts";
import { EventLog } from "../../../lib/server/log/event_log.ts";
import { LogFile } from "../../../lib/server/log/log_file.ts";

const HERE = { address: "192.0.2.1" };

const [directory, picture] = Deno.args;
const accounts = await openAccounts(await openStore(directory));
const log = new EventLog({ file: new LogFile(join(directory, "server_log.txt")) });
const content = await Deno.readFile(picture);

await accounts.register("alice", "password", HERE);
const login = await accounts.login("alice", "password", { address: "127.0.0.1" });
const raised = await accounts.raisePrivilege(login.result === "in" ? login.session.value : null);
const key = raised.result === "raised" || raised.result === "already" ? raised.key.value : "";

const COOKIE = /(?:^|;) *key=([^;]*)/;

async function respond(request: Request): Promise<{ status: number; body: BodyInit | null }> {
  const cookie = COOKIE.exec(request.headers.get("cookie") ?? "");
  const text = request.method === "HEAD" ? "" : await request.text();
  const username = text === "" ? undefined : JSON.parse(text).username;
  const holder = await accounts.verifyKey(cookie?.[1] ?? null, username);
  if (holder === null) return { status: 401, body: null };
  return { status: 200, body: request.method === "HEAD" ? null : content };
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port, key })),
}, async (request, { remoteAddr }) => {
  const begun = performance.now();
  const { status, body } = await respond(request);
  const path = request.url.slice(request.url.indexOf("/", 8));
  const milliseconds = performance.now() - begun;
  log.write(
    `${remoteAddr.hostname} ${request.method} ${path} ${status} ` +
      `${body === null ? 0 : content.length} bytes ${milliseconds.toFixed(2)} ms`,
  );
  return new Response(body, { status, headers: { "content-type": "image/jpeg" } });
});
