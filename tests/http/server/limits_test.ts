/** Every limit of the server, and its shutdown. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CLIENT_LIMITS, type Response, serve, SERVER_LIMITS } from "../../../lib/http/mod.ts";
import { CountedSource } from "../support/body_source.ts";
import { MemoryListener } from "../support/memory_listener.ts";
import { MemoryStream } from "../support/memory_stream.ts";
import { readAll, readTo, statuses, TestServer, toBytes } from "../support/test_server.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/**
 * A limit that is to be exceeded. Nothing here has to be faster: the peers of a test send from memory,
 * before the event loop turns to any timer.
 */
const SHORT = 40;

Deno.test("the limits have the documented defaults", () => {
  assertEquals(SERVER_LIMITS.handshakeTimeoutMs, 10_000);
  const { headTimeoutMs, bodyTimeoutMs, idleTimeoutMs, writeTimeoutMs } = SERVER_LIMITS;
  assertEquals([headTimeoutMs, bodyTimeoutMs, idleTimeoutMs, writeTimeoutMs], [
    10_000,
    30_000,
    75_000,
    120_000,
  ]);
  const { headBytes, fields, target, bodyBytes } = SERVER_LIMITS;
  assertEquals([headBytes, fields, target, bodyBytes], [16_384, 100, 8_192, 65_536]);
  const { connections, connectionsPerAddress } = SERVER_LIMITS;
  assertEquals([connections, connectionsPerAddress], [10_000, 256]);
  const { responseTimeoutMs, readTimeoutMs, headBytes: responseHeadBytes } = CLIENT_LIMITS;
  assertEquals([responseTimeoutMs, readTimeoutMs, responseHeadBytes], [180_000, 60_000, 65_536]);
});

Deno.test("RFC 9110 §15.5.9: a head that is too slow gets 408", async () => {
  await using server = new TestServer(undefined, { limits: { headTimeoutMs: SHORT } });
  const stream = server.connect();
  await stream.write(toBytes("GET / HTTP/1.1\r\n"));
  const received = await readAll(stream);
  assertEquals(statuses(received), [408]);
  assertStringIncludes(received, "Connection: close\r\n");
  stream.close();
});

