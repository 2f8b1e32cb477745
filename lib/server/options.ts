/** The server's command line. */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import type { ServerLimits } from "../http/limits.ts";

/** What `--help` prints. */
export const USAGE = `usage: server <port> [options]
       server user list | remove NAME | passwd NAME | revoke NAME | import FILE
              [--data DIR | --users URL]

Serves until SIGINT or SIGTERM. Port 0 picks a free port and prints it.

  --host ADDR            address to listen on (default: all, IPv4 and IPv6)
  --data DIR             where users.json, log and secret are (default: .)
  --images DIR           what to serve (default: images in the data directory)
  --users URL            keep users in PostgreSQL, postgres://…, not in users.json
  --key-ttl SECONDS      lifetime of the raised privilege (default: 3600)
  --tls-cert FILE        serve HTTPS with this certificate chain (PEM) …
  --tls-key FILE         … and its private key (PEM)
  --hsts SECONDS         with TLS: browsers use HTTPS alone for so long, every port
  --proxy ADDR           trust X-Forwarded-For, -Proto and -Host from it; repeatable
  --quiet                log to the file only
  --help, --version

Limits:
  --max-connections N    open connections in all (default: 10000)
  --max-per-address N    from one address, loopback exempt (default: 256)
  --handshake-timeout S  seconds to agree on TLS (default: 10)
  --head-timeout S       seconds to receive the head of a request (default: 10)
  --body-timeout S       seconds to receive its body (default: 30)
  --idle-timeout S       seconds to keep an idle connection open (default: 60)
  --write-timeout S      seconds to wait for a peer to read (default: 30)
`;

/** The command line makes no sense: print the sentence and the usage, exit 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Where users are kept. */
export interface StoreOptions {
  readonly dataDirectory: string;
  /** The URL of the database, or null for `users.json` in the data directory. */
  readonly users: string | null;
}

/** How to serve. */
export interface ServeOptions extends StoreOptions {
  readonly command: "serve";
  /** 0–65535; 0 for any free one. */
  readonly port: number;
  /** The address to listen on, or null for all. */
  readonly host: string | null;
  readonly imagesDirectory: string;
  readonly keyTtlSeconds: number;
  readonly quiet: boolean;
  /** Addresses of proxies that are believed about their clients. */
  readonly proxies: readonly string[];
  /** How long browsers are told to use TLS alone, seconds; null for not told. */
  readonly hstsSeconds: number | null;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** The limits that are not to have their default. */
  readonly limits: Partial<ServerLimits>;
}

/** `server user …`: the administrator's commands. */
export interface UserOptions extends StoreOptions {
  readonly command: "user";
  /** What follows `user`, e.g. `["remove", "alice"]`. */
  readonly words: readonly string[];
}

/** What the command line asks for. */
export type ServerOptions =
  | ServeOptions
  | UserOptions
  | { readonly command: "help" }
  | { readonly command: "version" };

const TEXT_OPTIONS = ["host", "data", "images", "users", "key-ttl", "tls-cert", "tls-key", "hsts"];

/** Options that set a limit of the HTTP engine: its name there, the unit, the largest value. */
const LIMIT_OPTIONS: Readonly<Record<string, [keyof ServerLimits, unit: number, largest: number]>> =
  {
    "max-connections": ["connections", 1, 1_000_000],
    "max-per-address": ["connectionsPerAddress", 1, 1_000_000],
    "handshake-timeout": ["handshakeTimeoutMs", 1000, 3600],
    "head-timeout": ["headTimeoutMs", 1000, 3600],
    "body-timeout": ["bodyTimeoutMs", 1000, 3600],
    "idle-timeout": ["idleTimeoutMs", 1000, 24 * 3600],
    "write-timeout": ["writeStallMs", 1000, 3600],
  };

/** Ten years, the longest that a key lives or browsers are bound to TLS, seconds. */
const LONGEST_TIME = 10 * 365 * 24 * 3600;

/**
 * Reads the command line.
 *
 * @param args the arguments, without the program's name
 * @throws UsageError with a sentence
 */
