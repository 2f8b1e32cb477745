/** Suggestions for mistyped words of a command line. */
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/**
 * Returns the word that a mistyped one most likely stands for: the only word that starts with it,
 * else the word with the smallest edit distance, up to a third of the length.
 *
 * @param typed the mistyped word
 * @param words the valid words
 * @returns null if no word is near
 */
export function nearMiss(typed: string, words: readonly string[]): string | null {
  const begun = typed === "" ? [] : words.filter((word) => word.startsWith(typed));
  if (begun.length === 1) return begun[0];
  let nearest: string | null = null;
  // Two swapped letters are two edits, which must be allowed in a word of four letters.
  let least = 1 + Math.max(typed.length > 3 ? 2 : 1, Math.floor(typed.length / 3));
  for (const word of words) {
    const distance = levenshteinDistance(typed, word);
    if (distance < least && distance < word.length) [nearest, least] = [word, distance];
  }
  return nearest;
}
