/** What `--licenses` prints. */

/**
 * Returns the text of THIRD_PARTY_NOTICES. It lies above this file, and in an executable above the
 * bundle, `build/bundle/server.js`.
 */
export async function readNotices(): Promise<string> {
  try {
    return await Deno.readTextFile(new URL("../THIRD_PARTY_NOTICES", import.meta.url));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return await Deno.readTextFile(new URL("../../THIRD_PARTY_NOTICES", import.meta.url));
  }
}
