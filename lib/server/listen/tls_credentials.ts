/** The server's certificate and private key, and what happens when their files change. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { duplexPair } from "node:stream";
import { connect, createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { StartError, systemReason } from "../failure.ts";

/** The files of a certificate chain and its private key, both PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What the files hold. */
interface Pem {
  readonly cert: string;
  readonly key: string;
}

/** How often the files are read again, milliseconds. */
const RELOAD_MS = 30_000;

/** A certificate with its key, which a change of the files replaces. */
export class TlsCredentials {
  readonly #files: TlsFiles;
  #pem: Pem;
  #context: SecureContext;
  #reloading: Promise<void> | null = null;
  /** The last failure that was reported, so that it is reported once. */
  #reported: string | null = null;

  private constructor(files: TlsFiles, pem: Pem, context: SecureContext) {
    this.#files = files;
    this.#pem = pem;
    this.#context = context;
  }

  /**
   * Reads the files and proves by a handshake that they serve.
   *
   * @throws {StartError} if a file cannot be read or used
   */
  static async load(files: TlsFiles): Promise<TlsCredentials> {
    const pem = await readFiles(files);
    return new TlsCredentials(files, pem, await makeContext(pem));
  }

  /** What a connection that begins now is served with. */
  get context(): SecureContext {
    return this.#context;
  }

  /**
   * Reads the files again and takes them up if they have changed. If they cannot be used, the ones
   * before stay. Never rejects.
   *
   * @param report gets a line for the log when something has happened
   */
  reload(report: (line: string) => void): Promise<void> {
    return this.#reloading ??= this.#reload(report).finally(() => this.#reloading = null);
  }

  /**
   * Looks at the files from time to time, until it is disposed of.
   *
   * @param report as `reload`
   * @param everyMs how often, milliseconds
   */
  watch(report: (line: string) => void, everyMs = RELOAD_MS): Disposable {
    const timer = setInterval(() => this.reload(report), everyMs);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  async #reload(report: (line: string) => void): Promise<void> {
    try {
      const pem = await readFiles(this.#files);
      if (pem.cert !== this.#pem.cert || pem.key !== this.#pem.key) {
        this.#context = await makeContext(pem);
        this.#pem = pem;
        const { validTo } = new X509Certificate(pem.cert);
        report(`TLS: the new certificate is in use; it is valid until ${validTo}`);
      }
      this.#reported = null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason === this.#reported) return;
      this.#reported = reason;
      report(`error: ${reason} The certificate before stays in use.`);
    }
  }
}

async function readFiles({ certFile, keyFile }: TlsFiles): Promise<Pem> {
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)]);
  return { cert, key };
}

async function readPem(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new StartError(`The TLS file ${path} cannot be read: ${systemReason(error)}.`);
  }
}

/** @throws {StartError} if they cannot be used */
async function makeContext(pem: Pem): Promise<SecureContext> {
  const fault = faultOf(pem);
  if (fault !== null) throw unusable(fault);
  try {
    const context = createSecureContext(pem);
    await tryHandshake(context);
    return context;
  } catch (error) {
    throw unusable(systemReason(error));
  }
}

function unusable(reason: string): StartError {
  return new StartError(
    `The certificate and key of --tls-cert and --tls-key cannot be used: ${reason}.`,
  );
}

/** What is wrong with the files, in the operator's words, or null. */
function faultOf({ cert, key }: Pem): string | null {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return "the first file holds no certificate in PEM";
  }
  try {
    if (certificate.checkPrivateKey(createPrivateKey(key))) return null;
  } catch {
    return "the second file holds no private key in PEM, or one with a passphrase";
  }
  return "the key is not the certificate's";
}

/** Shakes hands with itself, in memory. @throws what the TLS implementation objects to */
async function tryHandshake(context: SecureContext): Promise<void> {
  const [near, far] = duplexPair();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = new TLSSocket(near, { isServer: true, secureContext: context });
  const client = connect({ socket: far, rejectUnauthorized: false }, resolve);
  server.on("error", reject);
  client.on("error", reject);
  try {
    await promise;
  } finally {
    client.destroy();
    server.destroy();
  }
}
