/**
 * The language of the client.
 */
import { ENGLISH } from "./english.ts";
import { KOREAN } from "./korean.ts";
import type { Messages } from "./messages.ts";

/** A language, by its ISO 639 code. */
export type Language = "ko" | "en";

/** The complete catalogue of each language. */
export const CATALOGUES: Readonly<Record<Language, Messages>> = { ko: KOREAN, en: ENGLISH };

/** The environment variables that name the language, in POSIX order of precedence. */
const LANGUAGE_VARIABLES = ["LC_ALL", "LC_MESSAGES", "LANG"] as const;

/**
 * Returns the language of the environment: Korean if no variable is set, or if the first one that
 * is set starts with `ko`; else English.
 *
 * @param variable returns the value of an environment variable
 */
export function languageOf(variable: (name: string) => string | undefined): Language {
  for (const name of LANGUAGE_VARIABLES) {
    const value = variable(name);
    if (value) return value.startsWith("ko") ? "ko" : "en";
  }
  return "ko";
}
