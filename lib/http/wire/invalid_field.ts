/** The errors for fields that must not be sent. */

/** Returns the error for a field name that is not a token (RFC 9110 §5.1). */
export function invalidFieldName(name: string): TypeError {
  return new TypeError(`Field name must be a token (RFC 9110 §5.1), got ${JSON.stringify(name)}`);
}

/**
 * Returns the error for a field value with a character that it may not hold (RFC 9110 §5.5). It names
 * only that character, as the value may be a secret.
 *
 * @param code the UTF-16 code of the character
 */
export function invalidFieldValue(name: string, code: number): TypeError {
  const character = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return new TypeError(
    `Value of ${name} must consist of visible ISO-8859-1 characters, spaces and tabs ` +
      `(RFC 9110 §5.5), got ${character}`,
  );
}
