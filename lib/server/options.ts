/** The server's command line. */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { ADMIN_HELP } from "../accounts/mod.ts";
import type { ServerLimits } from "../http/mod.ts";
import { parseAddress } from "../ip_address.ts";
import { nearMiss } from "../text/near_miss.ts";
import type { HealthCheckOptions } from "./health_check.ts";
import { LOG_BYTES } from "./log/log_file.ts";
import { type Environment, OptionValues } from "./option_values.ts";
import { THUMBNAIL_CACHE_BYTES } from "./thumbnails/thumbnail_cache.ts";

/** What wrong usage is told, beside its sentence. */
export const USAGE_LINE = "usage: server <port> [options]";

/** What `--help` prints. */
export const USAGE = `${USAGE_LINE}
       server user list | remove NAME | passwd NAME | revoke NAME | import FILE
              [--data DIR | --users URL]
       server --check PORT [--host ADDR] [--tls-cert FILE]

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
  --no-page              serve no web page at /
  --quiet                log to the file only
  --log-connections      log each connection's opening and closing, too
  --log-size SIZE        rename the log to server_log.txt.1 at so many bytes, or
                         with K, M or G after the number (default: 64M)
  --thumbnail-cache SIZE keep so many bytes of scaled images in .thumbnails of the
                         data directory, 0 for none (default: 512M)
  --check PORT           ask the server there for /health: exit 0 if it is well, else 1
  --help, -h, help       print this
  --version, -V          print the version

server user, whether or not the server is running:
${ADMIN_HELP}
Limits:
  --max-connections N    open connections in all (default: 10000)
  --max-per-address N    from one address, loopback exempt (default: 256)
  --handshake-timeout S  seconds to agree on TLS (default: 10)
  --head-timeout S       seconds to receive the head of a request (default: 10)
  --body-timeout S       seconds to receive its body (default: 30)
  --idle-timeout S       seconds to keep an idle connection open (default: 75)
  --write-timeout S      seconds to wait for a peer to read (default: 120)

Environment, where the command line says nothing:
  SOCKETPROGRAM_SERVER_PORT       the port
  SOCKETPROGRAM_SERVER_DATA, …    any option: upper case, _ for -, 1 for one that
                                  takes no value, commas between several --proxy
  PGPASSWORD                      the password for --users, better than in the URL
`;

/** The command line makes no sense: print the sentence and `USAGE_LINE`, exit 2. */
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
  /** Whether the log has a line for each connection's opening and closing. */
  readonly logConnections: boolean;
  /** Size at which the log is renamed, bytes. */
  readonly logBytes: number;
  /** Whether `/` is the web page. */
  readonly page: boolean;
  /** Bytes of scaled images kept on disk, 0 for none. */
  readonly thumbnailBytes: number;
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
  | { readonly command: "version" };

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

const FLAGS = ["no-page", "quiet", "log-connections", "help", "version"];

/** Words that may stand where the port does. */
const COMMANDS = ["user", "help"];

/** Options that set a limit of the HTTP engine: its name there, the unit, the largest value. */
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

/** Ten years, the longest that a key lives or browsers are bound to TLS, seconds. */
const LONGEST_TIME = 10 * 365 * 24 * 3600;

/** The smallest log, bytes. */
const SMALLEST_LOG_BYTES = 4 * 1024;

/** The largest log, and the most bytes of scaled images. */
const LARGEST_BYTES = 1024 ** 4;

/**
 * Reads the command line, and the environment for what it leaves out.
 *
 * @param args the arguments, without the program's name
 * @param environment gives the value of a variable (no variable is set)
 * @throws UsageError with a sentence
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

  const values = new OptionValues(parsed, environment, (sentence) => new UsageError(sentence));
  const dataDirectory = values.text("data") ?? ".";
  const store: StoreOptions = { dataDirectory, users: usersOption(values) };
  if (words[0] === "user") return { ...store, command: "user", words: words.slice(1) };
  const host = values.text("host");
  if (parsed.check !== undefined) {
    if (words.length > 0) throw new UsageError(`"${words[0]}" is one argument too many.`);
    const port = portArgument(values.text("check")!, 1);
    return { command: "check", host, port, isTls: values.text("tls-cert") !== null };
  }
  const port = portArgument(words[0] ?? values.text("port") ?? undefined);
  if (words.length > 1) throw new UsageError(`"${words[1]}" is one argument too many.`);
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

/** The error for an option that nobody declared, with what was perhaps meant. */
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

/** Reads bytes, or so many times 1024, 1024² or 1024³ of them; -1 if it is something else. */
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
      `${values.label("log-size")} must be from 4K to 1024G: bytes, or a number and K, M or G.`,
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
      `${name} must be from 0 to 1024G: bytes, or a number and K, M or G.`,
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

/** 0 takes back what browsers were told before (RFC 6797 §6.1.1). */
function hstsOption(values: OptionValues, hasTls: boolean): number | null {
  const seconds = wholeNumber(values, "hsts", LONGEST_TIME, 0);
  if (seconds === undefined) return null;
  if (!hasTls) {
    throw new UsageError(
      `${values.label("hsts")} needs --tls-cert and --tls-key, or a --proxy with TLS.`,
    );
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
