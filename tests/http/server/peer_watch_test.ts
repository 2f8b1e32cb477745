/** What a handler learns of a client that goes away while it works, in each phase of a connection. */
import { assert, assertEquals } from "@std/assert";
import { type Request, type Response, serve } from "../../../lib/http/mod.ts";
import { asText, readAll, readTo, statuses, TestServer, toBytes } from "../support/test_server.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** A server whose handler asks for the signal and then waits for the test. */
function slowServer() {
  const asked: PromiseWithResolvers<{ request: Request; signal: AbortSignal }>[] = [];
  const at = (index: number) => asked[index] ??= Promise.withResolvers();
  const response = Promise.withResolvers<Response>();
  let count = 0;
  const server = new TestServer((request) => {
    at(count++).resolve({ request, signal: request.signal });
    return count === 1 ? response.promise : { status: 200, body: `${count}` };
  });
  return { server, asked: (index = 0) => at(index).promise, response };
}

const aborted = (signal: AbortSignal) =>
  signal.aborted || new Promise((resolve) => signal.addEventListener("abort", resolve));

Deno.test("a reset while the handler works aborts the signal", async () => {
  const { server, asked, response } = slowServer();
  await using _ = server;
  const stream = server.connect();
  await stream.write(toBytes(GET));
  const { signal } = await asked();
  assertEquals(signal.aborted, false);
  stream.reset();
  await aborted(signal);
  response.resolve({ status: 200 });
});

Deno.test("an end of input while the handler works may be a half-close: noticed, and still responded to", async () => {
  const { server, asked, response } = slowServer();
  await using _ = server;
  const stream = server.connect();
  await stream.write(toBytes(GET));
  const { request, signal } = await asked();
  assertEquals(request.inputEnded, false);
  await stream.closeWrite();
  // The end is seen by the read that is pending: a few turns of the event loop.
  while (!request.inputEnded) await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(signal.aborted, false);
  response.resolve({ status: 200, body: "late" });
  assert((await readAll(stream)).endsWith("\r\n\r\nlate"));
  stream.close();
});

Deno.test("requests that come while the handler works are served after it, byte for byte", async () => {
  for (const pieces of [[GET + GET], [GET, GET], [...GET + GET]]) {
    const { server, asked, response } = slowServer();
    await using _ = server;
    const stream = server.connect();
    await stream.write(toBytes(GET));
    await asked();
    for (const piece of pieces) await stream.write(toBytes(piece));
    response.resolve({ status: 200, body: "1" });
    await asked(2);
    await stream.closeWrite();
    assertEquals((await readAll(stream)).match(/\r\n\r\n\d/g), [
      "\r\n\r\n1",
      "\r\n\r\n2",
      "\r\n\r\n3",
    ]);
    stream.close();
  }
});

Deno.test("a body that comes while the handler works on the request before is received whole", async () => {
  for (const size of [10, 3000, 60_000]) {
    const content = "x".repeat(size);
    const { server, asked, response } = slowServer();
    await using _ = server;
    const stream = server.connect();
    await stream.write(toBytes(GET));
    await asked();
    const written = stream.write(
      toBytes(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n${content}${GET}`),
    );
    response.resolve({ status: 200, body: "1" });
    await written;
    await asked(2);
    assertEquals(server.asked[1].body, content);
    await stream.closeWrite();
    assertEquals(statuses(await readAll(stream)), [200, 200, 200]);
    stream.close();
  }
});

Deno.test("only a head's worth is read while a handler works", async () => {
  const { server, asked, response } = slowServer();
  await using _ = server;
  const stream = server.connect("192.0.2.7", 64 * 1024);
  await stream.write(toBytes(GET));
  await asked();
  const many = toBytes(GET.repeat(10_000));
  let sent = 0;
  const writing = (async () => {
    while (sent < many.length) sent += await stream.write(many.subarray(sent));
  })();
  // What the transport holds and what the server took of it: no more gets through.
  for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
  assert(sent <= 64 * 1024 + 17 * 1024, `${sent}`);
  response.resolve({ status: 200, body: "1" });
  const reading = readAll(stream);
  await writing;
  await stream.closeWrite();
  assertEquals(statuses(await reading).length, 10_001);
  stream.close();
});

Deno.test("a reset while a response is being sent aborts its signal", async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  await using server = new TestServer((request) => {
    asked.resolve(request.signal);
    return { status: 200, body: new Uint8Array(1_000_000) };
  });
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes(GET));
  await readTo(stream, "\r\n\r\n");
  stream.reset();
  await aborted(await asked.promise);
});

Deno.test("a reset of an idle connection, and of a lingering one, ends it", async () => {
  for (const request of [GET, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"]) {
    const closed = Promise.withResolvers<void>();
    await using server = new TestServer((request) => {
      request.signal.throwIfAborted();
      return { status: 200, body: "ok" };
    }, { observer: { closed: () => closed.resolve() } });
    const stream = server.connect();
    await stream.write(toBytes(request));
    await readTo(stream, "ok");
    stream.reset();
    await closed.promise;
  }
});

Deno.test("a connection whose handler asked for the signal still notices idleness and the end", async () => {
  await using server = new TestServer(
    (request) => ({ status: request.signal.aborted ? 500 : 200 }),
    {
      limits: { idleTimeoutMs: 40 },
    },
  );
  const idle = server.connect();
  await idle.write(toBytes(GET));
  assertEquals(statuses(await readAll(idle)), [200]);
  idle.close();
  assertEquals(statuses(await server.exchange(GET, GET)), [200, 200]);
});

Deno.test("shutdown aborts the signals of the connections that it aborts", async () => {
  const { server, asked, response } = slowServer();
  const stream = server.connect();
  await stream.write(toBytes(GET));
  const { signal } = await asked();
  await server.server.shutdown(0);
  assertEquals(signal.aborted, true);
  response.resolve({ status: 200 });
  stream.close();
});

Deno.test("over TCP, a reset aborts the signal and a half-close is responded to", async () => {
  const asked = [Promise.withResolvers<Request>(), Promise.withResolvers<Request>()];
  const responses = [Promise.withResolvers<Response>(), Promise.withResolvers<Response>()];
  let count = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server = serve(listener, (request) => {
    const index = count++;
    request.signal.throwIfAborted();
    asked[index].resolve(request);
    return responses[index].promise;
  });
  const { port } = listener.addr;
  // Closing with unread bytes resets a connection: the first response is never read.
  const reset = await Deno.connect({ hostname: "127.0.0.1", port });
  await reset.write(toBytes(GET));
  const { signal } = await asked[0].promise;
  responses[0].resolve({ status: 200, body: "x".repeat(100) });
  await new Promise((resolve) => setTimeout(resolve, 0));
  reset.close();

  const half = await Deno.connect({ hostname: "127.0.0.1", port });
  await half.write(toBytes(GET));
  const request = await asked[1].promise;
  await half.closeWrite();
  while (!request.inputEnded) await new Promise((resolve) => setTimeout(resolve, 1));
  responses[1].resolve({ status: 200, body: "late" });
  let text = "";
  const buffer = new Uint8Array(1024);
  for (let read; (read = await half.read(buffer)) !== null;) {
    text += asText(buffer.subarray(0, read));
  }
  assert(text.endsWith("late"));
  half.close();
  await server.shutdown(1000);
  assert(signal.aborted);
});
