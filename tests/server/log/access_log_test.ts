/** The lines of requests, connections and errors in the log. */
import { assertEquals } from "@std/assert";
import type { Observer } from "../../../lib/http/mod.ts";
import {
  accessLog,
  type AccessLogOptions,
  describeFault,
} from "../../../lib/server/log/access_log.ts";
import { EventLog } from "../../../lib/server/log/event_log.ts";

/** Returns the lines, without their timestamps, of what happens to the observer. */
async function linesOf(
  happen: (observer: Observer) => void,
  options?: AccessLogOptions,
): Promise<string[]> {
  let text = "";
  const log = new EventLog({
    file: {
      write(bytes) {
        text += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
    },
  });
  happen(accessLog(log, options));
  await log.close();
  return text.split("\n").slice(0, -1).map((line) => line.replace(/^\[[^\]]*\] /, ""));
}

const REQUEST: Parameters<NonNullable<Observer["responded"]>>[0] = {
  peer: "192.0.2.7",
  user: "alice",
  method: "GET",
  path: "/images",
  subject: "a b.jpg",
  status: 200,
  bodyBytes: 86_016,
  milliseconds: 1.25,
  outcome: "complete",
};

Deno.test("a request is one line with each of its parts, and - for what is not known", async () => {
  const requests = [
    REQUEST,
    { ...REQUEST, outcome: "aborted" as const, bodyBytes: 10 },
    { ...REQUEST, outcome: "stalled" as const, milliseconds: 120_000 },
    { ...REQUEST, user: null, method: "-", path: "-", subject: null, status: 0, bodyBytes: 0 },
    { ...REQUEST, user: 'a "b"', path: "/a b\r", subject: "사진.jpg" },
  ];
  const lines = await linesOf((observer) => requests.forEach((end) => observer.responded!(end)));
  assertEquals(lines, [
    '192.0.2.7 "alice" GET /images "a b.jpg" 200 86016 bytes 1.250 ms',
    '192.0.2.7 "alice" GET /images "a b.jpg" 200 10 bytes 1.250 ms aborted',
    '192.0.2.7 "alice" GET /images "a b.jpg" 200 86016 bytes 120000.000 ms stalled',
    "192.0.2.7 - - - - - 0 bytes 1.250 ms",
    '192.0.2.7 "a \\"b\\"" GET /a\\x20b\\r "사진.jpg" 200 86016 bytes 1.250 ms',
  ]);
});

Deno.test("the time is milliseconds with three decimals, rounded", async () => {
  const times = [0, 0.0004, 0.0006, 0.999, 0.9996, 1, 12.0346, 1000];
  const lines = await linesOf((observer) => {
    for (const milliseconds of times) observer.responded!({ ...REQUEST, milliseconds });
  });
  assertEquals(lines.map((line) => line.split(" ").at(-2)), [
    "0.000",
    "0.000",
    "0.001",
    "0.999",
    "1.000",
    "1.000",
    "12.035",
    "1000.000",
  ]);
});

Deno.test("connections are logged only if requested, errors always", async () => {
  const happen = (observer: Observer) => {
    observer.opened?.("192.0.2.7", 5000);
    observer.closed?.("2001:db8::7", 5001);
    observer.failed?.("-", new Error("one\ntwo"));
  };
  assertEquals(await linesOf(happen), ["- error: Error: one\\ntwo"]);
  assertEquals(await linesOf(happen, { connections: true }), [
    "192.0.2.7:5000 connected",
    "[2001:db8::7]:5001 disconnected",
    "- error: Error: one\\ntwo",
  ]);
});

Deno.test("an error is described with its cause in one line", () => {
  assertEquals(describeFault(new TypeError("no")), "TypeError: no");
  assertEquals(describeFault("thrown\n"), "thrown\\n");
  assertEquals(
    describeFault(new Error("no", { cause: new RangeError("too\tfar") })),
    "Error: no (RangeError: too\\tfar)",
  );
  assertEquals(describeFault(new Error("no", { cause: "unknown" })), "Error: no");
});