Deno.test("RFC 9110 §15.5.9: bytes that trickle in do not move the head's deadline", async () => {
  await using server = new TestServer(undefined, { limits: { headTimeoutMs: SHORT } });
  const stream = server.connect();
  const received = readAll(stream);
  let over = false;
  received.then(() => over = true);
  await stream.write(toBytes("GET / HTTP/1.1\r\n"));
  while (!over) {
    await stream.write(toBytes("a"));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(statuses(await received), [408]);
  stream.close();
});

Deno.test("RFC 9110 §15.5.9: a body that is too slow gets 408", async () => {
  await using server = new TestServer(undefined, { limits: { bodyTimeoutMs: SHORT } });
  for (
    const [field, part] of [["Content-Length: 5", "hell"], ["Transfer-Encoding: chunked", "5\r\nh"]]
  ) {
    const stream = server.connect();
    await stream.write(toBytes(`POST / HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n${part}`));
    assertEquals(statuses(await readAll(stream)), [408]);
    stream.close();
  }
});

Deno.test("a 408 for the second request comes after the response to the first", async () => {
  await using server = new TestServer(undefined, { limits: { headTimeoutMs: SHORT } });
  const stream = server.connect();
  await stream.write(toBytes(GET + "GET / HT"));
  assertEquals(statuses(await readAll(stream)), [200, 408]);
  stream.close();
});

Deno.test("an idle connection is closed without a response, before and after a request", async () => {
  await using server = new TestServer(undefined, { limits: { idleTimeoutMs: SHORT } });
  const silent = server.connect();
  assertEquals(await readAll(silent), "");
  silent.close();
  const used = server.connect();
  await used.write(toBytes(GET));
  assertEquals(statuses(await readAll(used)), [200]);
  used.close();
});

Deno.test("a handshake that is too slow is aborted, and counts as a connection until then", async () => {
  const listener = new MemoryListener();
  const shaking = async () => {
    const stream = await listener.accept();
    const handshake = Promise.withResolvers<void>();
    // Nobody waits for that of a connection that is turned away.
    handshake.promise.catch(() => {});
    const close = () => {
      MemoryStream.prototype.close.call(stream);
      handshake.reject(new Deno.errors.BadResource("closed"));
    };
    return Object.assign(stream, { handshake: () => handshake.promise, close });
  };
  const ended = Promise.withResolvers<void>();
  const server = serve(
    { accept: shaking, close: () => listener.close() },
    () => ({ status: 200 }),
    {
      limits: { handshakeTimeoutMs: SHORT, connections: 1 },
      observer: { closed: () => ended.resolve() },
    },
  );
  const stream = listener.connect();
  await stream.write(toBytes(GET));
  const refused = listener.connect();
  assertEquals(statuses(await readTo(refused, "\r\n\r\n")), [503]);
  await ended.promise;
  assertEquals(await readAll(stream), "");
  stream.close();
  refused.close();
  await server.shutdown(0);
});

Deno.test("a handler may take longer than every limit", async () => {
  const limits = {
    idleTimeoutMs: SHORT,
    headTimeoutMs: SHORT,
    bodyTimeoutMs: SHORT,
    writeTimeoutMs: SHORT,
  };
  await using server = new TestServer(
    () => new Promise((resolve) => setTimeout(() => resolve({ status: 200 }), 4 * SHORT)),
    { limits },
  );
  assertEquals(statuses(await server.exchange(GET)), [200]);
});

Deno.test("a peer that does not read is dropped, and its content closed", async () => {
  const closed = Promise.withResolvers<void>();
  const source = new CountedSource(100_000_000);
  source.close = () => closed.resolve();
  const ended = Promise.withResolvers<void>();
  await using server = new TestServer(() => ({ status: 200, body: source }), {
    limits: { writeTimeoutMs: SHORT },
    observer: { closed: () => ended.resolve() },
  });
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes(GET));
  await closed.promise;
  await ended.promise;
  stream.close();
});

Deno.test("a peer that reads slowly is not dropped", async () => {
  await using server = new TestServer(() => ({ status: 200, body: new Uint8Array(20_000) }), {
    limits: { writeTimeoutMs: 1000 },
  });
  const stream = server.connect("192.0.2.7", 500);
  await stream.write(toBytes(GET));
  await stream.closeWrite();
  const buffer = new Uint8Array(500);
  let length = 0;
  for (let read; (read = await stream.read(buffer)) !== null;) {
    length += read;
    // Forty of these pauses are twice the limit, one is far below it.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert(length > 20_000);
  stream.close();
});

Deno.test("a peer that keeps sending after an error is aborted, by time and by size", async () => {
  for (const limits of [{ lingerMs: SHORT }, { lingerBytes: 10_000 }]) {
    const ended = Promise.withResolvers<void>();
    await using server = new TestServer(undefined, {
      limits,
      observer: { closed: () => ended.resolve() },
    });
    const stream = server.connect();
    await stream.write(toBytes("nonsense\r\n\r\n"));
    let over = false;
    ended.promise.then(() => over = true);
    while (!over) {
      await stream.write(new Uint8Array(100)).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assertEquals(statuses(await readAll(stream)), [400]);
    stream.close();
  }
});

Deno.test("connections above the limit get 503 with Retry-After and are closed", async () => {
  const ends: [number, number][] = [];
  await using server = new TestServer(undefined, {
    limits: { connections: 2 },
    observer: { responded: ({ status, bodyBytes }) => ends.push([status, bodyBytes]) },
  });
  const kept = [server.connect("192.0.2.1"), server.connect("192.0.2.2")];
  for (const stream of kept) {
    await stream.write(toBytes(GET));
    await readTo(stream, "ok");
  }
  const refused = server.connect("192.0.2.3");
  const received = await readAll(refused);
  assertEquals(statuses(received), [503]);
  assertMatch(received, /\r\nRetry-After: \d+\r\n/);
  assertMatch(received, /\r\nDate: /);
  assertStringIncludes(received, "Connection: close\r\n");
  assertEquals(ends.at(-1), [503, Number(/\r\nContent-Length: (\d+)/.exec(received)![1])]);
  refused.close();
});

Deno.test("a connection that closes makes room for another", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = new TestServer(undefined, {
    limits: { connections: 1 },
    observer: { closed: () => closed.resolve() },
  });
  assertEquals(statuses(await server.exchange(GET)), [200]);
  await closed.promise;
  assertEquals(statuses(await server.exchange(GET)), [200]);
});

Deno.test("connections of one address above its limit get 503; other addresses and loopback do not", async () => {
  await using server = new TestServer(undefined, { limits: { connectionsPerAddress: 2 } });
  const streams = [];
  const statusFor = async (address: string) => {
    const stream = server.connect(address);
    streams.push(stream);
    await stream.write(toBytes(GET)).catch(() => {});
    return statuses(await readTo(stream, "\r\n\r\n"))[0];
  };
  assertEquals([await statusFor("192.0.2.1"), await statusFor("192.0.2.1")], [200, 200]);
  assertEquals(await statusFor("::ffff:192.0.2.1"), 503);
  assertEquals(await statusFor("192.0.2.2"), 200);
  assertEquals(await statusFor("2001:db8:0:1::1"), 200);
  assertEquals(await statusFor("2001:db8:0:1:ffff::2"), 200);
  assertEquals(await statusFor("2001:db8:0:1::3"), 503);
  assertEquals(await statusFor("2001:db8:0:2::1"), 200);
  for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    for (let i = 0; i < 3; i++) assertEquals(await statusFor(address), 200);
  }
});

