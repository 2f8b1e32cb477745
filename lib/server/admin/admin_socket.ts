/**
 * `admin.sock` in the data directory: where a running server takes the administrator's commands. Only
 * its own user, and root, can open it (mode 0600).
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

/**
 * Opens a socket that was never, not for an instant, open to others: it is made in a directory that
 * nobody else can enter, and moved from there. A mask for new files would do, but setting it needs the
 * permission for everything about the system.
 */
function listenPrivately(path: string): StreamListener {
  if (Deno.build.os === "windows") throw new Error("Windows cannot keep others out");
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
      if (isOpen(directory) || isOpen(inside)) {
        throw new Error("the file system does not keep others out");
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
    Deno.removeSync(directory, { recursive: true });
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

/** Removes what a server that was killed left. Anything but a socket is somebody's file, and stays. */
function removeStale(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
