/** Which file names mean something else on Windows. */

/**
 * Matches a name that opens a device there, whatever spaces and extension follow it: `con.jpg` is
 * the console.
 */
export const WINDOWS_DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?= *(?:\.|$))/i;

/** Matches a character that separates names, drives or streams there, or stands in a pattern. */
export const WINDOWS_RESERVED = /[\\:*?"<>|]/;
