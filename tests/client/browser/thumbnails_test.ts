/** Which thumbnails are requested, kept and given up. */
import { assertEquals } from "@std/assert";
import { Thumbnails } from "../../../lib/client/browser/thumbnails.ts";
import { Failure } from "../../../lib/client/failure.ts";
import type { PhotoServer } from "../../../lib/client/remote/photo_server.ts";

/** A server that gives each thumbnail when the test says so. */
function slowServer() {
  const requested: string[] = [];
  const open = new Map<string, PromiseWithResolvers<Uint8Array>>();
  const changed: (() => void)[] = [];
  return {
    requested,
    give: (name: string) => open.get(name)!.resolve(new TextEncoder().encode(name)),
    fail: (name: string) => open.get(name)!.reject(new Error("reset")),
    async asked(count: number) {
      while (requested.length < count) await new Promise<void>((resolve) => changed.push(resolve));
    },
    openServer: () => {
      let current = "";
      return {
        thumbnail(name: string) {
          current = name;
          requested.push(name);
          open.set(name, Promise.withResolvers());
          for (const resolve of changed.splice(0)) resolve();
          return open.get(name)!.promise;
        },
        disconnect: () => open.get(current)?.reject(new Error("closed")),
      } as unknown as PhotoServer;
    },
  };
}

