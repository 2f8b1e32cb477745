/**
 * The UsernameCasePreserved profile (RFC 8265 §3.4), which keeps usernames distinguishable for
 * readers. The PRECIS categories of RFC 8264 §9 are derived from the Unicode properties of the
 * runtime, so they follow its version of Unicode.
 */

/** Letters and digits (RFC 8264 §9.1) and printable ASCII (§9.11), with the exceptions of §9.6. */
const IDENTIFIER = /^[!-~\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}\u06fd\u06fe\u0f0b\u3007]$/u;

/** Characters that are allowed in some contexts only (RFC 8264 §9.6, RFC 5892 Appendix A). */
const IN_CONTEXT =
  /(?<=l)\u00b7(?=l)|\u0375(?=\p{Script=Greek})|(?<=\p{Script=Hebrew})[\u05f3\u05f4]/gu;

/** Characters that permit the katakana middle dot (RFC 5892 Appendix A.7). */
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

/**
 * Letters that are not allowed: invisible ones, including joiners (RFC 8264 §9.7, §9.8, §9.13), old
 * Hangul jamo (§9.9) and the exceptions of §9.6.
 */
const DISALLOWED =
  /[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u;

/** Fullwidth and halfwidth forms, which are mapped to ordinary ones (RFC 8265 §3.4.1). */
const WIDTH_FORM = /[\u3000\uff01-\uffee]/gu;

/** The rule that a name breaks. */
export type NameFault =
  | { readonly fault: "character"; readonly character: string }
  | { readonly fault: "space" }
  | { readonly fault: "direction" };

/** Maps characters to their ordinary width and the text to NFC (RFC 8265 §3.4.1). */
export function mapUsername(raw: string): string {
  return raw.replace(WIDTH_FORM, (form) => form.normalize("NFKC")).normalize("NFC");
}

/**
 * Returns the first fault of a mapped name; null if it conforms. A name is one or more parts
 * separated by spaces (RFC 8265 §3.1).
 */
export function findNameFault(name: string): NameFault | null {
  const parts = name.split(/ +/);
  for (const part of parts) {
    for (const character of withoutContextual(part)) {
      if (!isAllowed(character)) return { fault: "character", character };
    }
    // The two sets of Arabic digits look alike (RFC 5892 Appendix A.8, A.9).
    const digit = /[\u06f0-\u06f9]/.test(part) ? /[\u0660-\u0669]/.exec(part) : null;
    if (digit !== null) return { fault: "character", character: digit[0] };
    if (!followsBidiRule(part)) return { fault: "direction" };
  }
  return parts.includes("") ? { fault: "space" } : null;
}

/** Returns a part without the characters that its context allows. */
function withoutContextual(part: string): string {
  const rest = part.replace(IN_CONTEXT, "");
  return JAPANESE.test(rest) ? rest.replaceAll("\u30fb", "") : rest;
}

function isAllowed(character: string): boolean {
  // A character with a compatibility form can be mistaken for it (RFC 8264 §9.17).
  return IDENTIFIER.test(character) && !DISALLOWED.test(character) &&
    character.normalize("NFKC") === character;
}

/** The bidi classes (UAX #9) that can occur in a name. */
type Direction = "L" | "R" | "AN" | "EN" | "NSM" | "ON";

/** Blocks of right-to-left scripts. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Characters without a direction: ASCII without letters and digits, and modifiers. */
const NEUTRAL =
  /[!-/:-@[-`{-~\u00b7\u02b9\u02ba\u02c6-\u02cf\u02ec\u0375\u2e2f\u30fb\ua67f\ua717-\ua71f\ua788]/;

function directionOf(character: string): Direction {
  if (/\p{Mn}/u.test(character)) return "NSM";
  if (/[0-9\u06f0-\u06f9]/.test(character)) return "EN";
  if (/[\u0660-\u0669\u{10d30}-\u{10d39}]/u.test(character)) return "AN";
  if (RIGHT_TO_LEFT.test(character)) return "R";
  return NEUTRAL.test(character) ? "ON" : "L";
}

/**
 * Whether a part follows the bidi rule (RFC 5893 §2), which keeps the characters of right-to-left
 * names from changing places with those around them.
 */
function followsBidiRule(part: string): boolean {
  const directions = Array.from(part, directionOf);
  const has = (direction: Direction) => directions.includes(direction);
  if (!has("R") && !has("AN")) return true;
  const last = directions.findLast((direction) => direction !== "NSM");
  if (directions[0] !== "R" || has("L")) return false;
  return last !== "ON" && !(has("EN") && has("AN"));
}
