/**
 * What the menu and the commands have in common.
 */
import { type FetchedImage, fetchImage } from "./images/image_fetch.ts";
import { ImageCache } from "./images/image_cache.ts";
import type { LineInput } from "./terminal/line_input.ts";
import { byteSize } from "../text/byte_size.ts";
import { strip } from "../text/printable.ts";
import { fileType } from "./images/file_type.ts";
import { localTime } from "../text/local_time.ts";
import type { Messages } from "./language/messages.ts";
import type { Options } from "./options.ts";
import { type PictureView, remarkSentences } from "./terminal/picture_view.ts";
import {
  candidateNames,
  imagesMatching,
  isPattern,
  joinName,
  nearestImage,
  pagesOf,
} from "./images/image_names.ts";
import type { History, HistoryName } from "./terminal/history.ts";
import type { Login, LogoutResult, PhotoServer, PrivilegeResult } from "./remote/photo_server.ts";
import { Failure } from "./failure.ts";
import { onExit } from "./terminal/exit_hooks.ts";
import { ProgressBar, withStatus } from "./terminal/progress.ts";
import type { Screen } from "./terminal/screen.ts";

/** Names of a folder that a Tab looks through. */
export const COMPLETED_NAMES = 10_000;

/** A fetched image. */
export interface ImageAtHand extends FetchedImage {
  /** Why the image is not kept in the cache; undefined if it is. */
  readonly unkept?: Failure;
}

/** The parts of one run of the client. */
export interface SessionParts {
  readonly options: Options;
  readonly messages: Messages;
  readonly screen: Screen;
  readonly input: LineInput;
  readonly server: PhotoServer;
  readonly cache: ImageCache;
  readonly pictures: PictureView;
  readonly history: History;
  /** Opens another connection to the server, with the same cookies. */
  readonly openServer: () => PhotoServer;
  /** Where the browser saves images: a directory, or empty for the working directory. */
  readonly saveDirectory: string;
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
  readonly history: History;
  readonly openServer: () => PhotoServer;
  readonly saveDirectory: string;
  /** Whether downloads show no progress, because the screen belongs to the browser. */
  isQuiet = false;
  /** The cache in place of one that cannot be written, and why it is used. */
  #temporary: { cache: ImageCache; failure: Failure } | null = null;

  constructor(parts: SessionParts) {
    this.options = parts.options;
    this.messages = parts.messages;
    this.screen = parts.screen;
    this.input = parts.input;
    this.server = parts.server;
    this.cache = parts.cache;
    this.pictures = parts.pictures;
    this.history = parts.history;
    this.openServer = parts.openServer;
    this.saveDirectory = parts.saveDirectory;
  }

  /**
   * Asks for a line. On a terminal it can be edited.
   *
   * @param question one line
   * @param name what earlier answers are kept under; those to some questions are not kept
   * @returns null at the end of input
   */
  async ask(question: string, name: HistoryName | null = null): Promise<string | null> {
    if (this.input.canEdit) {
      const answer = await this.input.edit({
        prompt: question,
        history: name === null ? [] : this.history.answers(name),
        complete: name === "image" ? (text) => this.#completeImage(text) : undefined,
      });
      if (answer !== null) await this.screen.say("");
      if (answer !== null && name !== null) this.history.add(name, answer);
      return answer;
    }
    await this.screen.ask(question);
    const answer = await this.input.line();
    // Input from a pipe is not echoed, and neither is its line feed.
    if (!this.input.isTerminal) await this.screen.say("");
    return answer;
  }

  /** Asks for a line that is not shown. @returns null at the end of input */
  async askSecret(question: string): Promise<string | null> {
    const answer = await this.input.secret(question, () => this.screen.ask(question));
    await this.screen.say("");
    return answer;
  }

  /**
   * Asks for a new password, on a terminal twice.
   *
   * @param question the first question
   * @returns null at the end of input
   * @throws {Failure} if the two differ
   */
  async askNewPassword(question: string): Promise<string | null> {
    const password = await this.askSecret(question);
    if (password === null || password === "" || !this.input.isTerminal) return password;
    const again = await this.askSecret(this.messages.askPasswordAgain);
    if (again === password || again === null) return again;
    throw new Failure("PASSWORDS_DIFFER", (m) => m.passwordsDiffer);
  }

  /** Changes a password, with a status line. @throws {Failure} */
  async changePassword(username: string, password: string, changed: string): Promise<void> {
    const work = this.server.changePassword(username, password, changed);
    await withStatus(this.screen, this.messages.waitingPassword, work);
  }

  /** Returns the names that a Tab can complete `text` to: folders end with a slash. */
  async #completeImage(text: string): Promise<string[]> {
    const folder = text.includes("/") ? text.slice(0, text.lastIndexOf("/")) : "";
    const names: string[] = [];
    try {
      for await (const page of pagesOf(this.server, folder)) {
        names.push(...page.folders.map(({ name }) => `${joinName(folder, name)}/`));
        names.push(...page.images.map(({ url }) => url));
        if (names.length >= COMPLETED_NAMES) break;
      }
    } catch (error) {
      // The question itself will show what is wrong.
      if (!(error instanceof Failure)) throw error;
    }
    return names.filter((name) => name.startsWith(text));
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

