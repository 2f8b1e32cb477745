/**
 * `admin.sock` in the data directory: where a running server takes the administrator's commands. Only
 * its own user, and root, can open it (mode 0600).
 */
import { join } from "@std/path";
import type { Administration } from "../../accounts/mod.ts";
import { type HttpServer, type Observer, serve, type ServerLimits } from "../../http/mod.ts";
import { makeAdminRoutes } from "./admin_routes.ts";
import { systemReason } from "../failure.ts";

/** Returns the path of the socket of a data directory. */
export function adminSocketPath(dataDirectory: string): string {
  return join(dataDirectory, "admin.sock");
}

/** The limits that differ from `SERVER_LIMITS`: few connections, and room for a part of a `users.json`. */
export const ADMIN_LIMITS: Partial<ServerLimits> = {
  connections: 5,
  bodyBytes: 16 * 1024 * 1024,
};

/** What `serveAdministration` needs. */
export interface AdminSocketOptions {
  /** Its lock must be held: a socket that is there already is then a dead server's, and is removed. */
  readonly dataDirectory: string;
  /** Not closed by the server. */
  readonly administration: Administration;
  /** Told what happens. */
  readonly observer?: Observer;
  /** Told in a sentence if commands cannot be taken. */
  readonly notice: (sentence: string) => void;
}

/**
 * Serves the administrator's commands. The socket file goes when the server stops.
 *
 * @returns null, after a notice, if there can be no such socket: the path is too long, the file system
 * has none, or the system is Windows, which cannot keep others out of one
 */
export function serveAdministration(options: AdminSocketOptions): HttpServer | null {
  const { dataDirectory, administration, observer, notice } = options;
  const path = adminSocketPath(dataDirectory);
  try {
    const listener = listenPrivately(path);
    return serve(listener, makeAdminRoutes(administration), { limits: ADMIN_LIMITS, observer });
  } catch (error) {
    notice(
      `${path} cannot be opened, so the server must be stopped for "server user": ` +
        systemReason(error),
    );
    return null;
  }
}

/** Opens a socket that was never, not for an instant, open to others. */
function listenPrivately(path: string): Deno.UnixListener {
  if (Deno.build.os === "windows") throw new Error("Windows cannot keep others out");
  removeStale(path);
  // Synchronous from here to there, so that no other file is made with this mask.
  const mask = Deno.umask(0o177);
  let listener: Deno.UnixListener;
  try {
    listener = Deno.listen({ transport: "unix", path });
  } finally {
    Deno.umask(mask);
  }
  // A mask does not bind every file system, nor a directory with a default access control list.
  const { mode } = Deno.lstatSync(path);
  if (((mode ?? 0) & 0o077) === 0) return listener;
  listener.close();
  throw new Error("the file system does not keep others out");
}

/** Removes what a server that was killed left. Anything but a socket is somebody's file, and stays. */
function removeStale(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
