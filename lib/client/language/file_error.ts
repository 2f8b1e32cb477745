/**
 * Why a file operation failed, as far as the user can do something about it.
 */

/** The reasons that have words of their own. */
export type FileReason =
  | "denied"
  | "read-only"
  | "full"
  | "missing"
  | "directory"
  | "symlink"
  | "too-large"
  | "other";

/** A symbolic link is in the place of a file or directory of the cache. */
export class SymbolicLink extends Error {
  override readonly name = "SymbolicLink";
}

/** Returns the reason for an error of a file operation. */
export function fileReason(error: unknown): FileReason {
  if (error instanceof SymbolicLink) return "symlink";
  if (error instanceof Deno.errors.PermissionDenied) return "denied";
  if (error instanceof Deno.errors.NotCapable) return "denied";
  if (error instanceof Deno.errors.NotFound) return "missing";
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = `${code} ${message}`;
  if (/EROFS|read-only file system/i.test(text)) return "read-only";
  if (/ENOSPC|EDQUOT|no space left|quota/i.test(text)) return "full";
  if (/EISDIR|ENOTDIR|is a directory|not a directory|EEXIST/i.test(text)) return "directory";
  if (/too large/i.test(text)) return "too-large";
  return "other";
}
