/**
 * The menu, the same on a terminal and over a pipe.
 */
import { Failure } from "./failure.ts";
import { strip } from "../text/printable.ts";
import type { Session } from "./session.ts";

/** Thrown where input ends in the middle of a question: then the menu ends too. */
class EndOfInput extends Error {}

/** Shows the menu until it is left or input ends. A failure is a sentence, and the menu goes on. */
export async function runMenu(session: Session): Promise<void> {
  const { messages, screen } = session;
  const menu = new Menu(session);
  try {
    for (;;) {
      await menu.show();
      try {
        if (!await menu.serve(await menu.answer("> "))) break;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        await screen.say(error.sentence(messages));
        if (error.token === "LOGIN_REQUIRED" || error.token === "FORBIDDEN") menu.loggedIn = false;
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
  /** Whether somebody logged in during this run. */
  loggedIn = false;
  #shown = false;

  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async show(): Promise<void> {
    const { messages, screen } = this.#session;
    await screen.say([
      ...(this.#shown ? [""] : []),
      messages.chooseService,
      ...(this.loggedIn
        ? [messages.menuPrivilege, messages.menuImage]
        : [messages.menuRegister, messages.menuLogin]),
      messages.menuExit,
    ].join("\n"));
    this.#shown = true;
  }

  /** Does what was chosen. @returns false where that is to leave */
  async serve(choice: string): Promise<boolean> {
    const { messages, screen } = this.#session;
    switch (choice.trim()) {
      case "1":
        if (this.loggedIn) break;
        await this.register();
        return true;
      case "2":
        if (this.loggedIn) break;
        await this.login();
        return true;
      case "3":
        if (this.loggedIn) await this.raisePrivilege();
        else await screen.say(messages.loginFirst);
        return true;
      case "4":
        if (this.loggedIn) await this.viewImage();
        else await screen.say(messages.loginFirst);
        return true;
      case "99":
        return false;
    }
    await screen.say(messages.notOnMenu);
    return true;
  }

  async answer(question: string, secret = false): Promise<string> {
    const answer = secret
      ? await this.#session.askSecret(question)
      : await this.#session.ask(question);
    if (answer === null) throw new EndOfInput();
    return answer;
  }

  async register(): Promise<void> {
    const { messages, screen } = this.#session;
    const [username, password] = await this.#credentials();
    await this.#session.register(username, password);
    await screen.say(messages.registered(strip(username)));
  }

  async login(): Promise<void> {
    const { messages, screen } = this.#session;
    const [username, password] = await this.#credentials();
    await this.#session.login(username, password);
    this.loggedIn = true;
    await screen.say(messages.loggedIn(strip(username)));
  }

  async raisePrivilege(): Promise<void> {
    const privilege = await this.#session.server.raisePrivilege();
    await this.#session.screen.say(this.#session.privilegeSentences(privilege));
  }

  async viewImage(): Promise<void> {
    const { messages, screen } = this.#session;
    const { hasEntityTags } = await this.#session.server.checkKey();
    this.#session.pictures.prepare();
    const url = this.#filled((await this.answer(messages.askUrl)).trim());
    const image = await this.#session.fetch(url, hasEntityTags);
    await screen.say(await this.#session.show(image, url));
  }

  async #credentials(): Promise<[username: string, password: string]> {
    const { messages } = this.#session;
    const username = this.#filled(await this.answer(messages.askUsername));
    return [username, this.#filled(await this.answer(messages.askPassword, true))];
  }

  #filled(answer: string): string {
    if (answer === "") throw new Failure("EMPTY_ANSWER", (m) => m.emptyAnswer);
    return answer;
  }
}
