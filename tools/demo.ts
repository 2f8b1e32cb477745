/**
 * The product in one command: a server on a free port in a temporary directory, the client's whole
 * flow with each HTTP exchange named as it happens, the list, the pictures. Everything is cleaned
 * up at the end.
 *
 *     deno run -A tools/demo.ts
 */
import { fromFileUrl, join } from "@std/path";
import { TextLineStream } from "@std/streams/text-line-stream";

const root = fromFileUrl(new URL("../", import.meta.url));
const styled = Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR");
const bold = (text: string) => styled ? `\x1b[1m${text}\x1b[0m` : text;
const dim = (text: string) => styled ? `\x1b[2m${text}\x1b[0m` : text;

/** The lines of what a program prints. */
const lines = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) =>
  stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());

const home = await Deno.makeTempDir({ prefix: "socketprogram-demo-" });
/** Deno, running one of the two programs. */
const program = (name: "server" | "client") => ["run", "-A", "--quiet", join(root, `${name}.ts`)];

/** Puts the sample pictures where the server looks for them. */
async function copySamples(): Promise<void> {
  const [from, to] = [join(root, "images"), join(home, "images")];
  await Deno.mkdir(join(to, "coast"), { recursive: true });
  await Deno.copyFile(join(from, "image.jpg"), join(to, "image.jpg"));
  for await (const { name } of Deno.readDir(join(from, "coast"))) {
    await Deno.copyFile(join(from, "coast", name), join(to, "coast", name));
  }
}

/** How this program was started: through npx, which leaves no `deno` on the PATH, or not. */
const DENO = Deno.env.get("npm_lifecycle_event") === "npx" ? "npx -y deno" : "deno";

/** Starts the server; resolves with its process and port once it accepts connections. */
async function startServer(): Promise<{ process: Deno.ChildProcess; port: string }> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...program("server"), "0", "--host", "127.0.0.1", "--data", home],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const { promise: port, resolve, reject } = Promise.withResolvers<string>();
  (async () => {
    for await (const line of lines(process.stdout)) {
      const started = line.match(/^Server started at (\d+)$/);
      if (started) resolve(started[1]);
    }
    reject(new Error("the server did not start"));
  })();
  return { process, port: await port };
}

/** Runs one client command: names each request and response, lets the picture through. */
async function client(title: string, port: string, words: string[], input = ""): Promise<void> {
  console.log(`\n${bold(title)}\n${dim(`$ client 127.0.0.1 ${port} ${words.join(" ")}`)}`);
  const process = new Deno.Command(Deno.execPath(), {
    args: [...program("client"), "127.0.0.1", port, ...words, "--data", home, "--debug"],
    stdin: "piped",
    stdout: "inherit",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const complaints: string[] = [];
  for await (const line of lines(process.stderr)) {
    // deno-lint-ignore no-control-regex
    const text = line.replace(/\x1b\[[0-9;]*m/g, "");
    const request = text.match(/[A-Z]+ \S+ HTTP\/1\.1/);
    const response = text.match(/HTTP\/1\.1 \d{3}.*/);
    if (request) console.log(`  ${dim("→")} ${request[0].replace(" HTTP/1.1", "")}`);
    else if (response) console.log(`  ${dim("←")} ${response[0].replace("HTTP/1.1 ", "")}`);
    else complaints.push(line);
  }
  const { code } = await process.status;
  if (code !== 0) throw new Error(`the client failed:\n${complaints.join("\n")}`);
}

/** The whole flow. */
async function walk(port: string): Promise<void> {
  await client("Register", port, ["register", "alice", "--password-stdin"], "secret\n");
  await client("Log in", port, ["login", "alice", "--password-stdin"], "secret\n");
  await client("Raise the privilege: a key, valid for one hour", port, ["privilege"]);
  await client("See which pictures there are", port, ["list"]);
  await client("Look at a picture", port, ["image", "image.jpg"]);
  await client("Look again: the picture now comes from web_cash/", port, ["image", "image.jpg"]);
  await client("List a folder", port, ["list", "coast"]);
  const small = ["--width", "36", "--height", "9"];
  await client("Its pictures, small", port, ["image", "coast/*.jpg", ...small]);
}

let server: Deno.ChildProcess | undefined;
try {
  await copySamples();
  console.log(bold("SocketProgram: a photo server and its terminal client"));
  const started = await startServer();
  server = started.process;
  console.log(`The server listens on port ${started.port}; its files are in ${home}`);
  await walk(started.port);
  console.log(`\n${bold("Done.")} Now by hand, here:\n`);
  console.log(`  ${DENO} task server 8080\n`);
  console.log("then open http://localhost:8080/ or, in another terminal:\n");
  console.log(`  ${DENO} task client localhost 8080`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
} finally {
  if (server) {
    server.kill("SIGTERM");
    await server.status;
  }
  await Deno.remove(home, { recursive: true });
}
