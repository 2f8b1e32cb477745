/**
 * What the menu and the commands have in common.
 */
import { type FetchedImage, fetchImage } from "./images/image_fetch.ts";
import type { ImageCache } from "./images/image_cache.ts";
import type { LineInput } from "./terminal/line_input.ts";
import { localTime } from "../text/local_time.ts";
import type { Messages } from "./language/messages.ts";
import type { Options } from "./options.ts";
import type { PictureView } from "./terminal/picture_view.ts";
import type { PhotoServer, PrivilegeResult } from "./remote/photo_server.ts";
import { ProgressBar, withStatus } from "./terminal/progress.ts";
import type { Screen } from "./terminal/screen.ts";

/** The parts of one run of the client. */
export interface SessionParts {
  readonly options: Options;
  readonly messages: Messages;
  readonly screen: Screen;
  readonly input: LineInput;
  readonly server: PhotoServer;
  readonly cache: ImageCache;
  readonly pictures: PictureView;
}

/** One run of the client. */
export class Session implements SessionParts {
  readonly options: Options;
  readonly messages: Messages;
  readonly screen: Screen;
  readonly input: LineInput;
  readonly server: PhotoServer;
  readonly cache: ImageCache;
  readonly pictures: PictureView;

  constructor(parts: SessionParts) {
    this.options = parts.options;
    this.messages = parts.messages;
    this.screen = parts.screen;
    this.input = parts.input;
    this.server = parts.server;
    this.cache = parts.cache;
    this.pictures = parts.pictures;
  }

  /** Asks for a line. @returns null at the end of input */
  async ask(question: string): Promise<string | null> {
    await this.screen.ask(question);
    const answer = await this.input.line();
    // Input from a pipe is not echoed, and neither is its line feed.
    if (!this.input.isTerminal) await this.screen.say("");
    return answer;
  }

  /** Asks for a line that is not shown. @returns null at the end of input */
  async askSecret(question: string): Promise<string | null> {
    const answer = await this.input.secret(() => this.screen.ask(question));
    await this.screen.say("");
    return answer;
  }

  /** Registers a user, with a status line. @throws {Failure} */
  async register(username: string, password: string): Promise<void> {
    const work = this.server.register(username, password);
    await withStatus(this.screen, this.messages.waitingRegister, work);
  }

  /** Logs in, with a status line. @throws {Failure} */
  async login(username: string, password: string): Promise<void> {
    const work = this.server.login(username, password);
    await withStatus(this.screen, this.messages.waitingLogin, work);
  }

  /** Returns the two sentences about a raised privilege. */
  privilegeSentences({ already, expiryTime }: PrivilegeResult): string {
    const { messages } = this;
    const until = expiryTime === null
      ? messages.keyExpiryUnknown
      : messages.keyExpires(localTime(expiryTime));
    return `${already ? messages.privilegeAlready : messages.privilegeChanged}\n${until}`;
  }

  /** Gets an image, with a progress bar. @throws {Failure} */
  async fetch(url: string, revalidate: boolean): Promise<FetchedImage> {
    const bar = new ProgressBar(this.screen, this.messages.downloading);
    try {
      return await fetchImage(this.server, this.cache, url, {
        origin: this.options.server.origin,
        revalidate,
        progress: (received, total, resumed) => bar.update(received, total, resumed),
      });
    } finally {
      bar.end();
    }
  }
}
