/** What `--debug` shows of an exchange. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  SHOWN_BODY_LIMIT,
  SHOWN_HEAD_LIMIT,
  WireView,
} from "../../../lib/client/remote/wire_view.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Shows an exchange, each message in pieces of the given size. */
function show(
  exchange: ["sent" | "received", string | Uint8Array][],
  size = Infinity,
  colored = false,
) {
  let shown = "";
  const view = new WireView((text) => shown += text, colored);
  for (const [direction, message] of exchange) {
    const whole = typeof message === "string" ? bytes(message) : message;
    for (let at = 0; at < whole.length; at += size) view[direction](whole.subarray(at, at + size));
  }
  view.flush();
  return shown;
}

const login: ["sent" | "received", string][] = [
  [
    "sent",
    "POST /login HTTP/1.1\r\nHost: a\r\nCookie: session=s1; key=k1\r\nSet-Cookie: key=k1\r\n\r\n" +
    '{"username":"1","password":"se\\"cret"}',
  ],
  ["received", "HTTP/1.1 103 Early Hints\r\n\r\n"],
  [
    "received",
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: key=k1;HttpOnly; Max-Age=3600\r\n" +
    "Content-Length: 13\r\n\r\nLOGIN_SUCCESS",
  ],
  ["sent", "HEAD / HTTP/1.1\r\n\r\n"],
  ["received", "HTTP/1.1 401 Unauthorized\r\n\r\n"],
];

Deno.test("the two directions look different, secrets are masked, names and attributes stay", () => {
  assertEquals(
    show(login),
    `> POST /login HTTP/1.1
> Host: a
> Cookie: session=***; key=***
> Set-Cookie: key=***
> 
> {"username":"1","password":"***"}
< HTTP/1.1 103 Early Hints
< 
< HTTP/1.1 200 OK
< Content-Type: text/plain
< Set-Cookie: key=***;HttpOnly; Max-Age=3600
< Content-Length: 13
< 
< LOGIN_SUCCESS
> HEAD / HTTP/1.1
> 
< HTTP/1.1 401 Unauthorized
< 
`,
  );
});

Deno.test("a secret in a malformed field is masked as well", () => {
  const head = [
    "HTTP/1.1 200 OK",
    "Set-Cookie : key=k1; Max-Age=60",
    "Set-Cookie: path=k1; other=k2",
    "SET-COOKIE:key=k1=k1",
    "Set-Cookie: key=",
    " k1",
    "\tk1; Path=/",
    "X: y",
    " z",
    "Authorization :Basic azE=",
  ].join("\r\n");
  assertEquals(
    show([["received", head + "\r\n\r\n"]]),
    `< HTTP/1.1 200 OK
< Set-Cookie : key=***; Max-Age=60
< Set-Cookie: path=***; other=***
< SET-COOKIE:key=***
< Set-Cookie: key=***
<  ***
< \t***
< X: y
<  z
< Authorization :***
< 
`.replace("\t", ""),
  );
});

Deno.test("the output is the same however the bytes are split", () => {
  const whole = show(login);
  fc.assert(fc.property(fc.integer({ min: 1, max: 80 }), (size) => {
    assertEquals(show(login, size), whole);
  }));
});

Deno.test("the heads have two colours, and each line ends in the terminal's own", () => {
  const lines = show(login, Infinity, true).split("\n");
  assertEquals(lines[0], "> \x1b[36mPOST /login HTTP/1.1\x1b[0m");
  assertStringIncludes(lines.join("\n"), "< \x1b[33mHTTP/1.1 200 OK\x1b[0m");
});

Deno.test("binary content is shown by its size, long text is cut", () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n";
  const image = show([[
    "received",
    new Uint8Array([...bytes(head), 0xff, 0xd8, ...new Uint8Array(86_000)]),
  ]]);
  assertStringIncludes(image, "< [84.0 KiB]\n");
  const text = show([["received", "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(10_000)]]);
  assertStringIncludes(text, "< " + "x".repeat(SHOWN_BODY_LIMIT) + "… [9.77 KiB]\n");
  assert(text.length < 2 * SHOWN_BODY_LIMIT);
});

Deno.test("content is shown as soon as it is all there, and by its type", () => {
  let shown = "";
  const view = new WireView((text) => shown += text, false);
  view.received(bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  assertEquals(shown, "< HTTP/1.1 200 OK\n< Content-Length: 2\n< \n< ok\n");
  const content = (head: string) => show([["received", `${head}abc`]]).split("\n").at(-2);
  assertEquals(content("HTTP/1.1 200 OK\n\n"), "< abc");
  assertEquals(content("HTTP/1.1 200 OK\r\nContent-Type: TEXT/plain\r\n\r\n"), "< abc");
  assertEquals(content("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"), "< abc");
  assertEquals(content("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"), "< [3 B]");
});

Deno.test("a head may begin with anything", () => {
  assertEquals(show([["received", " folded\r\nX: y\r\n\r\n"]]), "<  folded\n< X: y\n< \n");
});

Deno.test("an endless head is shown up to a limit", () => {
  const shown = show([["received", "HTTP/1.1 200 OK\r\nX: " + "y".repeat(3 * SHOWN_HEAD_LIMIT)]]);
  assertEquals(shown.split("\n")[1].length, "< ".length + SHOWN_HEAD_LIMIT - 17);
  assert(shown.length < 2 * SHOWN_HEAD_LIMIT);
});

Deno.test("nothing that a server sends reaches the terminal as a control character", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, withHead) => {
    const head = bytes(withHead ? "HTTP/1.1 200 OK\r\n\r\n" : "");
    const shown = show([["received", new Uint8Array([...head, ...noise])]]);
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(shown));
  }));
});