  /** Returns the sentence about a logout. */
  logoutSentence(ended: LogoutResult): string {
    const { loggedOut, loggedOutHere, nobodyLoggedIn } = this.messages;
    return { everywhere: loggedOut, here: loggedOutHere, nothing: nobodyLoggedIn }[ended];
  }

  /** Returns one line about who is logged in, and until when the privilege is raised. */
  statusLine({ user, keyExpiryTime }: Login): string {
    const minutes = keyExpiryTime === null
      ? 0
      : Math.ceil(keyExpiryTime / 60 - Date.now() / 60_000);
    if (keyExpiryTime === null || minutes <= 0) return this.messages.status(strip(user));
    return this.messages.statusRaised(strip(user), localTime(keyExpiryTime).slice(11, 16), minutes);
  }

  /**
   * Returns the names of the images that a name or a pattern stands for. A pattern may be the name
   * of an image.
   *
   * @throws {Failure}
   */
  async expand(name: string): Promise<string[]> {
    if (!isPattern(name)) return [name];
    try {
      const matching = await imagesMatching(this.server, name);
      return matching.length === 0 ? [name] : matching;
    } catch (error) {
      if (error instanceof Failure && error.token === "FOLDER_NOT_FOUND") return [name];
      throw error;
    }
  }

  /**
   * Gets the image that a person has named: exactly this name, else one of the forms in which
   * people write it.
   *
   * @throws {Failure} with the nearest name if there is no such image
   */
  async find(typed: string, revalidate: boolean): Promise<{ image: ImageAtHand; url: string }> {
    let missing: unknown;
    for (const url of candidateNames(typed, this.options.server.origin)) {
      try {
        return { image: await this.fetch(url, revalidate), url };
      } catch (error) {
        if (!(error instanceof Failure) || error.token !== "IMAGE_NOT_FOUND") throw error;
        missing ??= error;
      }
    }
    const nearest = await nearestImage(this.server, typed);
    if (nearest === null) throw missing;
    throw new Failure(
      "IMAGE_NOT_FOUND",
      (m) => `${m.imageNotFound(strip(typed))} ${m.didYouMean(strip(nearest))}`,
    );
  }

  /**
   * Gets an image, with a progress bar. If the cache cannot be written, the image goes to a
   * temporary directory that `close` removes.
   *
   * @returns the image, and the failure if it is not kept
   * @throws {Failure}
   */
  async fetch(url: string, revalidate: boolean): Promise<ImageAtHand> {
    if (this.#temporary !== null) {
      const { cache, failure } = this.#temporary;
      return { ...await this.#fetchInto(cache, url, revalidate), unkept: failure };
    }
    try {
      return await this.#fetchInto(this.cache, url, revalidate);
    } catch (failure) {
      if (!(failure instanceof Failure) || failure.token !== "CACHE_UNUSABLE") throw failure;
      this.#temporary = { cache: this.#makeTemporaryCache(failure), failure };
      return await this.fetch(url, revalidate);
    }
  }

  /**
   * Shows an image.
   *
   * @returns the sentences to print below it
   * @throws {Failure}
   */
  async show({ path, size, source, content, unkept }: ImageAtHand, url: string): Promise<string> {
    const { messages } = this;
    const { isDrawn, remarks, kind } = await this.pictures.show(path, content);
    const shown = strip(path);
    const sentences: string[] = [];
    if (!isDrawn) {
      sentences.push(messages.imageUnknownType(shown, kind ?? strip(await fileType(path, url))));
    } else if (source === "cache") sentences.push(messages.imageFromCache(shown));
    else if (!unkept) sentences.push(messages.imageFetched(shown, byteSize(size)));
    if (unkept) sentences.push(unkept.sentence(messages));
    sentences.push(...remarkSentences(messages, remarks));
    return sentences.join("\n");
  }

  /** Removes what this run has left in temporary directories. */
  close(): void {
    if (this.#temporary === null) return;
    try {
      Deno.removeSync(this.#temporary.cache.folder, { recursive: true });
    } catch {
      // The system removes it in time.
    }
    this.#temporary = null;
  }

  /** @throws {Failure} `failure`, if there is no temporary directory either */
  #makeTemporaryCache(failure: Failure): ImageCache {
    try {
      const folder = Deno.makeTempDirSync({ prefix: "socketprogram-" });
      onExit(() => this.close());
      return new ImageCache(folder);
    } catch {
      throw failure;
    }
  }

  async #fetchInto(cache: ImageCache, url: string, revalidate: boolean): Promise<FetchedImage> {
    const bar = this.isQuiet ? null : new ProgressBar(this.screen, this.messages.downloading);
    try {
      return await fetchImage(this.server, cache, url, {
        origin: this.options.server.origin,
        revalidate,
        progress: (received, total, resumed) => bar?.update(received, total, resumed),
      });
    } finally {
      bar?.end();
    }
  }
}
