/**
 * Why the server refuses a username or a password, read from the reason that it gives in English.
 */

/** A reason that has words of its own in each language. */
export type RefusalReason =
  | { readonly what: "username" | "password"; readonly why: "empty" | "characters" }
  | { readonly what: "username"; readonly why: "reserved" }
  | { readonly what: "username" | "password"; readonly why: "too-long"; readonly limit: string };

/**
 * Reads the reason of a refusal.
 *
 * @param reason the text behind `REGISTER_FAILED: `
 * @returns null if it is none of the known ones; then the text itself is all there is
 */
export function refusalReason(reason: string): RefusalReason | null {
  const what = /^the (username|password) /.exec(reason)?.[1] as "username" | "password" | undefined;
  if (what === undefined) return null;
  const limit = /longer than ([0-9]+ (?:characters|bytes))/.exec(reason)?.[1];
  if (limit !== undefined) return { what, why: "too-long", limit };
  if (/empty|blank/.test(reason)) return { what, why: "empty" };
  if (what === "username" && /reserved/.test(reason)) return { what, why: "reserved" };
  if (/control|invisible|character|Unicode/.test(reason)) return { what, why: "characters" };
  return null;
}