Deno.test("a rejected connection that stays open is aborted when the server stops", async () => {
  await using server = new TestServer(undefined, { limits: { connectionsPerAddress: 0 } });
  const stream = server.connect("192.0.2.1");
  assertEquals(statuses(await readTo(stream, "\r\n\r\n")), [503]);
  await stream.write(toBytes("GET"));
  await server.server.shutdown(0);
  await assertRejects(() => stream.write(toBytes(" / HTTP/1.1")));
});

Deno.test("without descriptors accepting pauses, is reported once, and recovers", async () => {
  const faults: unknown[] = [];
  const reported = Promise.withResolvers<void>();
  await using server = new TestServer(undefined, {
    limits: { acceptPauseMs: 5 },
    observer: {
      failed: (peer, error) => {
        faults.push([peer, error]);
        reported.resolve();
      },
    },
  });
  const fault = Object.assign(new Error("Too many open files (os error 24)"), { code: "EMFILE" });
  server.listener.failWith(fault, fault, fault);
  await reported.promise;
  assertEquals(statuses(await server.exchange(GET)), [200]);
  assertEquals(faults, [["-", fault]]);
});

Deno.test("each time the system runs out of a resource is reported", async () => {
  for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]) {
    const faults: unknown[] = [];
    await using server = new TestServer(undefined, {
      limits: { acceptPauseMs: 1 },
      observer: { failed: (_, error) => faults.push(error) },
    });
    const fault = Object.assign(new Error(), { code });
    for (let outages = 1; outages <= 3; outages++) {
      server.listener.failWith(fault, fault);
      assertEquals(statuses(await server.exchange(GET)), [200]);
      assertEquals(faults, Array(outages).fill(fault), code);
    }
  }
});

Deno.test("another failure counts from the limit on, and again after a connection", async () => {
  const faults: unknown[] = [];
  await using server = new TestServer(undefined, {
    limits: { acceptErrors: 3, acceptPauseMs: 1 },
    observer: { failed: (_, error) => faults.push(error) },
  });
  const fault = new Error("Invalid argument (os error 22)");
  for (const [failures, reports] of [[2, 0], [2, 0], [3, 1], [2, 1], [4, 2]]) {
    server.listener.failWith(...Array(failures).fill(fault));
    assertEquals(statuses(await server.exchange(GET)), [200]);
    assertEquals(faults.length, reports);
  }
});

