/**
 * The browser without a screen of its own: a numbered list and a question. For pipes and for
 * terminals that cannot move their cursor.
 */
import { byteSize } from "../../text/byte_size.ts";
import { escape } from "../../text/printable.ts";
import { joinName, pagesOf } from "../images/image_names.ts";
import type { Session } from "../session.ts";

/** Entries that are listed before the question; the rest is one page further. */
export const LISTED = 1000;

/**
 * Lists a folder and asks for a number, until an image is chosen.
 *
 * @returns the image; null if nothing was chosen
 * @throws {Failure}
 */
export async function chooseByNumber(session: Session, folder: string): Promise<string | null> {
  const { messages, screen, server } = session;
  for (let current = folder;;) {
    const names: string[] = [];
    const lines: string[] = [];
    const add = (name: string, facts: string) => {
      names.push(name);
      lines.push(`${`${names.length}`.padStart(4)}. ${escape(name)}${facts}`);
    };
    for await (const page of pagesOf(server, current)) {
      for (const { name } of page.folders) add(`${joinName(current, name)}/`, "");
      for (const { url, bytes } of page.images) add(url, `  (${byteSize(bytes)})`);
      if (names.length >= LISTED) break;
    }
    await screen.say(lines.length === 0 ? messages.browserEmpty : lines.join("\n"));
    if (lines.length === 0) return null;
    const answer = (await session.ask(messages.askNumber))?.trim() ?? "";
    const chosen = names.find((name) => name === answer || name === `${answer}/`) ??
      (/^[0-9]{1,6}$/.test(answer) ? names[Number(answer) - 1] : undefined);
    if (chosen === undefined) return answer === "" ? null : answer;
    if (!chosen.endsWith("/")) return chosen;
    current = chosen.slice(0, -1);
  }
}
