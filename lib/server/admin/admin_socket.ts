/**
 * `admin.sock` in the data directory, through which a running server takes `server user` commands.
 * Only its own user, and root, can open it (mode 0600).
 */
import { dirname, join } from "@std/path";
import type { Administration } from "../../accounts/mod.ts";
import {
  type HttpServer,
  type Observer,
  serve,
  type ServerLimits,
  type StreamListener,
} from "../../http/mod.ts";
import { makeAdminRoutes } from "./admin_routes.ts";
import { systemReason } from "../failure.ts";

/** Returns the path of the socket in a data directory. */
export function adminSocketPath(dataDirectory: string): string {
  return join(dataDirectory, "admin.sock");
}

/**
 * The limits that differ from `SERVER_LIMITS`: few connections, and bodies as large as a
 * `users.json`.
 */
export const ADMIN_LIMITS: Partial<ServerLimits> = {
  connections: 5,
  bodyBytes: 16 * 1024 * 1024,
};

/** Options of `serveAdministration`. */
export interface AdminSocketOptions {
  /** The caller must hold its lock: an existing socket is then a dead server's, and is removed. */
  readonly dataDirectory: string;
  /** Stays open when the server stops. */
  readonly administration: Administration;
  /** Receives events, for the log. */
  readonly observer?: Observer;
  /** Receives a sentence if the socket cannot be opened. */
  readonly notice: (sentence: string) => void;
}

/**
 * Serves `server user` commands. The socket file is removed when the server stops.
 *
 * @returns null, after a notice, if the socket cannot be opened: the path is too long, the file
 * system has no sockets, or the system is Windows, which cannot protect one from other users
 */
export function serveAdministration(options: AdminSocketOptions): HttpServer | null {
  const { dataDirectory, administration, observer, notice } = options;
  const path = adminSocketPath(dataDirectory);
  try {
    const listener = listenPrivately(path);
    return serve(listener, makeAdminRoutes(administration), { limits: ADMIN_LIMITS, observer });
  } catch (error) {
    notice(
      `${path} cannot be opened, so "server user" requires a stopped server: ` +
        systemReason(error),
    );
    return null;
  }
}

/**
 * Opens a socket that was never, not for an instant, open to others: it is made in a directory that
 * nobody else can enter, and moved from there. A mask for new files would do, but setting it needs
 * the permission for everything about the system.
 */
function listenPrivately(path: string): StreamListener {
  if (Deno.build.os === "windows") throw new Error("Windows cannot protect it from other users");
  removeStale(path);
  if (exists(path)) throw new Error("another file is in its place");
  const directory = join(dirname(path), ".admin");
  // One that a server left which was killed at this very moment.
  if (exists(directory)) Deno.removeSync(directory, { recursive: true });
  Deno.mkdirSync(directory, { mode: 0o700 });
  try {
    const inside = join(directory, "s");
    const listener = Deno.listen({ transport: "unix", path: inside });
    try {
      Deno.chmodSync(inside, 0o600);
      // Neither counts on every file system.
      if ([directory, inside].some(isOpen)) {
        throw new Error("the file system does not protect it from other users");
      }
      Deno.renameSync(inside, path);
    } catch (error) {
      listener.close();
      throw error;
    }
    return {
      accept: () => listener.accept(),
      close() {
        listener.close();
        removeStale(path);
      },
    };
  } finally {
    // The socket has gone with its listener, or to its place.
    Deno.removeSync(directory);
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether others than its owner may use a file. */
function isOpen(path: string): boolean {
  return ((Deno.lstatSync(path).mode ?? 0) & 0o077) !== 0;
}

/**
 * Removes what a server that was killed left. Anything but a socket is somebody's file, and stays.
 */
function removeStale(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
