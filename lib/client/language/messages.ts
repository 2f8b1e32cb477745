/**
 * Every sentence of the client. The catalogue of a language is an object of this type, so the
 * compiler finds a missing sentence. Text that is filled in has passed through `strip`.
 */
import type { PhotoFacts } from "../browser/facts.ts";

/** The sentences of one language. */
export interface Messages {
  // The menu.
  readonly chooseService: string;
  readonly menuRegister: string;
  readonly menuLogin: string;
  readonly menuPrivilege: string;
  readonly menuImage: string;
  readonly menuLogout: string;
  readonly menuExit: string;
  readonly notOnMenu: string;
  readonly loginFirst: string;
  readonly goodbye: string;
  readonly askUsername: string;
  readonly askPassword: string;
  readonly askNewPassword: string;
  readonly askPasswordAgain: string;
  readonly passwordsDiffer: string;
  readonly askUrl: string;
  /** Asked if the privilege is missing; an answer that starts with `y` raises it. */
  readonly askRaise: string;
  readonly emptyAnswer: string;
  readonly lineTooLong: string;
  readonly noPassword: string;

  // The operations.
  readonly registered: (user: string) => string;
  readonly userExists: (user: string) => string;
  readonly registerFailed: (reason: string) => string;
  /**
   * Why the server refuses a username or a password: a clause, from the server's own in English.
   */
  readonly refusalReason: (reason: string) => string;
  readonly loggedIn: (user: string) => string;
  readonly loginFailed: (user: string) => string;
  readonly loggedOut: string;
  /** The cookies are gone, but the session on the server may live on. */
  readonly loggedOutHere: string;
  readonly passwordChanged: (user: string) => string;
  readonly passwordFailed: (reason: string) => string;
  /** Who is logged in, without a raised privilege. */
  readonly status: (user: string) => string;
  /** `until` is local time, `HH:MM`. */
  readonly statusRaised: (user: string, until: string, minutes: number) => string;
  readonly nobodyLoggedIn: string;
  readonly privilegeChanged: string;
  readonly privilegeAlready: string;
  /** `when` is local time, `YYYY-MM-DD HH:MM:SS`. */
  readonly keyExpires: (when: string) => string;
  readonly keyExpiryUnknown: string;
  readonly loginRequired: string;
  readonly forbidden: string;
  readonly noKey: string;
  readonly imageNotFound: (url: string) => string;
  readonly folderNotFound: (folder: string) => string;
  readonly listMalformed: string;
  readonly noList: string;
  readonly notSupported: (command: string) => string;
  readonly imageWritten: (path: string, size: string) => string;
  readonly imageFetched: (path: string, size: string) => string;
  readonly imageFromCache: (path: string) => string;
  readonly imageUnknownType: (path: string, type: string) => string;
  readonly imageTooLarge: (path: string) => string;
  readonly imageDamaged: (path: string) => string;
  readonly imageTooSlow: (path: string) => string;
  readonly imageFirstOfSequence: string;
  readonly imagePartial: string;
  readonly animationHint: string;

  // The browser of images.
  readonly browserCounts: (images: number, size: string) => string;
  readonly browserMatches: (shown: number, all: number) => string;
  readonly browserSorted: (order: string) => string;
  readonly browserSearch: string;
  /** Keys and what they do, the most important ones first and last, with three blanks between. */
  readonly browserKeys: string;
  readonly browserViewKeys: string;
  readonly browserZoomKeys: string;
  readonly browserHelpTitle: string;
  /** A line for each key, and what it does behind two blanks or more. */
  readonly browserHelp: string;
  readonly browserBack: string;
  readonly browserMore: string;
  readonly browserLoading: string;
  readonly browserNoKey: string;
  readonly browserUndrawn: string;
  /** What the facts about an image are called. */
  readonly browserFacts: Readonly<Record<"size" | "changed" | keyof PhotoFacts, string>>;
  readonly browserNoFacts: string;
  readonly browserEmpty: string;
  readonly browserNoMatch: string;
  readonly askNumber: string;

  // Waiting.
  readonly waitingRegister: string;
  readonly waitingLogin: string;
  readonly waitingPassword: string;
  readonly downloading: string;

  // The server and the way to it.
  readonly unknownHost: (host: string) => string;
  readonly connectionRefused: (server: string) => string;
  readonly unreachable: (server: string) => string;
  readonly connectTimeout: (server: string, seconds: number) => string;
  readonly tlsFailed: (server: string) => string;
  readonly tlsCertificate: (server: string, reason: string) => string;
  /** It is too old, or too new for this computer's clock. */
  readonly tlsCertificateTime: (server: string) => string;
  /** It is made out to other names. */
  readonly tlsCertificateName: (server: string) => string;
  /** It is an authority's, which may sign certificates but not stand for a server. */
  readonly tlsCertificateKind: (server: string) => string;
  readonly connectionLost: string;
  readonly noResponse: string;
  readonly responseTimeout: string;
  readonly responseMalformed: (reason: string) => string;
  readonly responseTooLarge: (limit: string) => string;
  readonly downloadIncomplete: string;
  readonly downloadStopped: (received: string) => string;
  readonly redirected: (target: string) => string;
  readonly tooManyAttempts: (seconds: string | null) => string;
  readonly tryAgain: string;
  readonly serverSaid: (status: string) => string;

  // Files.
  readonly cookiesDamaged: (path: string) => string;
  readonly cookiesUnreadable: (path: string, reason: string) => string;
  readonly cookiesNotSaved: (path: string, reason: string) => string;
  readonly cacheUnusable: (path: string, reason: string) => string;
  readonly caInvalid: (path: string) => string;
  readonly caUnreadable: (path: string, reason: string) => string;
  /** Why a file cannot be read or written, from what the runtime throws: a clause, no full stop. */
  readonly fileError: (error: unknown) => string;
  readonly outputFailed: (reason: string) => string;
  readonly outputFileFailed: (path: string, reason: string) => string;
  readonly outputOne: string;
  readonly unexpected: (reason: string) => string;

  // The command line.
  readonly hostAndPortMissing: string;
  readonly noServerAddress: (server: string) => string;
  readonly didYouMean: (name: string) => string;
  readonly unknownOption: (option: string) => string;
  readonly optionNeedsValue: (option: string) => string;
  readonly optionChoices: (option: string, choices: string) => string;
  readonly optionNumber: (option: string, least: number, most: number) => string;
  readonly unknownCommand: (command: string) => string;
  readonly commandArguments: (command: string) => string;
  readonly needsCommand: (option: string) => string;
  readonly passwordStdinUse: string;
  readonly outputUse: string;
  readonly outputOrJson: string;
  readonly caNeedsTls: string;
  /** The two lines below the sentence about a wrong command line. */
  readonly usageHint: string;
  /** The whole of `--help`. */
  readonly usage: string;
}