function scene() {
  const server = slowServer();
  const ready: string[] = [];
  const waiting: (() => void)[] = [];
  const thumbnails = new Thumbnails({
    connections: 2,
    openServer: server.openServer,
    paint: (bytes) => Promise.resolve({ rows: [new TextDecoder().decode(bytes)], columns: 1 }),
    pixels: (_name, { columns, rows }) => ({ width: columns, height: rows }),
    ready: (name) => {
      ready.push(name);
      for (const resolve of waiting.splice(0)) resolve();
    },
    failed: () => {},
  });
  const drawn = async (count: number) => {
    while (ready.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { server, ready, thumbnails, drawn };
}

Deno.test("two thumbnails are fetched at a time, in the requested order, each once", async () => {
  const { server, thumbnails, drawn, ready } = scene();
  thumbnails.want(["a", "b", "c"]);
  await server.asked(2);
  assertEquals(server.requested, ["a", "b"]);
  server.give("b");
  await drawn(1);
  await server.asked(3);
  server.give("a");
  server.give("c");
  await drawn(3);
  assertEquals(ready.toSorted(), ["a", "b", "c"]);
  assertEquals(thumbnails.get("b"), { rows: ["b"], columns: 1 });
  thumbnails.want(["a", "b", "c"]);
  assertEquals(server.requested.length, 3);
});

Deno.test("what is wanted again stays on its way, and nothing else is requested", async () => {
  const { server, thumbnails, drawn } = scene();
  thumbnails.want(["a", "b"]);
  await server.asked(2);
  thumbnails.want(["b", "a"]);
  server.give("a");
  server.give("b");
  await drawn(2);
  await thumbnails.settled();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(server.requested, ["a", "b"]);
});

Deno.test("a thumbnail that left the screen is cancelled, neither drawn nor marked as failed", async () => {
  const { server, thumbnails, drawn, ready } = scene();
  thumbnails.want(["a", "b"]);
  await server.asked(2);
  thumbnails.want(["c"]);
  await server.asked(3);
  server.give("c");
  await drawn(1);
  assertEquals(ready, ["c"]);
  assertEquals(thumbnails.get("a"), null);
});

Deno.test("a thumbnail that leaves the screen and comes back at once is fetched again", async () => {
  const { server, thumbnails, drawn } = scene();
  thumbnails.want(["a"]);
  await server.asked(1);
  thumbnails.want([]);
  thumbnails.want(["a"]);
  await server.asked(2);
  server.give("a");
  await drawn(1);
  assertEquals(thumbnails.get("a"), { rows: ["a"], columns: 1 });
});

Deno.test("a request between two thumbnails does not share a connection with them", async () => {
  const { server, thumbnails, drawn } = scene();
  thumbnails.want(["a"]);
  await server.asked(1);
  server.give("a");
  await drawn(1);
  thumbnails.want(["b", "c", "d"]);
  await server.asked(3);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(server.requested, ["a", "b", "c"]);
  thumbnails.close();
});

Deno.test("after a 503 the thumbnail is requested again later", async () => {
  let requests = 0;
  const isReady = Promise.withResolvers<void>();
  const thumbnails = new Thumbnails({
    openServer: () => ({
      thumbnail: () =>
        ++requests === 1
          ? Promise.reject(new Failure("TRY_AGAIN", (m) => m.tryAgain))
          : Promise.resolve(new Uint8Array(1)),
      disconnect() {},
    } as unknown as PhotoServer),
    paint: () => Promise.resolve({ rows: ["x"], columns: 1 }),
    pixels: (_name, { columns, rows }) => ({ width: columns, height: rows }),
    ready: () => thumbnails.get("a") !== null && isReady.resolve(),
    failed: () => {},
  });
  thumbnails.want(["a"]);
  await isReady.promise;
  assertEquals([requests, thumbnails.get("a")], [2, { rows: ["x"], columns: 1 }]);
});

/** Thumbnails of a server that fails with each of these tokens, and then sends. */
function failing(tokens: readonly string[]) {
  const failures: string[] = [];
  let requests = 0;
  const changed: (() => void)[] = [];
  const change = () => {
    for (const resolve of changed.splice(0)) resolve();
  };
  const thumbnails = new Thumbnails({
    openServer: () => ({
      thumbnail: () => {
        const token = tokens[requests++];
        return token === undefined
          ? Promise.resolve(new Uint8Array(1))
          : Promise.reject(new Failure(token, (m) => m.connectionLost));
      },
      disconnect() {},
    } as unknown as PhotoServer),
    pixels: () => ({ width: 1, height: 1 }),
    paint: () => Promise.resolve({ rows: ["x"], columns: 1 }),
    ready: change,
    failed: (failure) => {
      failures.push(failure.token);
      change();
    },
    retryDelayMs: 1,
  });
  return {
    thumbnails,
    failures,
    requests: () => requests,
    next: () => new Promise<void>((resolve) => changed.push(resolve)),
  };
}

Deno.test("an unreachable server is reported and tried again, and no image is marked as failed", async () => {
  const tokens = ["CONNECTION_LOST", "CONNECTION_REFUSED", "CONNECTION_REFUSED", "UNREACHABLE"];
  const { thumbnails, failures, next } = failing(tokens);
  thumbnails.want(["a"]);
  while (thumbnails.get("a") === null) await next();
  assertEquals(thumbnails.get("a"), { rows: ["x"], columns: 1 });
  assertEquals(failures, tokens);
});

Deno.test("an image that ends each connection has failed after three", async () => {
  const { thumbnails, failures, next } = failing(Array(9).fill("CONNECTION_LOST"));
  thumbnails.want(["a"]);
  while (thumbnails.get("a") === null) await next();
  assertEquals([thumbnails.get("a"), failures.length], ["failed", 2]);
});

Deno.test("without the privilege nothing is requested until a thumbnail is wanted again", async () => {
  const { thumbnails, failures, next, requests } = failing(["NO_KEY"]);
  thumbnails.want(["a"]);
  await next();
  assertEquals([failures, requests(), thumbnails.get("a")], [["NO_KEY"], 1, null]);
  // The fetcher that failed has ended by then.
  await new Promise((resolve) => setTimeout(resolve, 0));
  await new Promise((resolve) => setTimeout(resolve, 0));
  thumbnails.want(["a"]);
  while (thumbnails.get("a") === null) await next();
  assertEquals(requests(), 2);
});

Deno.test("a thumbnail that fails does not delay the others, and is not requested again", async () => {
  const { server, thumbnails, drawn } = scene();
  thumbnails.want(["a", "b", "c"]);
  await server.asked(2);
  server.fail("a");
  await drawn(1);
  assertEquals(thumbnails.get("a"), "failed");
  await server.asked(3);
  server.give("b");
  server.give("c");
  await drawn(3);
  thumbnails.want(["a"]);
  assertEquals(server.requested, ["a", "b", "c"]);
});

Deno.test("the thumbnails are settled once all requested ones are there", async () => {
  const { server, thumbnails } = scene();
  await thumbnails.settled();
  thumbnails.want(["a", "b"]);
  await server.asked(2);
  let isSettled = false;
  const settled = thumbnails.settled().then(() => isSettled = true);
  server.give("a");
  server.fail("b");
  await settled;
  assertEquals([isSettled, thumbnails.get("b")], [true, "failed"]);
  thumbnails.want(["c"]);
  const closed = thumbnails.settled();
  thumbnails.close();
  await closed;
});

Deno.test("thumbnails of another size are fetched anew", async () => {
  const { server, thumbnails, drawn } = scene();
  thumbnails.want(["a"]);
  await server.asked(1);
  server.give("a");
  await drawn(1);
  thumbnails.setBox({ columns: 20, rows: 10 });
  assertEquals(thumbnails.get("a"), null);
  thumbnails.close();
});