Deno.test("closing the listener ends the server without a fault", async () => {
  const faults: unknown[] = [];
  const server = new TestServer(undefined, {
    limits: { acceptPauseMs: 2 ** 30 },
    observer: { failed: (_, error) => faults.push(error) },
  });
  assertEquals(statuses(await server.exchange(GET)), [200]);
  server.listener.close();
  await server.server.finished;
  assertEquals(faults, []);
});

Deno.test("a server without connections stops at once, whatever the grace period", async () => {
  const server = new TestServer();
  await Promise.all([server.server.shutdown(2 ** 30), server.server.shutdown(2 ** 30)]);
  await server.server.finished;
});

Deno.test("accepted connections send small writes at once", async () => {
  const options: (boolean | undefined)[] = [];
  const listener = new MemoryListener();
  const accept = listener.accept.bind(listener);
  listener.accept = async () =>
    Object.assign(await accept(), { setNoDelay: (on?: boolean) => void options.push(on) });
  const server = serve(listener, () => ({ status: 200 }));
  listener.connect().close();
  await server.shutdown(0);
  assertEquals(options, [true]);
});

Deno.test("at most 64 connections above the limit get a 503 at a time, further ones are closed", async () => {
  await using server = new TestServer(undefined, { limits: { connections: 0 } });
  const streams = Array.from({ length: 66 }, () => server.connect());
  const received = await Promise.all(streams.map((stream) => readAll(stream)));
  assertEquals(received.map((text) => statuses(text)[0]), [
    ...Array(64).fill(503),
    undefined,
    undefined,
  ]);
  for (const stream of streams) stream.close();
});

Deno.test("a connection that is reset before it is accepted does not delay others", async () => {
  const faults: unknown[] = [];
  await using server = new TestServer(undefined, {
    // A pause would never end.
    limits: { acceptPauseMs: 2 ** 30 },
    observer: { failed: (_, error) => faults.push(error) },
  });
  const reset = new Deno.errors.NotConnected("Transport endpoint is not connected");
  server.listener.failWith(...Array(999).fill(reset));
  assertEquals(statuses(await server.exchange(GET)), [200]);
  server.listener.failWith(...Array(999).fill(reset));
  assertEquals(statuses(await server.exchange(GET)), [200]);
  assertEquals(faults, []);
});

Deno.test("a listener that fails a thousand times in a row pauses, and is reported once", async () => {
  const faults: unknown[] = [];
  const reported = Promise.withResolvers<void>();
  const server = new TestServer(undefined, {
    // A pause would never end, but for the stop.
    limits: { acceptPauseMs: 2 ** 30 },
    observer: {
      failed: (_, error) => {
        faults.push(error);
        reported.resolve();
      },
    },
  });
  const fault = new Error("Invalid argument (os error 22)");
  server.listener.failWith(...Array(2500).fill(fault));
  await reported.promise;
  const waiting = server.connect();
  await waiting.write(toBytes(GET));
  await server.server.shutdown(0);
  assertEquals(faults, [fault]);
  assertEquals(server.asked, []);
  waiting.close();
});

Deno.test("a flood of resets causes no pause, and is reported once", async () => {
  const faults: unknown[] = [];
  await using server = new TestServer(undefined, {
    limits: { acceptPauseMs: 2 ** 30 },
    observer: { failed: (_, error) => faults.push(error) },
  });
  const fault = new Deno.errors.NotConnected("Transport endpoint is not connected");
  server.listener.failWith(...Array(2500).fill(fault));
  assertEquals(statuses(await server.exchange(GET)), [200]);
  assertEquals(faults, [fault]);
});

for (const blank of ["\r\n", "\r"]) {
  Deno.test(`RFC 9112 §2.2: ${JSON.stringify(blank)} after a request leaves the connection idle`, async () => {
    await using server = new TestServer(undefined, {
      limits: { headTimeoutMs: 1, idleTimeoutMs: 20 * SHORT },
    });
    const stream = server.connect();
    await stream.write(toBytes(GET + blank));
    assertEquals(statuses(await readTo(stream, "ok")), [200]);
    assertEquals(await readAll(stream), "");
    stream.close();
  });
}

