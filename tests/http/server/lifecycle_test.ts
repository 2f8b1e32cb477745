/** Whatever a peer does, every request ends once in the log, every connection closes, nothing leaks. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type BodySource,
  CachedBody,
  PreparedResponse,
  type Request,
  type RequestEnd,
  type Response,
} from "../../../lib/http/mod.ts";
import type { MemoryStream } from "../support/memory_stream.ts";
import { TestServer, toBytes } from "../support/test_server.ts";

/** How a handler responds; it is the first segment of the request's path. */
const KINDS = ["text", "prepared", "repeated", "large", "source", "broken", "error"] as const;

/** What a peer does next. */
type Action =
  | { readonly do: "request"; readonly kind: typeof KINDS[number]; readonly flags: string }
  | { readonly do: "upload"; readonly bytes: number; readonly missing: number }
  | { readonly do: "garbage" | "half-close" | "reset" | "close" | "pause" }
  | { readonly do: "read"; readonly bytes: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("request" as const),
      kind: fc.constantFrom(...KINDS),
      flags: fc.constantFrom("", "later", "watch", "later watch", "later watch close"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("upload" as const),
      bytes: fc.nat(3000),
      missing: fc.constantFrom(0, 0, 1, 3000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("read" as const), bytes: fc.nat(5000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pause" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "garbage" as const,
        "half-close" as const,
        "reset" as const,
        "close" as const,
      ),
    }),
  },
);

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

const prepared = new PreparedResponse({ status: 200, body: "prepared" });
const repeated = { status: 200, body: new CachedBody(3000) };

/** Content read as it is sent; `open` counts those that are not closed. */
class TrackedSource implements BodySource {
  static open = 0;
  #left: number;

  /** @param length what it says; it ends after `there` */
  constructor(readonly length: number, there: number) {
    this.#left = there;
    TrackedSource.open++;
  }

  async read(into: Uint8Array): Promise<number | null> {
    await turn();
    if (this.#left === 0) return null;
    const read = Math.min(this.#left, into.length, 1500);
    this.#left -= read;
    return read;
  }

  close(): void {
    TrackedSource.open--;
  }
}

function respond(kind: string): Response {
  switch (kind) {
    case "prepared":
      return prepared;
    case "repeated":
      return repeated;
    case "large":
      return { status: 200, body: new Uint8Array(100_000) };
    case "source":
      return { status: 200, body: new TrackedSource(20_000, 20_000) };
    case "broken":
      return { status: 200, body: new TrackedSource(20_000, 2000) };
    case "error":
      throw new Error("a fault of the handler");
    default:
      return { status: 200, body: "text" };
  }
}

/** Does what a peer does, as far as the server lets it. */
async function behave(stream: MemoryStream, actions: readonly Action[]): Promise<void> {
  const buffer = new Uint8Array(5000);
  let count = 0;
  const send = (text: string) => {
    // Not awaited: the server may never take it.
    (async () => {
      const bytes = toBytes(text);
      for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
    })().catch(() => {});
  };
  for (const action of actions) {
    switch (action.do) {
      case "request": {
        const connection = action.flags.includes("close") ? "Connection: close\r\n" : "";
        send(
          `GET /${action.kind}/${count++}?${action.flags.replaceAll(" ", "-")} HTTP/1.1\r\n` +
            `Host: a\r\n${connection}\r\n`,
        );
        break;
      }
      case "upload": {
        const { bytes, missing } = action;
        send(
          `POST /text/${count++}?watch HTTP/1.1\r\nHost: a\r\nContent-Length: ${
            bytes + missing
          }\r\n` +
            `\r\n${"x".repeat(bytes)}`,
        );
        break;
      }
      case "garbage":
        send("\0");
        break;
      case "half-close":
        await stream.closeWrite();
        break;
      case "reset":
        return stream.reset();
      case "close":
        return stream.close();
      case "read":
        await Promise.race([
          stream.read(buffer.subarray(0, action.bytes + 1)).catch(() => {}),
          turn().then(turn),
        ]);
        break;
      case "pause":
        await turn();
        break;
    }
  }
  await turn();
  stream.close();
}

Deno.test("whatever peers do, each request ends once in the log, and nothing stays open", async () => {
  const peers = fc.array(fc.array(action, { maxLength: 12 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(peers, fc.constantFrom(300, 4000, Infinity), async (peers, capacity) => {
      const handled: string[] = [];
      const ends: RequestEnd[] = [];
      const signals: AbortSignal[] = [];
      let open = 0;
      const handler = (request: Request): Response | Promise<Response> => {
        const [, kind] = request.path.split("/");
        handled.push(`${request.peer} ${request.path}`);
        const flags = request.query.toString();
        if (flags.includes("watch")) signals.push(request.signal);
        if (!flags.includes("later")) return respond(kind);
        return turn().then(turn).then(() => respond(kind));
      };
      const server = new TestServer(handler, {
        observer: {
          opened: () => open++,
          closed: () => open--,
          responded: (end) => ends.push(end),
          failed: (_, error) => {
            const message = error instanceof Error ? error.message : `${error}`;
            assert(/handler|shorter than/.test(message), message);
          },
        },
      });
      await Promise.all(
        peers.map((actions, i) => behave(server.connect(`192.0.2.${i}`, capacity), actions)),
      );
      await server.server.shutdown(5000);
      assertEquals([open, TrackedSource.open], [0, 0]);
      // What was refused, or ended before its handler was asked, has a line of its own besides.
      const ofHandlers = ends.filter(({ status, outcome }) =>
        status === 200 || status === 500 || (status === 0 && outcome === "aborted")
      ).map(({ peer, path }) => `${peer} ${path}`);
      for (const request of handled) {
        assertEquals(ofHandlers.filter((end) => end === request).length, 1, request);
      }
      const seen = ends.map(({ peer, path }) => `${peer} ${path}`).filter((end) => /\d$/.test(end));
      assertEquals(new Set(seen).size, seen.length, "a request that ended twice");
      for (const { outcome, bodyBytes, status } of ends) {
        assert(outcome !== "stalled");
        assert(bodyBytes >= 0 && bodyBytes <= 100_000);
        if (outcome === "complete") assert(status >= 200);
      }
    }),
    { numRuns: 150 },
  );
});
