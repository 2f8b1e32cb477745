/**
 * The scripting mode: one operation, no menu. The picture, the list or the JSON goes to stdout,
 * sentences to stderr.
 */
import { byteSize } from "../text/byte_size.ts";
import { localTime } from "../text/local_time.ts";
import { escape, strip, UNSAFE } from "../text/printable.ts";
import { Failure } from "./failure.ts";
import { browseImages } from "./browser/mod.ts";
import { joinName, pagesOf } from "./images/image_names.ts";
import { copyWhole, outputPath } from "./images/output.ts";
import type { Command } from "./options.ts";
import type { Session } from "./session.ts";
import { transportFailure } from "./remote/transport_failure.ts";

/** What a command came to: the sentence for a person and the members for a script. */
interface Result {
  readonly sentence: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/**
 * Runs one command.
 *
 * @returns whether all of it succeeded; what failed has been reported
 * @throws {Failure} if the command failed as a whole
 */
export async function runCommand(session: Session, command: Command): Promise<boolean> {
  if (command.name === "list") {
    await list(session, command.folder);
    return true;
  }
  if (command.name === "browse") {
    await browseImages(session, command.folder);
    return true;
  }
  if (command.name === "image") return await images(session, command);
  await report(session, command, await perform(session, command));
  return true;
}

/** The JSON line of a failure. */
export function failureJson(command: Command, token: string, sentence: string): string {
  return jsonLine({ ok: false, command: command.name, error: token, message: sentence });
}

/** One line of JSON. What a terminal would obey is escaped; the value stays the same. */
function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  ) + "\n";
}

async function report(session: Session, command: Command, { sentence, members }: Result) {
  if (session.options.json) {
    await session.screen.put(jsonLine({ ok: true, command: command.name, ...members }));
  } else {
    await session.screen.say(sentence);
  }
}

async function perform(
  session: Session,
  command: Exclude<Command, { name: "image" | "list" | "browse" }>,
): Promise<Result> {
  const { messages, server, options } = session;
  switch (command.name) {
    case "register": {
      const { username } = command;
      const password = options.passwordStdin
        ? await passwordLine(session)
        : required(await session.askNewPassword(messages.askPassword));
      await session.register(username, password);
      return { sentence: messages.registered(strip(username)), members: { user: username } };
    }
    case "login": {
      const { username } = command;
      await session.login(username, await currentPassword(session));
      return { sentence: messages.loggedIn(strip(username)), members: { user: username } };
    }
    case "passwd": {
      const { username } = command;
      const current = await currentPassword(session);
      const changed = options.passwordStdin
        ? await passwordLine(session)
        : required(await session.askNewPassword(messages.askNewPassword));
      await session.changePassword(username, current, changed);
      return { sentence: messages.passwordChanged(strip(username)), members: { user: username } };
    }
    case "privilege": {
      const privilege = await server.raisePrivilege();
      const { already, expiryTime } = privilege;
      return {
        sentence: session.privilegeSentences(privilege),
        members: { already, expires: isoTime(expiryTime) },
      };
    }
    case "status": {
      const login = await server.findLogin();
      if (login === null) throw new Failure("LOGIN_REQUIRED", (m) => m.nobodyLoggedIn);
      const { user, expiryTime, keyExpiryTime } = login;
      return {
        sentence: session.statusLine(login),
        members: { user, expires: isoTime(expiryTime), key_expires: isoTime(keyExpiryTime) },
      };
    }
    case "logout":
      return { sentence: session.logoutSentence(await server.logOut()), members: {} };
  }
}

function isoTime(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}

/** Shows or writes the images that are named. A failure of one does not stop the others. */
async function images(session: Session, command: Command & { name: "image" }): Promise<boolean> {
  const { server, options, screen, messages } = session;
  if (!options.json && options.output === null) session.pictures.prepare();
  const { hasEntityTags } = await server.checkKey();
  const names: string[] = [];
  for (const name of command.images) names.push(...await session.expand(name));
  const several = names.length > 1;
  if (several && options.output === "-") throw new Failure("OUTPUT_FAILED", (m) => m.outputOne);
  let allWell = true;
  for (const name of names) {
    try {
      const result = await image(session, { name, hasEntityTags, several });
      if (result !== null) await report(session, command, result);
    } catch (error) {
      const failure = transportFailure(error);
      if (error instanceof Deno.errors.BrokenPipe) throw error;
      if (failure.token === "NO_KEY" || failure.token === "OUTPUT_FAILED") throw failure;
      allWell = false;
      const sentence = failure.sentence(messages);
      if (options.json) await screen.put(failureJson(command, failure.token, sentence));
      else screen.note(sentence + "\n");
    }
  }
  return allWell;
}

/** Shows or writes one image. @returns null if stdout holds its bytes */
async function image(
  session: Session,
  asked: { name: string; hasEntityTags: boolean; several: boolean },
): Promise<Result | null> {
  const { messages, options, screen } = session;
  const { image, url } = await session.find(asked.name, asked.hasEntityTags);
  const { path, source, size, unkept } = image;
  const members = { url, path, source, bytes: size };
  if (options.output === "-") {
    await screen.putBytes(image.content ?? await Deno.readFile(path));
    return null;
  }
  if (options.output !== null) {
    const to = outputPath(options.output, url, asked.several);
    copyWhole(path, to);
    const sentence = messages.imageWritten(strip(to), byteSize(size));
    return { sentence, members: { ...members, path: to } };
  }
  if (!options.json) return { sentence: await session.show(image, url), members };
  // In JSON, the path is the result.
  if (unkept) throw unkept;
  const damaged = await session.pictures.isDamaged(path) ? { damaged: true } : {};
  return { sentence: "", members: { ...members, ...damaged } };
}

/** Lists a folder: names into a pipe, with size and date on a terminal, or objects of JSON. */
async function list(session: Session, folder: string): Promise<void> {
  const { options, screen, server } = session;
  const isForPeople = screen.outIsTerminal && !options.json;
  for await (const page of pagesOf(server, folder)) {
    const lines: string[] = [];
    for (const { name, images } of page.folders) {
      const whole = joinName(folder, name);
      if (options.json) lines.push(jsonLine({ folder: whole, images }));
      else lines.push(listLine(isForPeople, `${whole}/`, "", ""));
    }
    for (const entry of page.images) {
      if (options.json) lines.push(jsonLine({ ...entry }));
      else {
        const when = entry.modified === null ? "" : localTime(entry.modified).slice(0, 16);
        lines.push(listLine(isForPeople, entry.url, byteSize(entry.bytes), when));
      }
    }
    await screen.put(lines.join(""));
  }
}

/** One line of a list. A name in a pipe stays as it is, unless it would be two lines. */
function listLine(isForPeople: boolean, name: string, size: string, when: string): string {
  if (isForPeople) return `${size.padStart(9)}  ${when.padEnd(16)}  ${escape(name)}\n`;
  return `${/[\n\r]/.test(name) ? escape(name) : name}\n`;
}

/** The password that exists: a line of stdin if that was asked for, else a hidden answer. */
async function currentPassword(session: Session): Promise<string> {
  if (session.options.passwordStdin) return await passwordLine(session);
  return required(await session.askSecret(session.messages.askPassword));
}

async function passwordLine(session: Session): Promise<string> {
  return required(await session.input.line());
}

function required(password: string | null): string {
  if (password === null || password === "") throw new Failure("NO_PASSWORD", (m) => m.noPassword);
  return password;
}
