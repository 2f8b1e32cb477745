/** The "did you mean" of a command line. */
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/**
 * Returns the word that a mistyped one most likely stands for: the only one that it begins, else the
 * nearest by edits within a third of its length.
 *
 * @param typed what was typed
 * @param words what could have been meant
 * @returns null if none is near
 */
export function nearMiss(typed: string, words: readonly string[]): string | null {
  const begun = typed === "" ? [] : words.filter((word) => word.startsWith(typed));
  if (begun.length === 1) return begun[0];
  let nearest: string | null = null;
  // Two neighbours swapped are two edits, so a word of four letters may take as many.
  let least = 1 + Math.max(typed.length > 3 ? 2 : 1, Math.floor(typed.length / 3));
  for (const word of words) {
    const distance = levenshteinDistance(typed, word);
    if (distance < least && distance < word.length) [nearest, least] = [word, distance];
  }
  return nearest;
}
