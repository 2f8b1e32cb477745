/**
 * The product behind the proxies that people put in front of servers, as packaging/ configures them
 * or else as their own manuals do; those that are not installed are left out.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { hasOpenssl, makeCertificate } from "../server/support/certificate.ts";
import { admitVisitors, keepCookies } from "../support/visitors.ts";
import { hasTls, runClient, startServer, temporaryDirectory } from "./support/programs.ts";

/** Where a proxy listens, and which server it passes requests on to. */
interface Ports {
  readonly own: number;
  readonly server: number;
}

/** A proxy: its program, its configuration file, and the arguments that make it run in front. */
interface Proxy {
  readonly program: string;
  readonly file: string;
  /** The file of packaging/ that is tried, if one is. */
  readonly packaged?: string;
  /** Whether it has a certificate, `localhost.pem` and `localhost.key` in its directory. */
  readonly tls?: boolean;
  configuration(ports: Ports, directory: string): string;
  args(ports: Ports, directory: string): string[];
}

/** Reads a file of packaging/ and replaces what a test cannot have, all of which must be there. */
function packaged(file: string, replacements: readonly (readonly [string, string])[]): string {
  let text = Deno.readTextFileSync(new URL(`../../packaging/${file}`, import.meta.url));
  for (const [from, to] of replacements) {
    assert(text.includes(from), `packaging/${file} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** The main configuration of nginx around what goes into its conf.d. */
const nginxMain = (site: string, directory: string) => `
daemon off; worker_processes 1; pid ${directory}/pid; error_log ${directory}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
  ${site}
}`;

const nginxArgs = (_: Ports, directory: string) => [
  ...["-c", `${directory}/nginx.conf`, "-e", `${directory}/error.log`],
];

const PROXIES: readonly Proxy[] = [
  {
    program: "nginx",
    file: "nginx.conf",
    configuration: ({ own, server }, directory) =>
      nginxMain(
        `
        server {
          listen 127.0.0.1:${own};
          location / {
            proxy_pass http://127.0.0.1:${server};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          }
        }`,
        directory,
      ),
    args: nginxArgs,
  },
  {
    program: "nginx",
    file: "nginx.conf",
    packaged: "proxy/nginx.conf",
    tls: true,
    configuration: ({ own, server }, directory) =>
      nginxMain(
        packaged("proxy/nginx.conf", [
          ["127.0.0.1:8080", `127.0.0.1:${server}`],
          ["listen 443 ssl;", `listen 127.0.0.1:${own} ssl;`],
          ["listen [::]:443 ssl;", ""],
          ["/etc/ssl/photos.example/fullchain.pem", `${directory}/localhost.pem`],
          ["/etc/ssl/photos.example/privkey.pem", `${directory}/localhost.key`],
        ]),
        directory,
      ),
    args: nginxArgs,
  },
  {
    program: "nginx",
    file: "nginx.conf",
    packaged: "container/nginx.conf",
    configuration: ({ own, server }, directory) =>
      nginxMain(
        packaged("container/nginx.conf", [
          ...["server1", "server2", "server3"].map((name) =>
            [`${name}:8080`, `127.0.0.1:${server}`] as const
          ),
          ["listen 80;", `listen 127.0.0.1:${own};`],
        ]),
        directory,
      ),
    args: nginxArgs,
  },
  {
    program: "haproxy",
    file: "haproxy.cfg",
    configuration: ({ own, server }) => `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen photos
  bind 127.0.0.1:${own}
  option forwardfor
  server photos 127.0.0.1:${server}
`,
    args: (_, directory) => ["-db", "-f", `${directory}/haproxy.cfg`],
  },
  {
    program: "varnishd",
    file: "photos.vcl",
    configuration: ({ server }) =>
      `vcl 4.1; backend default { .host = "127.0.0.1"; .port = "${server}"; }`,
    args: ({ own }, directory) => [
      ...["-F", "-j", "none", "-a", `127.0.0.1:${own}`, "-s", "malloc,16m"],
      ...["-n", `${directory}/varnish`, "-f", `${directory}/photos.vcl`],
    ],
  },
  {
    program: "caddy",
    file: "Caddyfile",
    packaged: "proxy/Caddyfile",
    tls: true,
    // The certificate is from files: there is no authority to obtain one from.
    configuration: ({ own, server }, directory) =>
      "{\n\tadmin off\n\tauto_https off\n}\n" +
      packaged("proxy/Caddyfile", [
        [
          "photos.example {",
          `https://127.0.0.1:${own} {\n\ttls ${directory}/localhost.pem ${directory}/localhost.key`,
        ],
        ["127.0.0.1:8080", `127.0.0.1:${server}`],
      ]),
    args: (_, directory) => ["run", "--adapter", "caddyfile", "--config", `${directory}/Caddyfile`],
  },
];

