/** The server's command line. */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { ADMIN_HELP } from "../accounts/mod.ts";
import type { ServerLimits } from "../http/mod.ts";
import { parseAddress } from "../text/ip_address.ts";
import { nearMiss } from "../text/near_miss.ts";
import type { HealthCheckOptions } from "./health_check.ts";
import { LOG_BYTES } from "./log/log_file.ts";
import { type Environment, OptionValues } from "./option_values.ts";
import { THUMBNAIL_CACHE_BYTES } from "./thumbnails/thumbnail_cache.ts";

/** The line of usage that follows the sentence about wrong usage. */
export const USAGE_LINE = "usage: server <port> [options]";

/** What `--help` prints. */
export const USAGE = `${USAGE_LINE}
       server user list | remove NAME | passwd NAME | revoke NAME | import FILE
              [--data DIR | --users URL]
       server --check PORT [--host ADDR] [--tls-cert FILE]

Serves until SIGINT or SIGTERM. Port 0 picks a free port and prints it.

  --host ADDR            address to listen on (default: all, IPv4 and IPv6)
  --data DIR             directory of users.json, log and secret (default: .)
  --images DIR           images to serve (default: images in the data directory)
  --users URL            keep users in PostgreSQL (postgres://…), not users.json
  --key-ttl SECONDS      lifetime of a raised privilege (default: 3600)
  --tls-cert FILE        serve HTTPS with this certificate chain (PEM)
  --tls-key FILE         private key of the certificate (PEM)
  --hsts SECONDS         with TLS: how long browsers use HTTPS only, on all ports
  --proxy ADDR           trust X-Forwarded-For, -Proto and -Host from this address;
                         repeatable
  --no-page              do not serve the web page at /
  --quiet                log to the file only
  --log-connections      log each connection's opening and closing, too
  --log-size SIZE        rename the log to server_log.txt.1 at so many bytes, or
                         with K, M or G after the number (default: 64M)
  --thumbnail-cache SIZE keep at most SIZE bytes of scaled images in .thumbnails
                         in the data directory; 0 keeps none (default: 512M)
  --check PORT           ask the server there for /health: exit 0 if it is well, else 1
  --help, -h, help       print this
  --version, -V          print the version
  --licenses             print the licenses of the software in this program

server user works whether or not the server is running:
${ADMIN_HELP}
Limits:
  --max-connections N    open connections in total (default: 10000)
  --max-per-address N    connections from one address; loopback is exempt
                         (default: 256)
  --handshake-timeout S  seconds to complete the TLS handshake (default: 10)
  --head-timeout S       seconds to receive the head of a request (default: 10)
  --body-timeout S       seconds to receive its body (default: 30)
  --idle-timeout S       seconds to keep an idle connection open (default: 75)
  --write-timeout S      seconds to wait for a peer to read (default: 120)

Environment, for options that are not on the command line:
  SOCKETPROGRAM_SERVER_PORT       the port
  SOCKETPROGRAM_SERVER_DATA, …    any option, in upper case with _ for -; 1 for an
                                  option without a value; commas separate proxies
  PGPASSWORD                      the password for --users; keeps it out of the URL
`;

/** Wrong usage: the program prints the message and `USAGE_LINE`, and exits 2. */
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
  /** 0–65535; 0 picks a free port. */
  readonly port: number;
  /** The address to listen on, or null for all. */
  readonly host: string | null;
  readonly imagesDirectory: string;
  readonly keyTtlSeconds: number;
  readonly quiet: boolean;
  /** Whether to log when each connection opens and closes. */
  readonly logConnections: boolean;
  /** Size at which the log file is renamed, bytes. */
  readonly logBytes: number;
  /** Whether to serve the web page at `/`. */
  readonly page: boolean;
  /** Most bytes of scaled images kept on disk; 0 keeps none. */
  readonly thumbnailBytes: number;
  /** Addresses of proxies whose `X-Forwarded-*` fields are trusted. */
  readonly proxies: readonly string[];
  /** `max-age` of `Strict-Transport-Security`, seconds; null to leave the field out. */
  readonly hstsSeconds: number | null;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** The limits that differ from their defaults. */
  readonly limits: Partial<ServerLimits>;
}

/** `server user …`: the administrator's commands. */
export interface UserOptions extends StoreOptions {
  readonly command: "user";
  /** What follows `user`, e.g. `["remove", "alice"]`. */
  readonly words: readonly string[];
}

