/** File names with a special meaning on Windows. */

/**
 * Matches a name that Windows opens as a device, with or without spaces and an extension: `con.jpg`
 * is the console.
 */
export const WINDOWS_DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?= *(?:\.|$))/i;

/** Matches a character that Windows reserves for paths, drives, streams or patterns. */
export const WINDOWS_RESERVED = /[\\:*?"<>|]/;
