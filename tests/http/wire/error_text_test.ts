/** The sentence that each kind of malformed request gets: the client's developer reads it. */
import { assertEquals } from "@std/assert";
import { TestServer } from "../support/test_server.ts";

const HOST = "Host: a\r\n";
/** A GET of this target with these field lines. */
const get = (target: string, ...lines: string[]) =>
  `GET ${target} HTTP/1.1\r\n${lines.map((line) => line + "\r\n").join("")}\r\n`;
const chunked = (content: string) =>
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${content}`;

const NO_CRLF = "a header line that does not end in CR LF";
const NO_VERSION = "a request line without a version";
const INVALID_SIZE = "an invalid chunk size";
const WRONG_END = "a chunk that does not end where it says";
const TRAILER = "a malformed trailer";

const REFUSED: [request: string, status: number, sentence: string][] = [
  ["\rx", 400, "a bare carriage return before the request"],
  ["G@T / HTTP/1.1\r\n", 400, "an invalid method"],
  [`${"M".repeat(33)} / HTTP/1.1\r\n`, 501, "the method is not implemented"],
  ["GET  / HTTP/1.1\r\n", 400, "no request target"],
  ["GET /\r\n", 400, NO_VERSION],
  ["GET /\n", 400, NO_VERSION],
  ["GET /\t HTTP/1.1\r\n", 400, "a character in the request target that must be encoded"],
  ["GET / HTTP/x\r\n", 400, "an invalid HTTP version"],
  ["GET / HTTP/2.0\r\n", 505, "the HTTP version is not supported"],
  ["GET / HTTP/1.1\rx", 400, "a bare carriage return in the request line"],
  ["GET / HTTP/1.1\r\nA: b\rx", 400, "a bare carriage return in a header field"],
  [get("/"), 400, "no Host field"],
  [get("/", "Host: a", "Host: a"), 400, "more than one Host field"],
  [get("/", "Host: a b"), 400, "an invalid Host field"],
  [get("/", "A b: c"), 400, "white space before the colon of a header field"],
  [get("/", "A\t: c"), 400, "white space before the colon of a header field"],
  [get("/", " A: b"), 400, "a folded header field"],
  [get("/", "\tA: b"), 400, "a folded header field"],
  [get("/", "A;: b"), 400, "a header field with an invalid name"],
  [get("/", ": b"), 400, "a header field with an invalid name"],
  [get("/", "A"), 400, "a header line without a colon"],
  ["GET / HTTP/1.1\r\nA\n", 400, NO_CRLF],
  ["GET / HTTP/1.1\r\nA: b\n", 400, NO_CRLF],
  ["GET / HTTP/1.1\r\nA: b\0", 400, "a control character in a header field"],
  [`GET / HTTP/1.1\r\n${HOST}\rx`, 400, "a bare carriage return in the head"],
  [get("/", ...Array.from({ length: 101 }, () => "A: b")), 431, "too many header fields"],
  [get("/", `A: ${"b".repeat(16 * 1024)}`), 431, "the header fields are too large"],
  [get("/" + "a".repeat(8192), "Host: a"), 414, "the request target is too long"],
  [get("*", "Host: a"), 400, "the target * is for OPTIONS alone"],
  [get("a", "Host: a"), 400, "an invalid request target"],
  [get("http://u@a/", "Host: a"), 400, "an invalid authority in the request target"],
  [get("/%4", "Host: a"), 400, "a malformed percent-encoding"],
  [get("/%ff", "Host: a"), 400, "a path that is not UTF-8"],
  ["CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "CONNECT needs host:port"],
  [get("/", "Host: a", "Expect: x"), 417, "the expectation is not known"],
  [get("/", "Host: a", "Content-Length: x"), 400, "an invalid Content-Length"],
  [
    get("/", "Host: a", "Content-Length: 1", "Content-Length: 1"),
    400,
    "more than one Content-Length",
  ],
  [
    get("/", "Host: a", "Content-Length: 1", "Transfer-Encoding: chunked"),
    400,
    "both Content-Length and Transfer-Encoding",
  ],
  [get("/", "Host: a", "Transfer-Encoding: gzip"), 501, "an unknown transfer coding"],
  [get("/", "Host: a", "Transfer-Encoding: a b"), 400, "an invalid Transfer-Encoding"],
  [get("/", "Host: a", "Transfer-Encoding: chunked, x"), 400, "chunked must come last, once"],
  [
    "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    400,
    "Transfer-Encoding in HTTP/1.0",
  ],
  [get("/", "Host: a", "Content-Length: 65537"), 413, "the content is too large"],
  ["BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "the method is not implemented"],
  [chunked("x"), 400, INVALID_SIZE],
  [chunked("5x"), 400, INVALID_SIZE],
  [chunked("f".repeat(20)), 400, "a chunk size that is too large"],
  [chunked("10001\r\n"), 413, "the content is too large"],
  [chunked("1 x"), 400, "a malformed chunk extension"],
  [chunked("1;a=b=c"), 400, "a malformed chunk extension"],
  [chunked(`0;${"a".repeat(17 * 1024)}`), 400, "chunk extensions or trailers that are too large"],
  [chunked("1\r\nabc"), 400, WRONG_END],
  [chunked("1\r\na\rx"), 400, WRONG_END],
  [chunked("1\rx"), 400, WRONG_END],
  [chunked("0\r\n\rx"), 400, WRONG_END],
  [chunked("0\r\na\r"), 400, TRAILER],
  [chunked("0\r\n: b"), 400, TRAILER],
  [chunked("0\r\na: b\0"), 400, "a control character in a trailer"],
  [chunked("0\r\na: b\rx"), 400, WRONG_END],
];

Deno.test("each kind of malformed request gets its status and a sentence that says what is wrong", async () => {
  await using server = new TestServer();
  for (const [request, status, sentence] of REFUSED) {
    const received = await server.exchange(request);
    const told = [Number(received.slice(9, 12)), received.split("\r\n\r\n")[1]];
    assertEquals(told, [status, sentence], JSON.stringify(request.slice(0, 100)));
  }
  assertEquals(server.asked, []);
});
