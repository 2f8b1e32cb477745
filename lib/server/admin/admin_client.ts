/** Administers users through `admin.sock` if a server is running, else in the store itself. */
import {
  type Administration,
  type ImportResult,
  type ListedUser,
  openStore,
  StoreAdministration,
  StoreInUse,
  StoreUnavailable,
  StoreUnusable,
  UnfitUsers,
} from "../../accounts/mod.ts";
import { HttpClient, type IncomingResponse, type OutgoingRequest } from "../../http/mod.ts";
import { NO_SUCH_USER } from "./admin_routes.ts";
import { adminSocketPath } from "./admin_socket.ts";
import { systemReason } from "../failure.ts";
import type { StoreOptions } from "../options.ts";

/** Most bytes of a text response, and of a list. */
const TEXT_BYTES = 64 * 1024, LIST_BYTES = 1024 * 1024 * 1024;

/**
 * Opens the users that the options name: through the server that runs in the data directory, or
 * else the store itself.
 *
 * @param warn receives a sentence about a problem that does not prevent the work
 * @throws {StoreUnusable} if neither is possible; the message is a sentence
 */
export async function openAdministration(
  { dataDirectory, users }: StoreOptions,
  warn?: (sentence: string) => void,
): Promise<Administration> {
  if (users !== null) return new StoreAdministration(await openStore(users));
  const path = adminSocketPath(dataDirectory);
  const running = await connect(path);
  if (running !== null) return running;
  try {
    return new StoreAdministration(await openStore(dataDirectory, { mustExist: true, warn }));
  } catch (error) {
    if (!(error instanceof StoreInUse)) throw error;
    // A server may have started in the meantime.
    const started = await connect(path);
    if (started !== null) return started;
    throw new StoreUnusable(
      `${error.message}; a server that does not listen on ${path} must be stopped first`,
    );
  }
}

/** Returns null if no server listens there. @throws {StoreUnusable} if access is denied */
async function connect(path: string): Promise<Administration | null> {
  try {
    const stream = await Deno.connect({ transport: "unix", path });
    return new RemoteAdministration(path, stream);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) return null;
    throw new StoreUnusable(`only the server's own user, and root, can open ${path}`);
  }
}

class RemoteAdministration implements Administration {
  readonly #http: HttpClient;

  /** @param first an open connection to the server */
  constructor(path: string, first: Deno.UnixConn) {
    let stream: Deno.UnixConn | null = first;
    this.#http = new HttpClient({
      host: "localhost",
      connect: async () => {
        const taken = stream ?? await Deno.connect({ transport: "unix", path });
        stream = null;
        return taken;
      },
    });
  }

  async list(): Promise<readonly ListedUser[]> {
    return JSON.parse(await this.#ask({ method: "GET", target: "/users" }, LIST_BYTES) ?? "[]");
  }

  has(name: string): Promise<boolean> {
    const username = encodeURIComponent(name.toWellFormed());
    return this.#do({ method: "GET", target: `/user?username=${username}` });
  }

  remove(username: string): Promise<boolean> {
    return this.#do({ method: "POST", target: "/remove", body: JSON.stringify({ username }) });
  }

  changePassword(username: string, password: string): Promise<boolean> {
    const body = JSON.stringify({ username, password });
    return this.#do({ method: "PUT", target: "/password", body });
  }

  revoke(username: string): Promise<boolean> {
    return this.#do({ method: "POST", target: "/revoke", body: JSON.stringify({ username }) });
  }

  async import(usersFile: Uint8Array): Promise<ImportResult> {
    const text = await this.#ask(
      { method: "POST", target: "/import", body: usersFile },
      LIST_BYTES,
    );
    return JSON.parse(text ?? "");
  }

  close(): Promise<void> {
    this.#http.close();
    return Promise.resolve();
  }

  /** Sends a request about a user; returns whether the user exists. */
  async #do(request: OutgoingRequest): Promise<boolean> {
    return await this.#ask(request, TEXT_BYTES) !== null;
  }

  /**
   * Sends a request.
   *
   * @returns the content of a 200; null if there is no such user
   */
  async #ask(request: OutgoingRequest, limit: number): Promise<string | null> {
    let response: IncomingResponse;
    let text: string;
    try {
      response = await this.#http.request(request);
      text = await response.text(limit);
    } catch (error) {
      throw new StoreUnavailable(`the server did not respond: ${systemReason(error)}`);
    }
    switch (response.status) {
      case 200:
        return text;
      case 400:
        throw new UnfitUsers(text);
      case 503:
        throw new StoreUnavailable(text);
    }
    if (text === NO_SUCH_USER) return null;
    throw new StoreUnavailable(`the server responded with ${response.status} ${response.reason}`);
  }
}