export function parseOptions(args: readonly string[]): ServerOptions {
  const parsed = parseArgs(args, {
    string: [...TEXT_OPTIONS, ...Object.keys(LIMIT_OPTIONS), "proxy", "_"],
    collect: ["proxy"],
    boolean: ["quiet", "help", "version"],
    alias: { h: "help" },
    unknown(argument, key) {
      if (key !== undefined) throw new UsageError(`There is no option ${argument}.`);
    },
  });
  if (parsed.help === true) return { command: "help" };
  if (parsed.version === true) return { command: "version" };

  const text = (name: string): string | null => textOption(parsed[name], name);
  const words = parsed._.map(String);
  const dataDirectory = text("data") ?? ".";
  const store: StoreOptions = { dataDirectory, users: usersOption(text("users")) };
  if (words[0] === "user") return { ...store, command: "user", words: words.slice(1) };
  if (words.length > 1) throw new UsageError(`"${words[1]}" is one argument too many.`);
  const proxies = proxyOptions(parsed.proxy);
  const tls = tlsOptions(text("tls-cert"), text("tls-key"));
  return {
    ...store,
    command: "serve",
    port: portArgument(words[0]),
    host: text("host"),
    imagesDirectory: text("images") ?? join(dataDirectory, "images"),
    keyTtlSeconds: wholeNumber(text("key-ttl"), "key-ttl", LONGEST_TIME) ?? 3600,
    quiet: parsed.quiet === true,
    proxies,
    tls,
    hstsSeconds: hstsOption(text("hsts"), tls !== null || proxies.length > 0),
    limits: limitOptions(text),
  };
}

function textOption(value: unknown, name: string): string | null {
  if (value === undefined) return null;
  if (value === "") throw new UsageError(`--${name} needs a value.`);
  return String(value);
}

function wholeNumber(
  value: string | null,
  name: string,
  largest: number,
  smallest = 1,
): number | undefined {
  if (value === null) return undefined;
  const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
  if (number < smallest || number > largest) {
    throw new UsageError(`--${name} must be a whole number from ${smallest} to ${largest}.`);
  }
  return number;
}

function limitOptions(text: (name: string) => string | null): Partial<ServerLimits> {
  const limits: Partial<ServerLimits> = {};
  for (const [name, [limit, unit, largest]] of Object.entries(LIMIT_OPTIONS)) {
    const value = wholeNumber(text(name), name, largest);
    if (value !== undefined) limits[limit] = value * unit;
  }
  return limits;
}

function portArgument(word: string | undefined): number {
  if (word === undefined) throw new UsageError("The port is missing.");
  const port = /^\d{1,5}$/.test(word) ? Number(word) : -1;
  if (port < 0 || port > 65535) {
    throw new UsageError(`The port must be a number from 0 to 65535, not "${word}".`);
  }
  return port;
}

function usersOption(url: string | null): string | null {
  if (url !== null && !/^postgres(?:ql)?:\/\//.test(url)) {
    // Not quoted: it may hold a password.
    throw new UsageError("--users must be a URL that begins with postgres://.");
  }
  return url;
}

function proxyOptions(values: unknown): string[] {
  const proxies = Array.isArray(values) ? values.map(String) : [];
  for (const address of proxies) {
    if (!/^[0-9a-f.:]+$/.test(address)) {
      throw new UsageError("--proxy must be an IP address, written as the log writes it.");
    }
  }
  return proxies;
}

/** 0 takes back what browsers were told before (RFC 6797 §6.1.1). */
function hstsOption(value: string | null, hasTls: boolean): number | null {
  const seconds = wholeNumber(value, "hsts", LONGEST_TIME, 0);
  if (seconds === undefined) return null;
  if (!hasTls) {
    throw new UsageError("--hsts needs --tls-cert and --tls-key, or a --proxy with TLS.");
  }
  return seconds;
}

function tlsOptions(certFile: string | null, keyFile: string | null): ServeOptions["tls"] {
  if (certFile === null && keyFile === null) return null;
  if (certFile === null || keyFile === null) {
    throw new UsageError("--tls-cert and --tls-key belong together.");
  }
  return { certFile, keyFile };
}
