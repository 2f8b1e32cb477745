/**
 * The English catalogue.
 */
import { type FileReason, fileReason } from "./file_error.ts";
import type { Messages } from "./messages.ts";

const FILE_REASONS: Readonly<Record<FileReason, string>> = {
  denied: "permission denied",
  "read-only": "the file system is read-only",
  full: "no space is left on the disk",
  missing: "there is no such file or directory",
  directory: "another file or directory is in its place",
  symlink: "a symbolic link is in its place",
  "too-large": "the file is too large",
  other: "the file system reports an error",
};

/** The whole of `--help`. */
const USAGE = `Usage:
  client <host> <port> [options]                  the menu
  client <host> <port> <command> [options]        one operation, for scripts

Commands:
  register NAME    create a user
  login NAME       log in
  privilege        raise the privilege: needed to see images
  image URL        show an image; it is kept in web_cash/
  logout           forget this server's cookies

Options:
  --data DIR         where cookies.json and web_cash/ are (default: .)
  --lang ko|en       language (default: LC_ALL, LC_MESSAGES, LANG; else Korean)
  --password-stdin   read the password from the first line of stdin
  --json             print the result as one line of JSON, not the picture
  --tls              speak TLS
  --ca FILE          trust the authorities in this PEM file too
  --width N          columns of the picture (default: the terminal's, else 80)
  --height N         rows at most (default: the terminal's, else as needed)
  --symbols SET      half, quadrant, block, sextant or ascii (default: block)
  --colors DEPTH     truecolor, 256, 16 or none (default: by the terminal)
  --graphics HOW     auto, blocks, kitty, iterm2 or sixel (default: auto)
  --debug            show each request and response on stderr, secrets masked
  --help, --version

Environment:
  SERVER_IP   the address to connect to where <host> is a domain
  NO_COLOR    draw without colours

The picture, or the JSON, goes to stdout; in scripts all else goes to stderr.

Exit codes:
  0    done, or the end of input at the menu
  1    failed; a sentence on stderr, or the JSON, says why
  2    wrong usage
  129  the terminal went away (SIGHUP)
  130  Ctrl-C
  143  SIGTERM
`;