function isInstalled(program: string): boolean {
  for (const directory of ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"]) {
    try {
      if (Deno.statSync(join(directory, program)).isFile) return true;
    } catch {
      // Not there.
    }
  }
  return false;
}

/** Starts a proxy and waits until it accepts connections. */
async function startProxy(
  proxy: Proxy,
  server: number,
): Promise<{ port: number; certificate: string | null } & AsyncDisposable> {
  const { path } = await temporaryDirectory();
  // nginx gives up root for its worker.
  await Deno.chmod(path, 0o755);
  const certificate = proxy.tls ? (await makeCertificate(path, "localhost")).certFile : null;
  const ports = { own: freePort(), server };
  await Deno.writeTextFile(join(path, proxy.file), proxy.configuration(ports, path));
  const process = new Deno.Command(proxy.program, {
    args: proxy.args(ports, path),
    env: { HOME: path, XDG_DATA_HOME: path, XDG_CONFIG_HOME: path },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = new Response(process.stderr).text();
  let hasEnded = false;
  process.status.then(() => hasEnded = true);
  while (!await accepts(ports.own)) {
    if (hasEnded) throw new Error(`${proxy.program} did not start: ${await said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port: ports.own,
    certificate,
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
      await said;
      await Deno.remove(path, { recursive: true });
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("the client raises the privilege and gets a picture through each proxy", async (t) => {
  await using home = await temporaryDirectory();
  const picture = await Deno.readFile(new URL("../../images/image.jpg", import.meta.url));
  await Deno.mkdir(join(home.path, "images"));
  await Deno.writeFile(join(home.path, "images", "a b&c.jpg"), picture);
  const visitors = await admitVisitors(home.path, ...PROXIES.map((_, i) => `user ${i}`));
  await using server = await startServer(home.path, ["--proxy", "127.0.0.1"]);
  const tried: string[] = [];
  for (const [index, proxy] of PROXIES.entries()) {
    const visitor = visitors[index];
    await t.step({
      name: proxy.program +
        (proxy.packaged === undefined ? "" : ` with packaging/${proxy.packaged}`),
      ignore: !isInstalled(proxy.program) || (proxy.tls === true && !(hasTls && hasOpenssl)),
      async fn() {
        await using folder = await temporaryDirectory();
        await using front = await startProxy(proxy, server.port);
        const { certificate, port } = front;
        const options = certificate === null ? [] : ["--tls", "--ca", certificate];
        // The first user logs in as well; the hash of a password takes a third of a second.
        const isFirst = tried.length === 0;
        const scheme = certificate === null ? "http" : "https";
        if (!isFirst) await keepCookies(folder.path, port, visitor, scheme);
        const login = isFirst ? ["2", visitor.username, visitor.username] : [];
        const view = ["4", "a b&c.jpg"];
        const { code, stdout, stderr } = await runClient(
          folder.path,
          ["127.0.0.1", `${port}`, ...options],
          { input: [...login, "3", ...view, ...view, "99", ""].join("\n") },
        );
        assertEquals(code, 0, stdout + stderr);
        assertEquals(await Deno.readFile(join(folder.path, "web_cash", "a b&c.jpg")), picture);
        tried.push(visitor.username);
      },
    });
  }
  await server.stop();
  const log = await Deno.readTextFile(join(home.path, "server_log.txt"));
  for (const username of tried) {
    assert(log.includes(`127.0.0.1 "${username}" PUT /privilege `), log);
    // The second time the proxy, too, has nothing but the question whether the picture is the same.
    for (const end of [`200 ${picture.length} bytes`, "304 0 bytes"]) {
      assert(log.includes(`127.0.0.1 "${username}" GET /images "a b&c.jpg" ${end}`), log);
    }
  }
});
