/**
 * Puts the parts of the client together and runs the menu or one command.
 */
import { join } from "@std/path";
import { HttpClient } from "../http/mod.ts";
import { readNotices } from "../notices.ts";
import { VERSION } from "../version.ts";
import { failureJson, runCommand } from "./commands.ts";
import { connect, type ConnectOptions } from "./remote/connection.ts";
import { EarlyConnection } from "./remote/early_connection.ts";
import { completionScript } from "./completion.ts";
import { CookieFile } from "./cookies/cookie_file.ts";
import { CookieJar } from "./cookies/cookie_jar.ts";
import { ENVIRONMENT, type Environment } from "./terminal/environment.ts";
import { EXIT, Failure } from "./failure.ts";
import { ImageCache } from "./images/image_cache.ts";
import { CATALOGUES, languageOf } from "./language/language.ts";
import { History } from "./terminal/history.ts";
import { type InputSource, LineInput, REMOTE_ESCAPE_DELAY_MS } from "./terminal/line_input.ts";
import { terminalSize } from "./terminal/terminal_size.ts";
import { defaultDataDirectory, surroundings } from "./data_directory.ts";
import { runMenu } from "./menu.ts";
import type { Messages } from "./language/messages.ts";
import { languageAsked, type Options, parseOptions, type Request, UsageError } from "./options.ts";
import { PhotoServer } from "./remote/photo_server.ts";
import { PictureView } from "./terminal/picture_view.ts";
import { strip } from "../text/printable.ts";
import { exit, exitOnSignals, onExit } from "./terminal/exit_hooks.ts";
import { Screen, type Sink } from "./terminal/screen.ts";
import { Session } from "./session.ts";
import { transportFailure } from "./remote/transport_failure.ts";
import { WireView } from "./remote/wire_view.ts";

/** Rows at the menu: the question above a picture; the sentence, the menu and its prompt below. */
const ROWS_AROUND_AT_MENU = 8;
/** Rows around a command: its line above; the sentence and the next prompt of the shell below. */
const ROWS_AROUND_OF_COMMAND = 3;

/** The streams and the variables that the client works with. */
export interface ProcessIo {
  readonly stdin: InputSource;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Environment;
  /** Where the browser saves images: a directory, or empty for the working directory. */
  readonly saveDirectory: string;
}

/** Those of this process. */
const PROCESS: ProcessIo = {
  stdin: Deno.stdin,
  stdout: Deno.stdout,
  stderr: Deno.stderr,
  environment: ENVIRONMENT,
  saveDirectory: "",
};

/**
 * Runs the client.
 * @param args the command line without the program's name
 * @param io replaces the streams and the variables of this process; signals are then left alone
 * @returns the exit code
 */
export async function main(args: readonly string[], io = PROCESS): Promise<number> {
  const { stdout, stderr, environment } = io;
  const language = languageAsked(args) ?? languageOf((name) => environment.get(name));
  const messages = CATALOGUES[language];
  let options: Request;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    new Screen(stdout, stderr, true).note(`${error.sentence(messages)}\n${messages.usageHint}\n`);
    return EXIT.usage;
  }
  const screen = new Screen(
    stdout,
    stderr,
    typeof options === "object" && "command" in options && options.command !== null,
  );
  try {
    if (options === "help") await screen.put(messages.usage);
    else if (options === "version") await screen.put(`client ${VERSION}\n`);
    else if (options === "licenses") await screen.put(await readNotices());
    else if ("completion" in options) await screen.put(completionScript(options.completion));
    else {
      if (io === PROCESS) exitOnSignals();
      return await run(options, messages, screen, io);
    }
    return EXIT.ok;
  } catch (error) {
    // The reader of stdout has ended, as in `client … | head`.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.ok;
    if (!(error instanceof Failure)) throw error;
    // stdout cannot be written, so not even the sentence goes there.
    screen.note(error.sentence(messages) + "\n");
    return EXIT.failure;
  }
}

async function run(
  options: Options,
  messages: Messages,
  screen: Screen,
  io: ProcessIo,
): Promise<number> {
  // Registered first, so it runs last: the prompt of the shell must not stand behind `^C`.
  onExit((code) => code === EXIT.interrupted && screen.errIsTerminal && screen.note("\n"));
  try {
    const view = options.debug ? debugView(screen, io.environment) : null;
    const connectOptions = readConnectOptions(options, io.environment);
    const http = await openHttp(options, connectOptions, view);
    try {
      const session = openSession({ options, messages, screen, http, connectOptions, io });
      try {
        if (options.command === null) await runMenu(session);
        else if (!await runCommand(session, options.command)) return EXIT.failure;
      } finally {
        session.close();
      }
    } finally {
      view?.flush();
      http.close();
    }
    return EXIT.ok;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    const failure = transportFailure(error);
    if (failure.token === "OUTPUT_FAILED") throw failure;
    const sentence = failure.sentence(messages);
    if (options.json && options.command !== null) {
      await screen.put(failureJson(options.command, failure.token, sentence));
    } else {
      screen.note(sentence + "\n");
    }
    return EXIT.failure;
  }
}

