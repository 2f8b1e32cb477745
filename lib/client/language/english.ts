/**
 * The English catalogue.
 */
import { type FileReason, fileReason } from "./file_error.ts";
import type { Messages } from "./messages.ts";

const FILE_REASONS: Readonly<Record<FileReason, string>> = {
  denied: "permission denied",
  "read-only": "the file system is read-only",
  full: "the disk is full",
  missing: "no such file or directory",
  directory: "another file or directory is in its place",
  symlink: "a symbolic link is in its place",
  "too-large": "the file is too large",
  other: "the file system reports an error",
};

/** How the client is called, in one line. */
const USAGE_LINE = "usage: client <host> <port> [command] [options]";

/** The whole of `--help`. */
const USAGE = `Usage:
  client <host> <port> [options]                  the menu
  client <host> <port> <command> [options]        one operation, for scripts

Commands:
  register NAME    create a user
  login NAME       log in
  privilege        raise your privilege, which images require
  image NAME…      show images and keep them in web_cash/; NAME may be a
                   pattern in quotes: 'trip/*.jpg', '**/*.png'
  list [FOLDER]    list images: names for a pipe, with size and date for you
  browse [FOLDER]  look through images with keys: a contact sheet
  status           show who is logged in, and until when
  passwd NAME      change a password
  logout           log out
  completion bash|zsh|fish   print a completion script (needs no server)

Options:
  --data DIR         directory of cookies.json and web_cash/ (default: below)
  --lang ko|en       language (default: by LC_ALL, LC_MESSAGES or LANG)
  --password-stdin   read the password from stdin, a line each (passwd: two)
  --output PATH      write images to a file, a directory or - (stdout)
  --json             print the result as one line of JSON, not the picture
  --tls              connect with TLS
  --ca FILE          also trust the authorities in this PEM file
  --width N          columns of the picture (default: the terminal's, or 80)
  --height N         rows of the picture (default: the terminal's, or as needed)
  --symbols SET      half, quadrant, block (default), sextant, mixed, ascii
  --colors DEPTH     truecolor, 256, 16 or none (default: the terminal's)
  --graphics HOW     auto, blocks, kitty, iterm2 or sixel (default: auto)
  --debug            show each request and response on stderr, secrets masked
  --help, -h, help   print this
  --version, -V      print the version
  --licenses         print the licenses of the software in this program

<host> <port> may also be written <host>:<port> or as a URL.
Data directory: $SOCKETPROGRAM_DATA; else ., if it has a cookies.json; else
$XDG_DATA_HOME/socketprogram (~/.local/share), or as usual on macOS and Windows.

Environment:
  SERVER_IP   address to connect to if <host> is a domain
  NO_COLOR    draw without colours

With a command, the picture or the JSON goes to stdout, the rest to stderr.

Exit codes:
  0    success
  1    failure; a sentence on stderr, or the JSON, says why
  2    wrong usage
  129  the terminal was closed (SIGHUP)
  130  Ctrl-C
  143  SIGTERM
`;

/** The keys of the browser. */
const BROWSER_HELP = `Arrows or h j k l      move
PgUp PgDn Home End     move by pages, to the start or the end
Space g G              the same as PgDn, Home, End
Enter                  view an image, open a folder
Backspace or u         leave the folder
/                      search names; Esc shows all
r                      sort by name, newest first, largest first
t                      list names, or show pictures
s                      save the image in the working directory
i                      about the image: size, date, camera, place
n, p or arrows         in an image: the next one, the one before
+, - and 0             in an image: zoom in, out, off; arrows move
f                      in an image: use the last line, too
P                      raise your privilege again
q                      back, quit; Esc goes back, too
Ctrl-Z, Ctrl-C         suspend, exit`;

