/**
 * Loads the certificate and private key of the server, and reloads them when their files change.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { duplexPair } from "node:stream";
import { connect, createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { StartError, systemReason } from "../failure.ts";

/** The files of a certificate chain and its private key, both PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** The contents of the files. */
interface Pem {
  readonly cert: string;
  readonly key: string;
}

/** How often the files are checked for changes, milliseconds. */
const RELOAD_MS = 30_000;

/** A certificate and its key, replaced when the files change. */
export class TlsCredentials {
  readonly #files: TlsFiles;
  #pem: Pem;
  #context: SecureContext;
  #reloading: Promise<void> | null = null;
  /** The last reported failure, so that each is reported once. */
  #reported: string | null = null;

  private constructor(files: TlsFiles, pem: Pem, context: SecureContext) {
    this.#files = files;
    this.#pem = pem;
    this.#context = context;
  }

  /**
   * Reads the files and verifies with a TLS handshake that they can be used.
   *
   * @throws {StartError} if a file cannot be read or used
   */
  static async load(files: TlsFiles): Promise<TlsCredentials> {
    const pem = await readFiles(files);
    return new TlsCredentials(files, pem, await makeContext(pem));
  }

  /** The credentials for new connections. */
  get context(): SecureContext {
    return this.#context;
  }

  /**
   * Reads the files again and uses them if they have changed. If they cannot be used, the previous
   * credentials stay. Never rejects.
   *
   * @param report receives a line for the log when credentials change or fail
   */
  reload(report: (line: string) => void): Promise<void> {
    return this.#reloading ??= this.#reload(report).finally(() => this.#reloading = null);
  }

  /**
   * Reloads the files regularly until the returned object is disposed.
   *
   * @param report as for `reload`
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
      report(`error: ${reason} The previous certificate stays in use.`);
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

/** Returns what is wrong with the files, in plain words, or null. */
function faultOf({ cert, key }: Pem): string | null {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return "the first file does not contain a certificate in PEM format";
  }
  try {
    if (certificate.checkPrivateKey(createPrivateKey(key))) return null;
  } catch {
    return "the second file does not contain a private key in PEM format without a passphrase";
  }
  return "the key does not belong to the certificate";
}

/** Performs a TLS handshake with itself, in memory. @throws the error of the TLS implementation */
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
