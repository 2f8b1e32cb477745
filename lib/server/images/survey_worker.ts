/**
 * The Worker that counts images: it is sent the path of the images directory.
 *
 * @module
 */
import { runInBackground } from "../background_thread.ts";
import { type Survey, surveyImages } from "./survey.ts";

/** The Worker's side of its channel; the DOM types that declare it are not loaded. */
const channel = globalThis as unknown as {
  onmessage: ((event: MessageEvent<string>) => void) | null;
  postMessage(survey: Survey): void;
};

runInBackground();
channel.onmessage = ({ data: root }) => channel.postMessage(surveyImages(root));
