/** The certificate and its key: what is taken up when the files change, and what is not. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { TlsCredentials } from "../../../lib/server/listen/tls_credentials.ts";
import { temporaryDirectory } from "../../e2e/support/programs.ts";
import { hasOpenssl, makeCertificate } from "../support/certificate.ts";

const test = (name: string, fn: (directory: string) => Promise<void>) =>
  Deno.test({
    name,
    ignore: !hasOpenssl,
    async fn() {
      await using home = await temporaryDirectory();
      await fn(home.path);
    },
  });

test("files that have not changed change nothing", async (directory) => {
  const credentials = await TlsCredentials.load(await makeCertificate(directory, "own"));
  const { context } = credentials;
  const lines: string[] = [];
  await credentials.reload((line) => lines.push(line));
  assertEquals(lines, []);
  assertEquals(credentials.context, context);
});

test("changed files are loaded once both have changed", async (directory) => {
  const files = await makeCertificate(directory, "own");
  const other = await makeCertificate(directory, "other");
  const credentials = await TlsCredentials.load(files);
  const { context } = credentials;
  const lines: string[] = [];
  const report = (line: string) => lines.push(line);

  await Deno.copyFile(other.certFile, files.certFile);
  await credentials.reload(report);
  await credentials.reload(report);
  assertEquals(credentials.context, context);
  assertEquals(lines.length, 1, "the same failure is reported once");
  assertMatch(
    lines[0],
    /the key does not belong to the certificate\. The previous certificate stays in use\.$/,
  );

  await Deno.copyFile(other.keyFile, files.keyFile);
  await credentials.reload(report);
  assertNotEquals(credentials.context, context);
  assertMatch(lines[1], /^TLS: the new certificate is in use; it is valid until .*\d{4}/);
});

test("if the files are missing or damaged, the old ones stay in use", async (directory) => {
  const files = await makeCertificate(directory, "own");
  const cert = await Deno.readTextFile(files.certFile);
  const credentials = await TlsCredentials.load(files);
  const { context } = credentials;
  const lines: string[] = [];
  const report = (line: string) => lines.push(line);
  await Deno.remove(files.certFile);
  await credentials.reload(report);
  await Deno.writeTextFile(files.certFile, cert.slice(0, 200));
  await credentials.reload(report);
  await Deno.writeTextFile(files.certFile, cert);
  await credentials.reload(report);
  assertEquals(credentials.context, context);
  assertEquals(lines.length, 2);
  assertMatch(lines[0], /cannot be read: No such file or directory\./);
  assertMatch(lines[1], /the first file does not contain a certificate in PEM format\./);
});

test("the files are checked periodically", async (directory) => {
  const files = await makeCertificate(directory, "own");
  const credentials = await TlsCredentials.load(files);
  const { context } = credentials;
  const reported = Promise.withResolvers<string>();
  using _watch = credentials.watch(reported.resolve, 20);
  const fresh = await makeCertificate(directory, "fresh");
  await Deno.rename(fresh.keyFile, files.keyFile);
  await Deno.rename(fresh.certFile, files.certFile);
  // Between the two, the key may have been seen without its certificate.
  const line = await reported.promise;
  if (line.startsWith("error: ")) {
    while (credentials.context === context) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert(credentials.context !== context);
});

test("a file behind a link is loaded anew when the link changes", async (directory) => {
  const [one, two] = [join(directory, "1"), join(directory, "2")];
  await Deno.mkdir(one);
  await Deno.mkdir(two);
  await makeCertificate(one, "tls");
  await makeCertificate(two, "tls");
  const link = join(directory, "current");
  await Deno.symlink(one, link);
  const files = { certFile: join(link, "tls.pem"), keyFile: join(link, "tls.key") };
  const credentials = await TlsCredentials.load(files);
  const { context } = credentials;
  await Deno.remove(link);
  await Deno.symlink(two, link);
  await credentials.reload(() => {});
  assertNotEquals(credentials.context, context);
});
