/** Counts what is in the images directory, for the log of the start. */
import { hasImageExtension, imageMediaType, isSafePath } from "./image_name.ts";

/** Most entries that are visited; the count of a larger directory is reported as "more than". */
export const MOST_SURVEYED = 200_000;

/** Names quoted in the log. */
const MOST_QUOTED = 5;

/** The result of `surveyImages`. */
export interface Survey {
  /** Images in all folders. */
  readonly images: number;
  readonly folders: number;
  /** Whether there are more entries than were visited. */
  readonly isPartial: boolean;
  /** How many images and folders are not served because of their name, and some of these names. */
  readonly refused: number;
  readonly refusedNames: readonly string[];
}

/**
 * Counts the images below a directory in a Worker: a directory of 100,000 files would block the
 * server for a quarter of a second.
 *
 * @param root as for `surveyImages`
 * @param makeWorker makes a Worker; tests give their own
 * @throws {Error} if the Worker fails
 */
export async function surveyInWorker(
  root: string,
  makeWorker: () => Worker = makeSurveyWorker,
): Promise<Survey> {
  const worker = makeWorker();
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Survey>) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`the images could not be counted: ${event.message}`));
      };
      worker.postMessage(root);
    });
  } finally {
    worker.terminate();
  }
}

/** Makes the Worker of a module, as `makeListingWorker` does. */
function makeSurveyWorker(): Worker {
  const isSource = import.meta.url.endsWith(".ts");
  const url = isSource
    ? new URL("./survey_worker.ts", import.meta.url)
    : new URL("./survey_worker.js", import.meta.url);
  return new Worker(url, { type: "module" });
}

/**
 * Counts the images below a directory; blocks its thread. Links to directories are not followed:
 * they may form a circle.
 *
 * @param root the images directory; one that cannot be read counts as empty
 * @param mostEntries most entries to visit (`MOST_SURVEYED`)
 */
export function surveyImages(root: string, mostEntries = MOST_SURVEYED): Survey {
  let images = 0, folders = 0, entries = 0, refused = 0;
  const refusedNames: string[] = [];
  const waiting = [""];
  const refuse = (path: string) => {
    refused++;
    if (refusedNames.length < MOST_QUOTED) refusedNames.push(path);
  };
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    try {
      for (const { name, isDirectory } of Deno.readDirSync(`${root}/${folder}`)) {
        if (++entries > mostEntries) {
          return { images, folders, isPartial: true, refused, refusedNames };
        }
        if (name.startsWith(".")) continue;
        const path = folder === "" ? name : `${folder}/${name}`;
        if (isDirectory && isSafePath(path)) {
          folders++;
          waiting.push(path);
        } else if (isDirectory) refuse(path);
        else if (imageMediaType(path) !== null) images++;
        else if (hasImageExtension(name)) refuse(path);
      }
    } catch {
      // It cannot be read, or is gone by now: it serves nothing.
    }
  }
  return { images, folders, isPartial: false, refused, refusedNames };
}