Deno.test("a request after a stray empty line is served", async () => {
  await using server = new TestServer();
  const stream = server.connect();
  await stream.write(toBytes(GET + "\r\n"));
  assertEquals(statuses(await readTo(stream, "ok")), [200]);
  await stream.write(toBytes(GET));
  assertEquals(statuses(await readTo(stream, "ok")), [200]);
  stream.close();
});

Deno.test("a connection that begins to linger after shutdown lingers half a second, not five", async () => {
  const asked = Promise.withResolvers<void>();
  const response = Promise.withResolvers<Response>();
  const server = new TestServer(() => {
    asked.resolve();
    return response.promise;
  }, { limits: { lingerMs: 2 ** 30 } });
  const stream = server.connect();
  await stream.write(toBytes(GET));
  await asked.promise;
  const stopped = server.server.shutdown(2 ** 30);
  response.resolve({ status: 200 });
  // Ends by itself although the peer never closes.
  await stopped;
  assertEquals(statuses(await readAll(stream)), [200]);
  stream.close();
});

Deno.test("a last response that is being sent at shutdown has the whole grace period, not half a second", async () => {
  const server = new TestServer(() => ({ status: 200, body: new Uint8Array(20_000) }));
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const head = await readTo(stream, "\r\n\r\n");
  const stopped = server.server.shutdown(2 ** 30);
  // The peer pauses for longer than a lingering connection may.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const text = head + await readAll(stream);
  assertEquals(text.length - text.indexOf("\r\n\r\n") - 4, 20_000);
  stream.close();
  await stopped;
});

Deno.test("a stray empty line after the last request does not delay shutdown", async () => {
  const server = new TestServer(() => ({ status: 200, body: "x".repeat(3000) }), {
    limits: { idleTimeoutMs: 2 ** 30 },
  });
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes(GET + "\r\n"));
  await readTo(stream, "\r\n\r\n");
  const stopped = server.server.shutdown(2 ** 30);
  await readAll(stream);
  stream.close();
  await stopped;
});

Deno.test("shutdown ends idle connections at once and accepts no more", async () => {
  const server = new TestServer();
  const idle = server.connect();
  await idle.write(toBytes(GET));
  await readTo(idle, "ok");
  await server.server.shutdown(60_000);
  assertEquals(await readAll(idle), "");
  await server.server.finished;
  idle.close();
});

Deno.test("shutdown lets requests in flight finish, and says that the connection closes", async () => {
  const asked = Promise.withResolvers<void>();
  const response = Promise.withResolvers<Response>();
  const server = new TestServer(() => {
    asked.resolve();
    return response.promise;
  });
  const stream = server.connect();
  await stream.write(toBytes(GET + GET));
  await asked.promise;
  const stopped = server.server.shutdown(60_000);
  response.resolve({ status: 200, body: "done" });
  const text = await readAll(stream);
  assertEquals(statuses(text), [200]);
  assertStringIncludes(text, "Connection: close\r\n");
  stream.close();
  await stopped;
});

Deno.test("shutdown lets a request that is still arriving finish", async () => {
  const server = new TestServer();
  const stream = server.connect();
  await stream.write(toBytes(GET + "GET / HTTP/1.1\r\n"));
  await readTo(stream, "ok");
  const stopped = server.server.shutdown(60_000);
  await stream.write(toBytes("Host: a\r\n\r\n"));
  assertEquals(statuses(await readAll(stream)), [200]);
  stream.close();
  await stopped;
});

Deno.test("shutdown aborts the connections that are left after the grace period", async () => {
  const asked = Promise.withResolvers<void>();
  const response = Promise.withResolvers<Response>();
  const server = new TestServer(() => {
    asked.resolve();
    return response.promise;
  });
  const stream = server.connect();
  await stream.write(toBytes(GET));
  await asked.promise;
  const stopped = server.server.shutdown(SHORT);
  assertEquals(await readAll(stream), "");
  // The handler is still at work, and nobody waits for it.
  await stopped;
  response.resolve({ status: 200 });
  stream.close();
});
