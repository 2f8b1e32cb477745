/** A connection that gives the responses of a test, without a socket. */
import type { IncomingResponse, OutgoingRequest } from "../../../lib/http/mod.ts";
import { CookieJar } from "../../../lib/client/cookies/cookie_jar.ts";
import { PhotoServer } from "../../../lib/client/remote/photo_server.ts";
import { serverAddress } from "../../../lib/client/server_address.ts";

/** What the server responds; an error is thrown in place of a response. */
export interface FakeResponse {
  readonly status: number;
  readonly reason?: string;
  readonly text?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Thrown when the content is read. */
  readonly broken?: Error;
}

/** A photo server behind a fake connection. */
export function fakePhotoServer(respond: (request: OutgoingRequest) => FakeResponse | Error) {
  const address = serverAddress("localhost", "8080", false)!;
  const jar = new CookieJar(address);
  const seen = { requests: [] as OutgoingRequest[], kept: 0, closed: 0 };
  const photos = new PhotoServer(
    {
      request(request) {
        seen.requests.push(request);
        const response = respond(request);
        return response instanceof Error
          ? Promise.reject(response)
          : Promise.resolve(incoming(response));
      },
      close: () => void seen.closed++,
    },
    jar,
    () => void seen.kept++,
  );
  return { photos, jar, seen };
}

function incoming({ status, reason = "", text = "", fields = {}, broken }: FakeResponse) {
  const content = <T>(value: T) => broken ? Promise.reject(broken) : Promise.resolve(value);
  return {
    status,
    reason,
    fields: {
      get: (name: string) => fields[name] ?? null,
      getAll: (name: string) => name in fields ? [fields[name]] : [],
    },
    text: () => content(text),
    bytes: () => content(new TextEncoder().encode(text)),
  } as unknown as IncomingResponse;
}