/** Every sentence in English. */
export const ENGLISH: Messages = {
  chooseService: "Choose a service:",
  menuRegister: "1. Register",
  menuLogin: "2. Log in",
  menuPrivilege: "3. Raise privilege",
  menuImage: "4. View image",
  menuExit: "99. Exit",
  notOnMenu: "That is not on the menu. Type one of the numbers above.",
  loginFirst: "Log in first (2).",
  goodbye: "Goodbye.",
  askUsername: "Username: ",
  askPassword: "Password: ",
  askUrl: "Image url: ",
  emptyAnswer: "Nothing entered; back to the menu.",
  lineTooLong: "That line is too long. Type a shorter one.",
  noPassword: "No password. Type one, or give it as the first line with --password-stdin.",

  registered: (user) => `Registered: ${user}. Now log in.`,
  userExists: (user) => `The user already exists: ${user}. Choose another name.`,
  registerFailed: (reason) => `Not registered: ${reason}. Enter another name or password.`,
  loggedIn: (user) => `Logged in: ${user}`,
  loginFailed: (user) => `Login failed: ${user}. Check the username and the password.`,
  loggedOut: "Logged out. The cookies of this server are removed.",
  nobodyLoggedIn: "Nobody was logged in.",
  privilegeChanged: "Privilege raised.",
  privilegeAlready: "The privilege is raised already.",
  keyExpires: (when) => `Expires: ${when}`,
  keyExpiryUnknown: "The server did not say when it expires.",
  loginRequired: "You are not logged in, or no longer. Log in again.",
  forbidden: "The login is another user's. Log in again.",
  noKey: "No privilege. Raise the privilege first (3, or the command privilege).",
  imageNotFound: (url) => `There is no such image: ${url}. Check the name.`,
  imageFetched: (path, size) => `Received from the server: ${path} (${size})`,
  imageFromCache: (path) => `From web_cash: ${path}`,
  imageUnknownType: (path, type) =>
    `This type cannot be drawn in a terminal (${type}). The file is kept here: ${path}`,
  imageTooLarge: (path) =>
    `The image is too large to draw (over 100 megapixels, 50 in a GIF, or 256 MiB). The file is here: ${path}`,
  imageDamaged: (path) =>
    `The image file is damaged and cannot be drawn: ${path}. Delete it and fetch it again.`,
  animationHint: "Press any key to stop.",

  waitingRegister: "Registering…",
  waitingLogin: "Logging in…",
  downloading: "Receiving",

  unknownHost: (host) => `Unknown host: ${host}. Check the name, or SERVER_IP.`,
  connectionRefused: (server) =>
    `The server refuses connections: ${server}. Check that it runs and that the port is right.`,
  unreachable: (server) =>
    `The server cannot be reached: ${server}. Check the address and the network.`,
  connectTimeout: (server, seconds) =>
    `No connection within ${seconds} seconds: ${server}. Check the address and the network.`,
  tlsFailed: (server) => `TLS failed: ${server}. Check that the server speaks TLS.`,
  tlsCertificate: (server, reason) =>
    `The server's certificate is not trusted: ${server} (${reason}). Name its authority with --ca.`,
  tlsCertificateTime: (server) =>
    `The server's certificate has expired, or is not valid yet: ${server}. It needs a new one; check this computer's clock, too.`,
  tlsCertificateName: (server) =>
    `The server's certificate is not for this name: ${server}. Connect to a name that it holds.`,
  tlsCertificateKind: (server) =>
    `The server's certificate is marked as an authority's: ${server}. It needs one with basicConstraints=CA:FALSE.`,
  connectionLost: "The connection to the server was lost. The next request connects again.",
  noAnswer:
    "The server closed the connection without an answer. Check the port, and whether it needs --tls.",
  answerTimeout: "The server does not answer any more. Try again later.",
  answerMalformed: (reason) =>
    `The server's answer cannot be understood (${reason}). Check address and port, and --tls.`,
  answerTooLarge: (limit) =>
    `The server's answer is over the limit (${limit}) and was not taken. Check which server that is.`,
  downloadIncomplete:
    "What was received is not what the server announced; it was thrown away. Try again.",
  downloadStopped: (received) =>
    `The connection was lost while receiving the image (${received} so far). Trying again resumes it.`,
  redirected: (target) =>
    `The server points elsewhere (${target}). That is not followed; name that server yourself.`,
  tooManyAttempts: (seconds) =>
    seconds === null
      ? "Too many attempts. Try again later."
      : `Too many attempts. Try again in ${seconds} seconds.`,
  tryAgain: "The server cannot do this right now. Try again in a moment.",
  serverSaid: (status) =>
    `The server did not do it: ${status}. --debug shows the exchange; try again, or ask who runs it.`,

  cookiesDamaged: (path) =>
    `The cookie file is damaged and is left alone: ${path}. Repair or delete it.`,
  cookiesUnreadable: (path, reason) =>
    `The cookie file cannot be read: ${path} (${reason}). Mend that, or choose another --data.`,
  cookiesNotSaved: (path, reason) =>
    `The cookies cannot be saved: ${path} (${reason}). Mend that, or choose another --data.`,
  cacheUnusable: (path, reason) =>
    `The image cannot be kept: ${path} (${reason}). Choose another directory with --data.`,
  caInvalid: (path) => `There is no certificate in PEM form in ${path}. Give --ca the right file.`,
  caUnreadable: (path, reason) =>
    `The certificate file cannot be read: ${path} (${reason}). Give --ca one that can.`,
  fileError: (error) => FILE_REASONS[fileReason(error)],
  outputFailed: (reason) => `The output cannot be written (${reason}). Send it somewhere else.`,
  unexpected: (reason) => `Unexpected error: ${reason}. --debug shows what was going on.`,

  hostAndPortMissing: "<host> and <port> are needed.",
  noServerAddress: (host, port) =>
    `Not a server's address: ${host} ${port}. The host is a name or an IP address, the port 1–65535.`,
  unknownOption: (option) => `Unknown option: ${option}`,
  optionNeedsValue: (option) => `${option} needs a value.`,
  optionChoices: (option, choices) => `${option} takes one of: ${choices}`,
  optionNumber: (option, least, most) => `${option} takes a number from ${least} to ${most}.`,
  unknownCommand: (command) => `Unknown command: ${command}`,
  commandArguments: (command) => `Wrong arguments of the command: ${command}`,
  needsCommand: (option) => `${option} goes with a command.`,
  passwordStdinUse: "--password-stdin goes with register and login.",
  caNeedsTls: "--ca goes with --tls.",
  usage: USAGE,
};
