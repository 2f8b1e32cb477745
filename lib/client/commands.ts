/**
 * The scripting mode: one operation, no menu. The picture or the JSON goes to stdout, sentences to
 * stderr.
 */
import { Failure } from "./failure.ts";
import type { Command } from "./options.ts";
import { strip, UNSAFE } from "../text/printable.ts";
import type { Session } from "./session.ts";

/** What a command came to: the sentence for a person and the members for a script. */
interface Result {
  readonly sentence: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Does one command. @throws Failure where it fails */
export async function runCommand(session: Session, command: Command): Promise<void> {
  const { sentence, members } = await perform(session, command);
  if (session.options.json) {
    await session.screen.put(jsonLine({ ok: true, command: command.name, ...members }));
  } else {
    await session.screen.say(sentence);
  }
}

/** The JSON line of a failure. */
export function failureJson(command: Command, token: string, sentence: string): string {
  return jsonLine({ ok: false, command: command.name, error: token, message: sentence });
}

/** One line of JSON, in which what a terminal would obey is escaped: the value stays the same. */
function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  ) + "\n";
}

async function perform(session: Session, command: Command): Promise<Result> {
  const { messages, server } = session;
  switch (command.name) {
    case "register": {
      const { username } = command;
      await session.register(username, await password(session));
      return { sentence: messages.registered(strip(username)), members: { user: username } };
    }
    case "login": {
      const { username } = command;
      await session.login(username, await password(session));
      return { sentence: messages.loggedIn(strip(username)), members: { user: username } };
    }
    case "privilege": {
      const privilege = await server.raisePrivilege();
      const { already, expiryTime } = privilege;
      return {
        sentence: session.privilegeSentences(privilege),
        members: {
          already,
          expires: expiryTime === null ? null : new Date(expiryTime * 1000).toISOString(),
        },
      };
    }
    case "image":
      return await image(session, command.url);
    case "logout": {
      const had = server.forget();
      return { sentence: had ? messages.loggedOut : messages.nobodyLoggedIn, members: {} };
    }
  }
}

async function image(session: Session, url: string): Promise<Result> {
  const { server, options } = session;
  if (!options.json) session.pictures.prepare();
  const { hasEntityTags } = await server.checkKey();
  const fetched = await session.fetch(url, hasEntityTags);
  const { path, source, size, unkept } = fetched;
  const members = { url, path, source, bytes: size };
  if (!options.json) return { sentence: await session.show(fetched, url), members };
  // In JSON, the path is the result.
  if (unkept) throw unkept;
  const damaged = await session.pictures.isDamaged(path) ? { damaged: true } : {};
  return { sentence: "", members: { ...members, ...damaged } };
}

/**
 * The password: the first line of a pipe where that was asked for, else the answer to a question.
 */
async function password(session: Session): Promise<string> {
  const { options, input, messages } = session;
  const answer = options.passwordStdin
    ? await input.line()
    : await session.askSecret(messages.askPassword);
  if (answer === null || answer === "") {
    throw new Failure("NO_PASSWORD", (m) => m.noPassword);
  }
  return answer;
}