function debugView(screen: Screen, environment: Environment): WireView {
  const colored = screen.errIsTerminal && !environment.get("NO_COLOR");
  // On Ctrl-C the terminal's driver drops what has not gone out yet, such as the end of a colour.
  if (colored) onExit(() => screen.note("\x1b[0m"));
  return new WireView((text) => screen.note(text), colored);
}

/**
 * Returns the HTTP client, connected: an unreachable server is reported before any question.
 * Logging out works without a server, so it connects only when it sends a request.
 */
async function openHttp(
  { server, command }: Options,
  connectOptions: ConnectOptions,
  view: WireView | null,
): Promise<HttpClient> {
  let first = command?.name === "logout"
    ? null
    : new EarlyConnection(await connect(server, connectOptions));
  return new HttpClient({
    connect: async () => {
      const early = first;
      first = null;
      if (early !== null && !await early.hasEnded()) return early;
      early?.close();
      return await connect(server, connectOptions);
    },
    host: server.authority,
    observer: view ?? undefined,
  });
}

function openSession({ options, messages, screen, http, connectOptions, io }: {
  options: Options;
  messages: Messages;
  screen: Screen;
  http: HttpClient;
  connectOptions: ConnectOptions;
  io: ProcessIo;
}): Session {
  const { server, command, picture } = options;
  const { environment } = io;
  const dataDir = options.dataDir ?? defaultDataDirectory(surroundings(environment));
  const file = new CookieFile(join(dataDir, "cookies.json"), server.origin);
  /** Works with the file; a failure is fatal to commands only. */
  const attempt = <T>(run: () => T): T | undefined => {
    try {
      return run();
    } catch (failure) {
      // At the menu, cookies that cannot be kept still last as long as the client runs. A command
      // that cannot pass them on to the next one has failed.
      if (command !== null || !(failure instanceof Failure)) throw failure;
      screen.note(failure.sentence(messages) + "\n");
      return undefined;
    }
  };
  const jar = new CookieJar(server, attempt(() => file.load()));
  const keep = () => attempt(() => file.save(jar));

  const input = openInput(screen, command !== null, io);
  const rowsAround = command === null ? ROWS_AROUND_AT_MENU : ROWS_AROUND_OF_COMMAND;
  const photoServer = new PhotoServer(http, jar, keep);
  const openServer = () => {
    const connectAgain = () => connect(server, connectOptions);
    const own = new HttpClient({ connect: connectAgain, host: server.authority });
    return new PhotoServer(own, jar, keep);
  };
  const pictureOptions = { screen, input, options: picture, environment };
  return new Session({
    options,
    messages,
    screen,
    input,
    server: photoServer,
    openServer,
    cache: new ImageCache(join(dataDir, "web_cash")),
    history: new History(join(dataDir, "history.json")),
    pictures: new PictureView({ ...pictureOptions, rowsAround, hint: messages.animationHint }),
    saveDirectory: io.saveDirectory,
  });
}

/** The keyboard or a pipe. Questions of a command are on stderr, as its sentences are. */
function openInput(
  screen: Screen,
  isCommand: boolean,
  io: ProcessIo,
): LineInput {
  const { stdin, environment } = io;
  const isShown = isCommand ? screen.errIsTerminal : screen.outIsTerminal;
  const hasSignals = Deno.build.os !== "windows";
  const input = new LineInput(stdin, {
    interrupt: () => exit(EXIT.interrupted),
    write: (text) => isCommand ? screen.note(text) : screen.putSync(text),
    columns: () => terminalSize()?.columns ?? 80,
    // A process needs no permission to send a signal to itself.
    suspend: hasSignals ? () => Deno.kill(Deno.pid, "SIGTSTP") : undefined,
    escapeDelayMs: environment.get("SSH_CONNECTION") ? REMOTE_ESCAPE_DELAY_MS : undefined,
    canEdit: isShown && !/^(|dumb)$/.test(environment.get("TERM") ?? ""),
  });
  if (io === PROCESS && hasSignals && input.isTerminal) {
    for (const signal of ["SIGCONT", "SIGWINCH"] as const) {
      Deno.addSignalListener(signal, () => input.redraw());
    }
  }
  return input;
}

function readConnectOptions({ caFile }: Options, environment: Environment): ConnectOptions {
  const serverIp = environment.get("SERVER_IP") || undefined;
  if (caFile === null) return { serverIp };
  const path = strip(caFile);
  let pem: string;
  try {
    pem = Deno.readTextFileSync(caFile);
  } catch (error) {
    throw new Failure("CA_UNREADABLE", (m) => m.caUnreadable(path, m.fileError(error)));
  }
  if (!/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/.test(pem)) {
    throw new Failure("CA_INVALID", (m) => m.caInvalid(path));
  }
  return { serverIp, caCerts: [pem] };
}