/** `server --check PORT`. */
export interface CheckOptions extends HealthCheckOptions {
  readonly command: "check";
}

/** What the command line asks for. */
export type ServerOptions =
  | ServeOptions
  | UserOptions
  | CheckOptions
  | { readonly command: "help" }
  | { readonly command: "version" }
  | { readonly command: "licenses" };

const TEXT_OPTIONS = [
  "host",
  "data",
  "images",
  "users",
  "key-ttl",
  "tls-cert",
  "tls-key",
  "hsts",
  "log-size",
  "thumbnail-cache",
  "check",
];

const FLAGS = ["no-page", "quiet", "log-connections", "help", "version", "licenses"];

/** Words that may stand in place of the port. */
const COMMANDS = ["user", "help"];

/** Options that set a limit of the HTTP engine: the limit's name, its unit, the largest value. */
const LIMIT_OPTIONS: Readonly<Record<string, [keyof ServerLimits, unit: number, largest: number]>> =
  {
    "max-connections": ["connections", 1, 1_000_000],
    "max-per-address": ["connectionsPerAddress", 1, 1_000_000],
    "handshake-timeout": ["handshakeTimeoutMs", 1000, 3600],
    "head-timeout": ["headTimeoutMs", 1000, 3600],
    "body-timeout": ["bodyTimeoutMs", 1000, 3600],
    "idle-timeout": ["idleTimeoutMs", 1000, 24 * 3600],
    "write-timeout": ["writeTimeoutMs", 1000, 3600],
  };

/** Ten years: the longest `--key-ttl` and `--hsts`, seconds. */
const LONGEST_TIME = 10 * 365 * 24 * 3600;

/** Smallest `--log-size`, bytes. */
const SMALLEST_LOG_BYTES = 4 * 1024;

/** Largest `--log-size` and `--thumbnail-cache`, bytes. */
const LARGEST_BYTES = 1024 ** 4;

/**
 * Parses the command line, and the environment for options that it leaves out.
 *
 * @param args the arguments, without the program's name
 * @param environment gives the value of a variable (no variable is set)
 * @throws {UsageError} for wrong usage; the message is a sentence
 */
export function parseOptions(
  args: readonly string[],
  environment: Environment = () => undefined,
): ServerOptions {
  const valued = [...TEXT_OPTIONS, ...Object.keys(LIMIT_OPTIONS), "proxy"];
  const parsed = parseArgs(args, {
    string: [...valued, "_"],
    collect: ["proxy"],
    boolean: FLAGS,
    alias: { h: "help", V: "version" },
    unknown(argument, key) {
      if (key !== undefined) throw unknownOption(argument, [...valued, ...FLAGS]);
    },
  });
  const words = parsed._.map(String);
  if (parsed.help === true || words[0] === "help") return { command: "help" };
  if (parsed.version === true) return { command: "version" };
  if (parsed.licenses === true) return { command: "licenses" };

  const values = new OptionValues(parsed, environment, (sentence) => new UsageError(sentence));
  const dataDirectory = values.text("data") ?? ".";
  const store: StoreOptions = { dataDirectory, users: usersOption(values) };
  if (words[0] === "user") return { ...store, command: "user", words: words.slice(1) };
  const host = values.text("host");
  if (parsed.check !== undefined) {
    if (words.length > 0) throw new UsageError(`There is an unexpected argument "${words[0]}".`);
    const port = portArgument(values.text("check")!, 1);
    return { command: "check", host, port, isTls: values.text("tls-cert") !== null };
  }
  const port = portArgument(words[0] ?? values.text("port") ?? undefined);
  if (words.length > 1) throw new UsageError(`There is an unexpected argument "${words[1]}".`);
  const proxies = proxyOptions(values);
  const tls = tlsOptions(values.text("tls-cert"), values.text("tls-key"));
  return {
    ...store,
    command: "serve",
    port,
    host,
    imagesDirectory: values.text("images") ?? join(dataDirectory, "images"),
    keyTtlSeconds: wholeNumber(values, "key-ttl", LONGEST_TIME) ?? 3600,
    quiet: values.flag("quiet"),
    logConnections: values.flag("log-connections"),
    logBytes: logSizeOption(values),
    thumbnailBytes: thumbnailCacheOption(values),
    page: !values.flag("no-page"),
    proxies,
    tls,
    hstsSeconds: hstsOption(values, tls !== null || proxies.length > 0),
    limits: limitOptions(values),
  };
}