/** Every sentence in English. */
export const ENGLISH: Messages = {
  chooseService: "Choose a service:",
  menuRegister: "1. Register",
  menuLogin: "2. Log in",
  menuPrivilege: "3. Raise privilege",
  menuImage: "4. View image",
  menuLogout: "5. Log out",
  menuExit: "99. Exit",
  notOnMenu: "That is not on the menu. Enter one of the numbers above.",
  loginFirst: "Log in first (2).",
  goodbye: "Goodbye.",
  askUsername: "Username: ",
  askPassword: "Password: ",
  askNewPassword: "New password: ",
  askPasswordAgain: "The same again: ",
  passwordsDiffer: "The two passwords differ. Try again.",
  askUrl: "Image name: ",
  askRaise: "Your privilege is not raised, or it has expired. Raise it now? [y/N] ",
  emptyAnswer: "Nothing entered. Back to the menu.",
  lineTooLong: "The line is too long. Enter a shorter one.",
  noPassword:
    "The password is missing. Enter one, or pass it as the first line of stdin with --password-stdin.",

  registered: (user) => `Registered: ${user}. You can log in now.`,
  userExists: (user) => `The username is taken: ${user}. Choose another one.`,
  registerFailed: (reason) => `Registration failed: ${reason}. Enter another username or password.`,
  refusalReason: (reason) => reason,
  loggedIn: (user) => `Logged in: ${user}`,
  loginFailed: (user) => `Login failed: ${user}. Check the username and the password.`,
  loggedOut: "Logged out.",
  loggedOutHere:
    "Logged out here. The server did not confirm it: the session there lasts until it expires.",
  passwordChanged: (user) =>
    `Password changed: ${user}. All sessions have ended; log in with the new password.`,
  passwordFailed: (reason) => `The password was not changed: ${reason}. Enter another one.`,
  status: (user) => user,
  statusRaised: (user, until, minutes) => `${user} · privilege until ${until} (${minutes} min)`,
  nobodyLoggedIn: "You are not logged in.",
  privilegeChanged: "Your privilege is raised.",
  privilegeAlready: "Your privilege is already raised.",
  keyExpires: (when) => `Expires: ${when}`,
  keyExpiryUnknown: "The server did not say when it expires.",
  loginRequired:
    "You are not logged in, or your login has expired. Log in (2, or the command login).",
  forbidden: "You are logged in as another user. Log in again.",
  noKey: "Your privilege is not raised, or it has expired. Raise it (3, or the command privilege).",
  imageNotFound: (url) => `Image not found: ${url}. Check the name.`,
  folderNotFound: (folder) => `Folder not found: ${folder}. Check the name.`,
  listMalformed: "The list of the server cannot be read. Check that this is the right server.",
  noList: "This server does not list its images. Enter the name of one.",
  notSupported: (command) => `This server does not support the command ${command}.`,
  imageWritten: (path, size) => `Written: ${path} (${size})`,
  imageFetched: (path, size) => `Received from the server: ${path} (${size})`,
  imageFromCache: (path) => `From web_cash: ${path}`,
  imageUnknownType: (path, type) =>
    `Images of this type cannot be drawn (${type}). The file is here: ${path}`,
  imageTooLarge: (path) =>
    `The image is too large to draw (limits: 100 megapixels, or 1,000 in a baseline JPEG, and 256 MiB). The file is here: ${path}`,
  imageDamaged: (path) => `The image file is damaged and cannot be drawn: ${path}`,
  imageTooSlow: (path) => `Decoding the image takes too long. The file is here: ${path}`,
  imageFirstOfSequence: "The image is a sequence; its first picture is shown.",
  imagePartial: "The image is damaged: a part of it is missing.",
  animationHint: "Press any key to stop.",

  browserMatches: (shown, all) => `${shown} of ${all}`,
  browserCounts: (images, size) => `${images} ${images === 1 ? "image" : "images"} · ${size}`,
  browserSorted: (order) =>
    `${
      ({ name: "name ↑", date: "newest", size: "largest" } as Record<string, string>)[order] ??
        order
    }`,
  browserSearch: "/ search",
  browserKeys: "←↓↑→ move   ⏎ view   s save   t list/pictures   r sort   ? keys   q quit",
  browserViewKeys: "←→ previous/next   + zoom   f full   s save   i info   ? keys   q back",
  browserZoomKeys: "←↓↑→ move   +/- zoom   0 whole   n/p next/previous   f full   ? keys   q back",
  browserHelpTitle: "Keys",
  browserHelp: BROWSER_HELP,
  browserBack: "Press any key to go back.",
  browserMore: "Press any key to go on.   Esc back",
  browserLoading: "Loading…",
  browserFacts: {
    size: "size",
    changed: "changed",
    taken: "taken",
    camera: "camera",
    lens: "lens",
    exposure: "exposure",
    place: "place",
  },
  browserNoFacts: "The file says nothing about how it was taken.",
  browserNoKey: "Your privilege has expired. Press P to raise it again.",
  browserUndrawn: "This image cannot be drawn.",
  browserEmpty: "There are no images here.",
  browserNoMatch: "No name matches. Press Esc to see all images.",
  askNumber: "Number or name: ",

  waitingRegister: "Registering…",
  waitingLogin: "Logging in…",
  waitingPassword: "Changing the password…",
  downloading: "Receiving",

  unknownHost: (host) => `Host not found: ${host}. Check the name, or SERVER_IP.`,
  connectionRefused: (server) =>
    `The server refuses connections: ${server}. Check that it is running and that the port is right.`,
  unreachable: (server) =>
    `The server cannot be reached: ${server}. Check the address and the network.`,
  connectTimeout: (server, seconds) =>
    `No connection within ${seconds} seconds: ${server}. Check the address and the network.`,
  tlsFailed: (server) => `The TLS connection failed: ${server}. Check that the server uses TLS.`,
  tlsCertificate: (server, reason) =>
    `The certificate of the server is not trusted: ${server} (${reason}). Name its authority with --ca.`,
  tlsCertificateTime: (server) =>
    `The certificate of the server has expired or is not valid yet: ${server}. Renew it, and check the clock of this computer.`,
  tlsCertificateName: (server) =>
    `The certificate of the server is for another name: ${server}. Connect to a name that it lists.`,
  tlsCertificateKind: (server) =>
    `The certificate of the server is marked as an authority: ${server}. The server needs one with basicConstraints=CA:FALSE.`,
  connectionLost: "The connection to the server was lost. The next request connects again.",
  noResponse:
    "The server closed the connection without a response. Check the port, and whether the server needs --tls.",
  responseTimeout: "The server no longer responds. Try again later.",
  responseMalformed: (reason) =>
    `The response of the server is not valid HTTP (${reason}). Check the address, the port and --tls.`,
  responseTooLarge: (limit) =>
    `The response is over the limit (${limit}) and was discarded. Check that this is the right server.`,
  downloadIncomplete:
    "The image that was received does not match what the server announced, and was discarded. Try again.",
  downloadStopped: (received) =>
    `The connection was lost during the download (${received} received). Try again to resume it.`,
  redirected: (target) =>
    `The server redirects to ${target}. The client does not follow; name that server yourself.`,
  tooManyAttempts: (seconds) =>
    seconds === null
      ? "Too many attempts. Try again later."
      : `Too many attempts. Try again in ${seconds} seconds.`,
  tryAgain: "The server is busy. Try again in a moment.",
  serverSaid: (status) =>
    `The server responded: ${status}. Try again, or use --debug to see the exchange.`,

  cookiesDamaged: (path) =>
    `The cookie file is damaged and is not used: ${path}. Repair or delete it.`,
  cookiesUnreadable: (path, reason) =>
    `The cookie file cannot be read: ${path} (${reason}). Fix that, or choose another directory with --data.`,
  cookiesNotSaved: (path, reason) =>
    `The cookies cannot be saved: ${path} (${reason}). Fix that, or choose another directory with --data.`,
  cacheUnusable: (path, reason) =>
    `The image cannot be stored: ${path} (${reason}). Choose another directory with --data.`,
  caInvalid: (path) => `The file holds no certificate in PEM format: ${path}. Check --ca.`,
  caUnreadable: (path, reason) =>
    `The certificate file cannot be read: ${path} (${reason}). Check --ca.`,
  fileError: (error) => FILE_REASONS[fileReason(error)],
  outputFailed: (reason) => `The output cannot be written (${reason}). Send it elsewhere.`,
  outputFileFailed: (path, reason) =>
    `The file cannot be written: ${path} (${reason}). Choose another one with --output.`,
  outputOne: "--output - takes a single image. Name a directory for several.",
  unexpected: (reason) => `Unexpected error: ${reason}. Use --debug to see the exchange.`,

  hostAndPortMissing: "A host and a port are required.",
  noServerAddress: (server) =>
    `Not a server address: ${server}. The host must be a name or an IP address, the port a number from 1 to 65535.`,
  didYouMean: (name) => `Did you mean ${name}?`,
  unknownOption: (option) => `Unknown option: ${option}.`,
  optionNeedsValue: (option) => `${option} needs a value.`,
  optionChoices: (option, choices) => `${option} must be one of: ${choices}.`,
  optionNumber: (option, least, most) => `${option} must be a number from ${least} to ${most}.`,
  unknownCommand: (command) => `Unknown command: ${command}.`,
  commandArguments: (command) => `Wrong arguments for the command: ${command}.`,
  needsCommand: (option) => `${option} requires a command.`,
  passwordStdinUse: "--password-stdin works with register, login and passwd only.",
  outputUse: "--output works with image only.",
  outputOrJson: "--output - and --json cannot be used together.",
  caNeedsTls: "--ca requires --tls.",
  usageHint: `${USAGE_LINE}\nsee --help`,
  usage: USAGE,
};
