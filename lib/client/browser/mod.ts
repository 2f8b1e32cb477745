/**
 * The browser of images, in the form that the terminal can show.
 *
 * @module
 */
import type { Session } from "../session.ts";
import { chooseByNumber } from "./numbered_list.ts";

/**
 * Lets a person look through the images of a folder.
 *
 * @param folder its name, empty for all images
 * @throws {Failure} if the folder cannot be listed, or the privilege is missing
 */
export async function browseImages(session: Session, folder: string): Promise<void> {
  await session.server.checkKey();
  const isSheet = session.input.canEdit && session.screen.outIsTerminal &&
    session.pictures.hasColors;
  if (isSheet) {
    const { browse } = await import("./browser.ts");
    return await browse(session, folder);
  }
  const chosen = await chooseByNumber(session, folder);
  if (chosen === null) return;
  const { image, url } = await session.find(chosen, true);
  await session.screen.say(await session.show(image, url));
}
