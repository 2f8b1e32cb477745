/** A request as the connection would hand it to a handler, for tests of handlers alone. */
import type { Fields, Request } from "../../../lib/http/mod.ts";

/** The fields of a list of lines. */
export function fakeFields(lines: readonly (readonly [string, string])[]): Fields {
  const getAll = (name: string) =>
    lines.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
  return {
    get: (name) =>
      getAll(name).length === 0 ? null : getAll(name).join(name === "cookie" ? "; " : ", "),
    getAll,
    has: (name) => getAll(name).length > 0,
    *[Symbol.iterator]() {
      for (const [name, value] of lines) yield [name, value];
    },
  };
}

/** What a test says of a request. */
export interface FakeRequest {
  fields?: readonly (readonly [string, string])[];
  /** Sent as it is where it is text or bytes, else as JSON. */
  body?: unknown;
  peer?: string;
  signal?: AbortSignal;
  note?: Request["note"];
  noteClient?: Request["noteClient"];
}

/** Makes the request `method target`. */
export function fakeRequest(method: string, target: string, of: FakeRequest = {}): Request {
  const url = target === "*" ? null : new URL(target, "http://localhost");
  const body = of.body instanceof Uint8Array ? of.body : new TextEncoder().encode(
    of.body === undefined ? "" : typeof of.body === "string" ? of.body : JSON.stringify(of.body),
  );
  return {
    method,
    target,
    path: url === null ? "*" : decodeURIComponent(url.pathname),
    query: url?.searchParams ?? new URLSearchParams(),
    minorVersion: 1,
    fields: fakeFields(of.fields ?? []),
    body,
    text: new TextDecoder().decode(body),
    peer: of.peer ?? "192.0.2.7",
    signal: of.signal ?? new AbortController().signal,
    inputEnded: false,
    note: of.note ?? (() => {}),
    noteClient: of.noteClient ?? (() => {}),
  };
}
