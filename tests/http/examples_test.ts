/** The examples of lib/http run as they are, each as a program of its own. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import { hasOpenssl, makeCertificate } from "../server/support/certificate.ts";

const EXAMPLES = new URL("../../lib/http/examples/", import.meta.url);

function command(name: string, args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL(name, EXAMPLES).href, ...args],
    stdout: "piped",
    stderr: "inherit",
  });
}

/** Starts an example that serves; its first line is its URL. */
async function start(name: string, ...args: string[]) {
  const child = command(name, args).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const { value: url } = await lines.read();
  assert(url !== undefined, `${name} ended before it listened`);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      while (!(await lines.read()).done);
    },
  };
}

/** Sends a request; resolves with the status and the content. */
async function ask(url: string, init: RequestInit & { client?: Deno.HttpClient } = {}) {
  const response = await fetch(url, init);
  return { status: response.status, fields: response.headers, text: await response.text() };
}

Deno.test("every example is shorter than 30 lines and is run by a test here", async () => {
  const own = await Deno.readTextFile(new URL(import.meta.url));
  for await (const { name } of Deno.readDir(EXAMPLES)) {
    const lines = (await Deno.readTextFile(new URL(name, EXAMPLES))).trimEnd().split("\n");
    assert(lines.length < 30, `${name} has ${lines.length} lines`);
    assertStringIncludes(own, `("${name}"`);
  }
});

Deno.test("example server.ts responds with the method, the path and the peer", async () => {
  await using server = await start("server.ts", "0");
  const { status, text } = await ask(`${server.url}a/b`);
  assertEquals(status, 200);
  assertMatch(text, / sent GET \/a\/b\n$/);
});

Deno.test("example client.ts prints head and content of a response", async () => {
  await using server = await start("server.ts", "0");
  const { success, stdout } = await command("client.ts", [`${server.url}path?query`]).output();
  assert(success);
  const text = new TextDecoder().decode(stdout);
  assertMatch(text, /^200 OK\nDate: /);
  assertStringIncludes(text, " sent GET /path\n");
});

Deno.test("example router.ts routes by path and method", async () => {
  await using server = await start("router.ts", "0");
  assertEquals((await ask(`${server.url}hello?name=Ada`)).text, "Hello Ada\n");
  assertEquals((await ask(`${server.url}echo`, { method: "POST", body: "back" })).text, "back");
  assertEquals((await ask(`${server.url}nowhere`)).status, 404);
  const refused = await ask(`${server.url}echo`);
  assertEquals([refused.status, refused.fields.get("allow")], [405, "POST"]);
  assertEquals((await ask(`${server.url}hello`, { method: "HEAD" })).status, 200);
});

Deno.test("example file.ts streams a file, a range of it, or nothing if it is unchanged", async () => {
  const path = await Deno.makeTempFile();
  try {
    const content = "0123456789".repeat(50_000);
    await Deno.writeTextFile(path, content);
    await using server = await start("file.ts", path, "0");
    const whole = await ask(server.url);
    assertEquals([whole.status, whole.text === content], [200, true]);
    const part = await ask(server.url, { headers: { range: "bytes=3-7" } });
    assertEquals([part.status, part.text], [206, "34567"]);
    assertEquals(part.fields.get("content-range"), "bytes 3-7/500000");
    const beyond = await ask(server.url, { headers: { range: "bytes=500000-" } });
    assertEquals([beyond.status, beyond.fields.get("content-range")], [416, "bytes */500000"]);
    const etag = whole.fields.get("etag")!;
    const unchanged = await ask(server.url, { headers: { "if-none-match": etag } });
    assertEquals([unchanged.status, unchanged.text], [304, ""]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({
  name: "example https.ts serves over TLS",
  ignore: !hasOpenssl,
  async fn() {
    const directory = await Deno.makeTempDir();
    try {
      const { certFile, keyFile, pem } = await makeCertificate(directory, "example");
      await using server = await start("https.ts", certFile, keyFile, "0");
      using client = Deno.createHttpClient({ caCerts: [pem] });
      const { status, text } = await ask(server.url, { client });
      assertEquals([status, text], [200, "This came over TLS\n"]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
