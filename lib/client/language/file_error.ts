/**
 * Why the file system said no, told apart as far as the reader can do something about it.
 */

/** The reasons that have their own words. */
export type FileReason =
  | "denied"
  | "read-only"
  | "full"
  | "missing"
  | "directory"
  | "symlink"
  | "too-large"
  | "other";

/** Thrown in the cache where a symbolic link stands in the place of a file or directory. */
export class SymbolicLink extends Error {
  override readonly name = "SymbolicLink";
}

/** The reason behind what a file operation threw. */
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
