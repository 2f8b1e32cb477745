/** Certificates for tests, made by OpenSSL. */
import { assert } from "@std/assert";
import { join } from "@std/path";

/** Whether there is an OpenSSL to make certificates with; without one the TLS tests are skipped. */
export const hasOpenssl = await new Deno.Command("openssl", { args: ["version"] }).output()
  .then(({ success }) => success, () => false);

/** Makes a key and a certificate of its own for localhost; returns their paths and the PEM. */
export async function makeCertificate(directory: string, name: string) {
  const [certFile, keyFile] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  const line = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 ` +
    `-subj /CN=localhost -addext basicConstraints=critical,CA:FALSE ` +
    `-addext subjectAltName=DNS:localhost,IP:127.0.0.1`;
  const args = [...line.split(" "), "-out", certFile, "-keyout", keyFile];
  const { success } = await new Deno.Command("openssl", { args, stderr: "null" }).output();
  assert(success);
  return { certFile, keyFile, pem: await Deno.readTextFile(certFile) };
}
