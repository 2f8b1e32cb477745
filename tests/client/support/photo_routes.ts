/**
 * The endpoints of the contract with one image, as little of them as the client can tell from the
 * real ones.
 */
import { createHash } from "node:crypto";
import { type Answer, response, type WireRequest } from "./wire_server.ts";

/** What is served, open to change by a test. */
export interface Photos {
  /** Name to content. */
  images: Map<string, Uint8Array>;
  users: Map<string, string>;
  keyLifetime: number;
}

/** A server with one user `1`, password `1`, and the given images. */
export function photos(images: Record<string, Uint8Array> = {}): Photos {
  return { images: new Map(Object.entries(images)), users: new Map(), keyLifetime: 3600 };
}

/** The tag of the contract: the SHA-256 of the content. */
export function entityTag(content: Uint8Array): string {
  return `"${createHash("sha256").update(content).digest("hex")}"`;
}

/** Answers as the contract says. */
export function photoRoutes(state: Photos): Answer {
  const cookie = (request: WireRequest, name: string) =>
    new RegExp(`(?:^|; )${name}=([^;]*)`).exec(request.field("cookie") ?? "")?.[1];
  const attributes = ";HttpOnly;SameSite=Strict; Max-Age=";
  return (request) => {
    const [path, query] = request.target.split("?");
    const body = request.body === "" ? {} : JSON.parse(request.body);
    const { username, password } = body;
    const url = body.url ?? new URLSearchParams(query).get("url");
    switch (`${request.method} ${path}`) {
      case "POST /register":
        if (state.users.has(username)) {
          return response("400 Bad Request", "REGISTER_FAILED: User already exists");
        }
        state.users.set(username, password);
        return response("200 OK", "REGISTER_SUCCESS");
      case "POST /login":
        return state.users.get(username) === password && password !== undefined
          ? response("200 OK", "LOGIN_SUCCESS", [
            `Set-Cookie: session=s.${encodeURIComponent(username)}${attributes}86400`,
          ])
          : response("401 Unauthorized", "LOGIN_FAILED");
      case "PUT /privilege": {
        const session = cookie(request, "session");
        if (session === undefined) return response("401 Unauthorized", "LOGIN_REQUIRED");
        const key = `Set-Cookie: key=k.${session.slice(2)}${attributes}${state.keyLifetime}`;
        return cookie(request, "key") === undefined
          ? response("200 OK", "PRIVILEGE_CHANGED", [key])
          : response("409 Conflict", "PRIVILEGE_ALREADY_CHANGED", [key]);
      }
      case "GET /session": {
        const session = cookie(request, "session");
        if (session === undefined) return response("401 Unauthorized", "LOGIN_REQUIRED");
        const expires = Math.floor(Date.now() / 1000) + 86400;
        const key_expires = cookie(request, "key") === undefined ? null : expires - 1000;
        const login = { username: decodeURIComponent(session.slice(2)), expires, key_expires };
        return response("200 OK", JSON.stringify(login), ["Content-Type: application/json"]);
      }
      case "POST /logout":
        return response("200 OK", "LOGOUT_SUCCESS", [
          "Set-Cookie: session=;HttpOnly; Max-Age=0",
          "Set-Cookie: key=;HttpOnly; Max-Age=0",
        ]);
      case "PUT /password":
        if (state.users.get(username) !== password) {
          return response("401 Unauthorized", "LOGIN_FAILED");
        }
        if (body.new_password === "") {
          return response("400 Bad Request", "PASSWORD_FAILED: the password is empty");
        }
        state.users.set(username, body.new_password);
        return response("200 OK", "PASSWORD_CHANGED");
      case "GET /list": {
        if (cookie(request, "key") === undefined) {
          return response("401 Unauthorized", "INVALID_KEY");
        }
        const page = listPage(state, new URLSearchParams(query));
        return page === null
          ? response("404 Not Found", "Folder not found")
          : response("200 OK", JSON.stringify(page), ["Content-Type: application/json"]);
      }
      case "HEAD /images": {
        const key = cookie(request, "key");
        const isLive = key !== undefined &&
          (username === undefined || key === `k.${encodeURIComponent(username)}`);
        return response(isLive ? "200 OK" : "401 Unauthorized");
      }
      case "GET /images": {
        if (cookie(request, "key") === undefined) {
          return response("401 Unauthorized", "INVALID_KEY");
        }
        const content = state.images.get(url);
        if (content === undefined) return response("404 Not Found", "Image not found");
        return imageResponse(request, content);
      }
    }
    return response("404 Not Found", "Page not found");
  };
}

/** Entries of a page of a list, so few that a test has several pages. */
const PAGE = 3;

function listPage(state: Photos, query: URLSearchParams) {
  const folder = query.get("folder") ?? "";
  const prefix = folder === "" ? "" : `${folder}/`;
  const inside = [...state.images.keys()].filter((url) => url.startsWith(prefix)).sort();
  if (inside.length === 0 && folder !== "") return null;
  const folders = new Set(
    inside.map((url) => url.slice(prefix.length).split("/")).filter((names) => names.length > 1)
      .map(([name]) => name),
  );
  const entries = [
    ...[...folders].map((name) => ({ name, images: null })),
    ...inside.filter((url) => !url.slice(prefix.length).includes("/")).map((url) => ({
      url,
      type: "image/jpeg",
      bytes: state.images.get(url)!.length,
      modified: 1_700_000_000,
      width: 640,
      height: 480,
    })),
  ];
  const from = Number(query.get("after") ?? 0);
  const page = entries.slice(from, from + PAGE);
  return {
    folder,
    folders: page.filter((entry) => "name" in entry),
    images: page.filter((entry) => "url" in entry),
    next: from + PAGE < entries.length ? `${from + PAGE}` : null,
  };
}

/** 200, 206 or 304, by the conditions and the range of the request. */
export function imageResponse(request: WireRequest, content: Uint8Array): Uint8Array {
  const tag = entityTag(content);
  const fields = [`ETag: ${tag}`, "Accept-Ranges: bytes", "Content-Type: image/jpeg"];
  if (request.field("if-none-match") === tag) {
    return new TextEncoder().encode(`HTTP/1.1 304 Not Modified\r\nETag: ${tag}\r\n\r\n`);
  }
  const start = /^bytes=([0-9]+)-$/.exec(request.field("range") ?? "")?.[1];
  if (start === undefined || request.field("if-range") !== tag) {
    return response("200 OK", content, fields);
  }
  const part = content.subarray(Number(start));
  return response("206 Partial Content", part, [
    ...fields,
    `Content-Range: bytes ${start}-${content.length - 1}/${content.length}`,
  ]);
}
