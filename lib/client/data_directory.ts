/**
 * Where the client keeps its files unless `--data` says so.
 */
import { join } from "@std/path";
import type { Environment } from "./terminal/environment.ts";

/** What the default depends on; tests replace it. */
export interface Surroundings {
  readonly environment: Environment;
  /** The operating system, as `Deno.build.os` names it. */
  readonly os: typeof Deno.build.os;
  /** Whether there is a file at `path`. */
  exists(path: string): boolean;
}

/** This process and its working directory. */
export function surroundings(environment: Environment): Surroundings {
  return {
    environment,
    os: Deno.build.os,
    exists(path) {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    },
  };
}

/**
 * Returns the default data directory: `$SOCKETPROGRAM_DATA`; else the working directory, if it has
 * a `cookies.json`; else the directory that the system keeps for data of programs.
 */
export function defaultDataDirectory({ environment, os, exists }: Surroundings): string {
  const asked = environment.get("SOCKETPROGRAM_DATA");
  if (asked) return asked;
  if (exists("cookies.json")) return ".";
  const base = dataHome(environment, os);
  return base === null ? "." : join(base, "socketprogram");
}

/** The system's directory for data of programs, or null if the environment names none. */
function dataHome(environment: Environment, os: typeof Deno.build.os): string | null {
  if (os === "windows") return environment.get("LOCALAPPDATA") || null;
  const xdg = environment.get("XDG_DATA_HOME");
  // A relative path is invalid and to be ignored (XDG Base Directory Specification).
  if (xdg?.startsWith("/")) return xdg;
  const home = environment.get("HOME");
  if (!home) return null;
  return os === "darwin"
    ? join(home, "Library", "Application Support")
    : join(home, ".local", "share");
}
