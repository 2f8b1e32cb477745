/**
 * The command line of the client.
 */
import { parseArgs } from "@std/cli/parse-args";
import { nearMiss } from "../text/near_miss.ts";
import type { Language } from "./language/language.ts";
import type { Messages } from "./language/messages.ts";
import { strip } from "../text/printable.ts";
import { type ServerAddress, takeServer } from "./server_address.ts";

/** One operation of the scripting mode. */
export type Command =
  | { readonly name: "register" | "login" | "passwd"; readonly username: string }
  | { readonly name: "privilege" | "status" | "logout" }
  | { readonly name: "image"; readonly images: readonly string[] }
  | { readonly name: "list"; readonly folder: string }
  | { readonly name: "browse"; readonly folder: string };

/** The names of the commands. */
export const COMMANDS = [
  ...[
    "register",
    "login",
    "privilege",
    "image",
    "list",
    "browse",
    "status",
    "passwd",
    "logout",
  ] as const,
];

/** The shells that `completion` knows. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** The symbols a picture may be drawn with. */
export const SYMBOLS = ["half", "quadrant", "block", "sextant", "mixed", "ascii"] as const;
/** The colours a picture may be drawn with. */
export const COLORS = ["truecolor", "256", "16", "none"] as const;
/** The ways a picture may be drawn. */
export const GRAPHICS = ["auto", "blocks", "kitty", "iterm2", "sixel"] as const;

/** How pictures are to be drawn; what is left out is found from the terminal. */
export interface PictureOptions {
  /** Columns at most. */
  readonly width?: number;
  /** Rows at most. */
  readonly height?: number;
  readonly symbols?: typeof SYMBOLS[number];
  readonly colors?: typeof COLORS[number];
  readonly graphics: typeof GRAPHICS[number];
}

/** A run of the menu or of a command. */
export interface Options {
  readonly server: ServerAddress;
  /** Null for the menu. */
  readonly command: Command | null;
  /** The directory of `cookies.json` and `web_cash/`; null for the default. */
  readonly dataDir: string | null;
  /** Null to follow the environment. */
  readonly language: Language | null;
  /** Show the exchange as it is on the wire. */
  readonly debug: boolean;
  /** Print the result of a command as one line of JSON. */
  readonly json: boolean;
  /** Read the password from the first line of stdin, without a prompt. */
  readonly passwordStdin: boolean;
  /** A PEM file of the authorities to trust beside the system's; null for none. */
  readonly caFile: string | null;
  readonly picture: PictureOptions;
  /** Where `image` writes the bytes: a file, a directory or `-`; null to draw them. */
  readonly output: string | null;
}

/** What the command line asks for. */
export type Request = Options | "help" | "version" | "licenses" | {
  readonly completion: typeof SHELLS[number];
};

/** The command line is wrong; the sentence says where. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** @param sentence picks and fills the sentence of a language */
  constructor(readonly sentence: (messages: Messages) => string) {
    super("usage");
  }
}

/** Largest `--width` and `--height`, cells. */
const SIZE_LIMIT = 1000;

const TEXT = [
  ...["data", "lang", "ca", "output", "width", "height", "symbols", "colors", "graphics"] as const,
];
const SWITCHES = ["help", "version", "licenses", "debug", "json", "password-stdin", "tls"] as const;

/** The names of the options that take a value. */
export const OPTIONS_WITH_VALUE: readonly string[] = TEXT;

/** The names of the options. */
export const OPTIONS: readonly string[] = [...TEXT, ...SWITCHES];

/**
 * Reads the arguments.
 * @throws UsageError with the first thing that is wrong
 */
