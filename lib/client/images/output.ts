/**
 * `--output`: the bytes of images into files of the user's choice.
 */
import { basename, dirname, extname, join } from "@std/path";
import { strip } from "../../text/printable.ts";
import { Failure } from "../failure.ts";
import { cachePath } from "./cache_path.ts";

/**
 * Returns the file that an image is written to.
 *
 * @param output the operand of `--output`: a file, or a directory if it is one, ends with a
 * separator or several images are asked for
 * @param url the name of the image
 * @param several whether more than one image is asked for; then the folders of the name are kept,
 * so that no image takes the place of another
 */
export function outputPath(output: string, url: string, several: boolean): string {
  const names = cachePath(url);
  if (several) return join(output, ...names);
  const isDirectory = /[/\\]$/.test(output) || isExistingDirectory(output);
  return isDirectory ? join(output, names[names.length - 1]) : output;
}

function isExistingDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Returns a path where nothing is yet: `path`, else `name (2).jpg`, `name (3).jpg` … */
export function unusedPath(path: string): string {
  const extension = extname(path), stem = path.slice(0, path.length - extension.length);
  for (let number = 1;; number++) {
    const unused = number === 1 ? path : `${stem} (${number})${extension}`;
    try {
      Deno.lstatSync(unused);
    } catch {
      // Missing, or unreachable, which the copy will say.
      return unused;
    }
  }
}

/** Copies a file whole or not at all. @throws {Failure} */
export function copyWhole(from: string, to: string): void {
  const temporary = join(dirname(to), `.${basename(to)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    Deno.mkdirSync(dirname(to), { recursive: true });
    Deno.copyFileSync(from, temporary);
    Deno.renameSync(temporary, to);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was not created.
    }
    const path = strip(to);
    throw new Failure("OUTPUT_FAILED", (m) => m.outputFileFailed(path, m.fileError(error)));
  }
}
