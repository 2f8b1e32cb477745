/**
 * The menu, the same on a terminal and in a pipe.
 */
import { strip } from "../text/printable.ts";
import { browseImages } from "./browser/mod.ts";
import { Failure } from "./failure.ts";
import type { Login } from "./remote/photo_server.ts";
import type { HistoryName } from "./terminal/history.ts";
import type { ImageAtHand, Session } from "./session.ts";

/** Thrown if input ends in the middle of a question: then the menu ends, too. */
class EndOfInput extends Error {}

/** Shows the menu until the user leaves or input ends. After a failure the menu goes on. */
export async function runMenu(session: Session): Promise<void> {
  const { messages, screen } = session;
  const menu = new Menu(session);
  await menu.findLogin();
  try {
    for (;;) {
      await menu.show();
      try {
        if (!await menu.serve(await menu.answer("> "))) break;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        await screen.say(error.sentence(messages));
        if (error.token === "LOGIN_REQUIRED" || error.token === "FORBIDDEN") menu.forgetLogin();
      }
    }
  } catch (error) {
    if (!(error instanceof EndOfInput)) throw error;
    // Ctrl-D leaves the cursor behind the question.
    if (session.input.isTerminal) await screen.say("");
  }
  await screen.say(messages.goodbye);
}

class Menu {
  readonly #session: Session;
  /** Who is logged in; null if nobody is. */
  #login: Login | null = null;
  #isShown = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Takes a session of an earlier run for a login. */
  async findLogin(): Promise<void> {
    try {
      this.#login = await this.#session.server.findLogin();
    } catch (error) {
      // The first choice will show what is wrong with the server.
      if (!(error instanceof Failure)) throw error;
    }
  }

  forgetLogin(): void {
    this.#login = null;
  }

  async show(): Promise<void> {
    const { messages, screen } = this.#session;
    const lines = this.#isShown ? [""] : [];
    if (this.#login !== null) lines.push(this.#session.statusLine(this.#login));
    lines.push(messages.chooseService);
    if (this.#login === null) lines.push(messages.menuRegister, messages.menuLogin);
    else lines.push(messages.menuPrivilege, messages.menuImage, messages.menuLogout);
    await screen.say([...lines, messages.menuExit].join("\n"));
    this.#isShown = true;
  }

  /** Does what was chosen. @returns false for the choice to leave */
  async serve(choice: string): Promise<boolean> {
    const { messages, screen } = this.#session;
    switch (choice.trim()) {
      case "1":
        await this.#register();
        return true;
      case "2":
        await this.#logIn();
        return true;
      case "3":
        await this.#whenLoggedIn(() => this.#raisePrivilege());
        return true;
      case "4":
        await this.#whenLoggedIn(() => this.#viewImage());
        return true;
      case "5":
        await this.#whenLoggedIn(() => this.#logOut());
        return true;
      case "99":
        return false;
    }
    await screen.say(messages.notOnMenu);
    return true;
  }

  /** Asks a question. @throws {EndOfInput} */
  async answer(question: string, name: HistoryName | null = null): Promise<string> {
    return this.#given(await this.#session.ask(question, name));
  }

  async #whenLoggedIn(serve: () => Promise<void>): Promise<void> {
    if (this.#login !== null) await serve();
    else await this.#session.screen.say(this.#session.messages.loginFirst);
  }

  async #register(): Promise<void> {
    const { messages, screen } = this.#session;
    const username = this.#filled(await this.answer(messages.askUsername, "username"));
    const asked = await this.#session.askNewPassword(messages.askPassword);
    const password = this.#filled(this.#given(asked));
    await this.#session.register(username, password);
    await screen.say(messages.registered(strip(username)));
  }

  async #logIn(): Promise<void> {
    const { messages, screen } = this.#session;
    const username = this.#filled(await this.answer(messages.askUsername, "username"));
    const asked = await this.#session.askSecret(messages.askPassword);
    const password = this.#filled(this.#given(asked));
    await this.#session.login(username, password);
    const { keyExpiryTime } = this.#session.server;
    this.#login = { user: username, expiryTime: null, keyExpiryTime };
    await screen.say(messages.loggedIn(strip(username)));
  }

  async #logOut(): Promise<void> {
    const ended = await this.#session.server.logOut();
    this.#login = null;
    await this.#session.screen.say(this.#session.logoutSentence(ended));
  }

  async #raisePrivilege(): Promise<void> {
    const privilege = await this.#session.server.raisePrivilege();
    if (this.#login !== null) this.#login = { ...this.#login, keyExpiryTime: privilege.expiryTime };
    await this.#session.screen.say(this.#session.privilegeSentences(privilege));
  }

  async #viewImage(): Promise<void> {
    const { messages, screen, server } = this.#session;
    const { hasEntityTags } = await this.#withPrivilege(() => server.checkKey());
    this.#session.pictures.prepare();
    let typed = (await this.answer(messages.askUrl, "image")).trim();
    // A folder, as Tab completes it, is looked through; no image has such a name.
    const folder = typed === "" ? "" : /^(?:\.?\/)*(.+)\/$/.exec(typed)?.[1];
    if (folder !== undefined && this.#session.input.isTerminal) {
      try {
        return await this.#withPrivilege(() => browseImages(this.#session, folder));
      } catch (error) {
        if (!(error instanceof Failure) || error.token !== "NOT_SUPPORTED") throw error;
        await screen.say(messages.noList);
        typed = (await this.answer(messages.askUrl, "image")).trim();
      }
    }
    this.#filled(typed);
    const { image, url } = await this.#withPrivilege<{ image: ImageAtHand; url: string }>(() =>
      this.#session.find(typed, hasEntityTags)
    );
    await screen.say(await this.#session.show(image, url));
  }

  /** Offers to raise the privilege, on a terminal, if `work` needs it, and then tries again. */
  async #withPrivilege<Result>(work: () => Promise<Result>): Promise<Result> {
    const { input, messages } = this.#session;
    try {
      return await work();
    } catch (error) {
      const isMissing = error instanceof Failure && error.token === "NO_KEY";
      if (!isMissing || !input.isTerminal) throw error;
      if (!/^[yYㅛ]/.test((await this.answer(messages.askRaise)).trim())) throw error;
      await this.#raisePrivilege();
      return await work();
    }
  }

  #filled(answer: string): string {
    if (answer === "") throw new Failure("EMPTY_ANSWER", (m) => m.emptyAnswer);
    return answer;
  }

  #given(answer: string | null): string {
    if (answer === null) throw new EndOfInput();
    return answer;
  }
}