export function parseOptions(args: readonly string[]): Request {
  // The parser takes a lone `-` for another option.
  const joined = args.join("\0").replace(/(^|\0)--output\0-(?=\0|$)/, "$1--output=-").split("\0");
  const parsed = parseArgs(args.length === 0 ? [] : joined, {
    string: ["_", ...TEXT],
    boolean: SWITCHES,
    alias: { help: "h", version: "V" },
    unknown: (argument, key) => {
      if (key === undefined) return true;
      throw unknownOption(argument);
    },
  });
  if (parsed.help || parsed._[0] === "help") return "help";
  if (parsed.version) return "version";
  if (parsed.licenses) return "licenses";

  const text = (name: typeof TEXT[number]): string | undefined => {
    const value = parsed[name];
    if (value === "") throw new UsageError((m) => m.optionNeedsValue(`--${name}`));
    return value as string | undefined;
  };
  const choice = <T extends string>(name: typeof TEXT[number], choices: readonly T[]) => {
    const value = text(name);
    if (value === undefined || choices.includes(value as T)) return value as T | undefined;
    throw new UsageError((m) => m.optionChoices(`--${name}`, choices.join(", ")));
  };
  const size = (name: "width" | "height") => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (/^[1-9][0-9]{0,3}$/.test(value) && Number(value) <= SIZE_LIMIT) return Number(value);
    throw new UsageError((m) => m.optionNumber(`--${name}`, 1, SIZE_LIMIT));
  };

  const language = choice("lang", ["ko", "en"]) ?? null;
  if (
    parsed._[0] === "completion" && (parsed._.length < 3 || SHELLS.includes(parsed._[1] as never))
  ) {
    return { completion: parseShell(parsed._.slice(1).map(String)) };
  }
  const taken = takeServer(parsed._.map(String), parsed.tls === true);
  if (taken === null) throw new UsageError((m) => m.hostAndPortMissing);
  const { server, named, rest } = taken;
  if (server === null) throw new UsageError((m) => m.noServerAddress(strip(named)));
  const caFile = text("ca") ?? null;
  if (caFile !== null && !server.tls) throw new UsageError((m) => m.caNeedsTls);
  if (rest[0] === "help") return "help";
  const command = parseCommand(rest);
  const json = parsed.json === true;
  if (json && command === null) throw new UsageError((m) => m.needsCommand("--json"));
  const passwordStdin = parsed["password-stdin"] === true;
  if (passwordStdin && !["register", "login", "passwd"].includes(command?.name ?? "")) {
    throw new UsageError((m) => m.passwordStdinUse);
  }
  const output = text("output") ?? null;
  if (output !== null && command?.name !== "image") throw new UsageError((m) => m.outputUse);
  if (output === "-" && json) throw new UsageError((m) => m.outputOrJson);
  return {
    server,
    command,
    dataDir: text("data") ?? null,
    language,
    debug: parsed.debug === true,
    json,
    passwordStdin,
    caFile,
    output,
    picture: {
      width: size("width"),
      height: size("height"),
      symbols: choice("symbols", SYMBOLS),
      colors: choice("colors", COLORS),
      graphics: choice("graphics", GRAPHICS) ?? "auto",
    },
  };
}

/**
 * The language that the arguments ask for, whatever else is wrong with them: for the usage itself.
 */
export function languageAsked(args: readonly string[]): Language | null {
  const { lang } = parseArgs(args, { string: ["lang"] });
  return lang === "ko" || lang === "en" ? lang : null;
}

function parseCommand(words: readonly string[]): Command | null {
  if (words.length === 0) return null;
  const [name, argument, ...extra] = words;
  const wrong = () => new UsageError((m) => m.commandArguments(name));
  switch (name) {
    case "register":
    case "login":
    case "passwd":
      if (argument === undefined || extra.length > 0) throw wrong();
      return { name, username: argument };
    case "image":
      if (argument === undefined) throw wrong();
      return { name, images: words.slice(1) };
    case "list":
    case "browse":
      if (extra.length > 0) throw wrong();
      return { name, folder: folderName(argument ?? "") };
    case "privilege":
    case "status":
    case "logout":
      if (argument !== undefined) throw wrong();
      return { name };
    default:
      throw unknownCommand(name);
  }
}

/** A folder as people write it, without `./`, `/` in front or at the end. */
function folderName(typed: string): string {
  return typed.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "").replace(/^\.$/, "");
}

function parseShell([shell, ...extra]: readonly string[]): typeof SHELLS[number] {
  const known = SHELLS.find((name) => name === shell);
  if (known !== undefined && extra.length === 0) return known;
  throw new UsageError((m) => m.optionChoices("completion", SHELLS.join(", ")));
}

function unknownCommand(name: string): UsageError {
  const meant = nearMiss(name, COMMANDS);
  return new UsageError((m) =>
    sentences(m.unknownCommand(strip(name)), meant && m.didYouMean(meant))
  );
}

function unknownOption(argument: string): UsageError {
  const option = argument.split("=", 1)[0];
  const meant = option.startsWith("--") ? nearMiss(option.slice(2), OPTIONS) : null;
  return new UsageError((m) =>
    sentences(m.unknownOption(strip(option)), meant && m.didYouMean(`--${meant}`))
  );
}

function sentences(first: string, second: string | null): string {
  return second === null ? first : `${first} ${second}`;
}