/** Returns the error for an unknown option, with a suggestion if a known one is similar. */
function unknownOption(argument: string, names: readonly string[]): UsageError {
  const [option] = argument.split("=", 1);
  const meant = option.startsWith("--") ? nearMiss(option.slice(2), names) : null;
  return new UsageError(`There is no option ${option}.${didYouMean(meant && `--${meant}`)}`);
}

function didYouMean(meant: string | null): string {
  return meant === null ? "" : ` Did you mean ${meant}?`;
}

function wholeNumber(
  values: OptionValues,
  name: string,
  largest: number,
  smallest = 1,
): number | undefined {
  const value = values.text(name);
  if (value === null) return undefined;
  const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
  if (number < smallest || number > largest) {
    throw new UsageError(
      `${values.label(name)} must be a whole number from ${smallest} to ${largest}.`,
    );
  }
  return number;
}

/** Parses a size such as `4096` or `64M` (units of 1024); returns bytes, or -1 if malformed. */
function byteCount(value: string): number {
  const [, digits, unit] = /^(\d{1,15})([KMG]?)$/i.exec(value) ?? [];
  if (digits === undefined) return -1;
  return Number(digits) * 1024 ** " KMG".indexOf(unit.toUpperCase() || " ");
}

function logSizeOption(values: OptionValues): number {
  const value = values.text("log-size");
  if (value === null) return LOG_BYTES;
  const bytes = byteCount(value);
  if (bytes < SMALLEST_LOG_BYTES || bytes > LARGEST_BYTES) {
    throw new UsageError(
      `${values.label("log-size")} must be from 4K to 1024G, such as 1000000 or 64M.`,
    );
  }
  return bytes;
}

function thumbnailCacheOption(values: OptionValues): number {
  const value = values.text("thumbnail-cache");
  if (value === null) return THUMBNAIL_CACHE_BYTES;
  const bytes = byteCount(value);
  if (bytes < 0 || bytes > LARGEST_BYTES) {
    const name = values.label("thumbnail-cache");
    throw new UsageError(
      `${name} must be from 0 to 1024G, such as 1000000 or 64M.`,
    );
  }
  return bytes;
}

function limitOptions(values: OptionValues): Partial<ServerLimits> {
  const limits: Partial<ServerLimits> = {};
  for (const [name, [limit, unit, largest]] of Object.entries(LIMIT_OPTIONS)) {
    const value = wholeNumber(values, name, largest);
    if (value !== undefined) limits[limit] = value * unit;
  }
  return limits;
}

function portArgument(word: string | undefined, smallest = 0): number {
  if (word === undefined) throw new UsageError("The port is missing.");
  const port = /^\d{1,5}$/.test(word) ? Number(word) : -1;
  if (port < smallest || port > 65535) {
    throw new UsageError(
      `The port must be a number from ${smallest} to 65535, not "${word}".` +
        didYouMean(nearMiss(word, COMMANDS)),
    );
  }
  return port;
}

function usersOption(values: OptionValues): string | null {
  const url = values.text("users");
  if (url !== null && !/^postgres(?:ql)?:\/\//.test(url)) {
    // Not quoted: it may hold a password.
    throw new UsageError(`${values.label("users")} must be a URL that begins with postgres://.`);
  }
  return url;
}

function proxyOptions(values: OptionValues): string[] {
  const proxies = values.list("proxy");
  for (const address of proxies) {
    if (parseAddress(address) === null) {
      throw new UsageError(`${values.label("proxy")} must be an IP address, not "${address}".`);
    }
  }
  return proxies;
}

/** 0 is allowed: it makes browsers forget an earlier value (RFC 6797 §6.1.1). */
function hstsOption(values: OptionValues, hasTls: boolean): number | null {
  const seconds = wholeNumber(values, "hsts", LONGEST_TIME, 0);
  if (seconds === undefined) return null;
  if (!hasTls) {
    throw new UsageError(
      `${values.label("hsts")} needs --tls-cert and --tls-key, or a --proxy that serves TLS.`,
    );
  }
  return seconds;
}

function tlsOptions(certFile: string | null, keyFile: string | null): ServeOptions["tls"] {
  if (certFile === null && keyFile === null) return null;
  if (certFile === null || keyFile === null) {
    throw new UsageError("--tls-cert and --tls-key must be given together.");
  }
  return { certFile, keyFile };
}
