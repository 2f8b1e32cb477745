/** The parsers against the grammar of RFC 9112, written down a second time as regular expressions. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ChunkedDecoder } from "../../../lib/http/wire/chunked.ts";
import { CLIENT_LIMITS, HttpError, SERVER_LIMITS } from "../../../lib/http/mod.ts";
import { RequestHead } from "../../../lib/http/wire/request_head.ts";
import { ResponseHead } from "../../../lib/http/wire/response_head.ts";
import { FieldsView } from "../../../lib/http/wire/fields_view.ts";
import { toBytes } from "../support/test_server.ts";

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
/** Visible characters, space, tab and obs-text (RFC 9110 §5.5). */
const TEXT = "[\\t\\x20-\\x7e\\x80-\\xff]";

/** request-line and field lines (RFC 9112 §3, §5), after one empty line that is tolerated (§2.2). */
const REQUEST_HEAD = new RegExp(
  `^(?:\\r\\n)?(${TOKEN}) ([!"$-~]+) HTTP/(\\d)\\.(\\d)\\r\\n((?:${TOKEN}:${TEXT}*\\r\\n)*)\\r\\n`,
);
const FIELD_LINE = new RegExp(`(${TOKEN}):[\\t ]*(${TEXT}*?)[\\t ]*\\r\\n`, "g");

/** chunk-size [ chunk-ext ] CRLF (RFC 9112 §7.1, §7.1.1). */
const QUOTED = `"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\${TEXT})*"`;
const EXTENSION = `[\\t ]*;[\\t ]*${TOKEN}(?:[\\t ]*=[\\t ]*(?:${TOKEN}|${QUOTED}))?`;
const SIZE_LINE = new RegExp(`^([0-9A-Fa-f]+)((?:${EXTENSION})*)\\r\\n`);
/** trailer-section CRLF (RFC 9112 §7.1.2). */
const TRAILERS = new RegExp(`^(?:${TOKEN}:${TEXT}*\\r\\n)*\\r\\n`);

/** What can be wrong, or right, nearly anywhere in a head or between chunks. */
const odd = fc.oneof(
  fc.constantFrom(
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    ";",
    "=",
    '"',
    "\\",
    ",",
    "\0",
    "\x7f",
    "\xe9",
  ),
  fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
);

/** A text of these parts, in which few or no places are damaged. */
function nearly(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const damage = fc.record({
    at: fc.nat(200),
    drop: fc.nat(2),
    insert: fc.oneof(fc.constant(""), odd),
  });
  return fc.tuple(fc.tuple(...parts), fc.array(damage, { maxLength: 2 })).map(
    ([texts, damages]) => {
      let text = texts.join("");
      for (const { at, drop, insert } of damages) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + insert + text.slice(place + drop);
      }
      return text;
    },
  );
}

const requestHead = nearly(
  fc.constantFrom("", "", "", "\r\n"),
  fc.constantFrom("GET", "POST", "OPTIONS", "BREW", "m!"),
  fc.constant(" "),
  fc.constantFrom("/", "/a?b=%41", "*", "http://a/", "a:1", "{}"),
  fc.constantFrom(" HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/1.7\r\n", " HTTP/2.0\r\n"),
  fc.array(fc.constantFrom("Host: a\r\n", "A:\r\n", "B:\t x \t\r\n", "C: a:b\xff\r\n"), {
    maxLength: 4,
  }).map((lines) => lines.join("")),
  fc.constant("\r\n"),
);

/** Every end of these texts. */
const endsOf = (...texts: string[]) =>
  texts.flatMap((text) => Array.from(text, (_, from) => text.slice(from)));

/** Ends of valid heads, of which one completes any beginning of a valid head. */
const HEAD_ENDS = endsOf("\r\nA / HTTP/1.1\r\na:b\r\n\r\n", "/1.1\r\n\r\n");

Deno.test("RFC 9112 §3, §5: exactly what the grammar allows is accepted as a request head", () => {
  const head = new RequestHead(SERVER_LIMITS);
  fc.assert(
    fc.property(requestHead, (text) => {
      head.reset();
      const match = REQUEST_HEAD.exec(text);
      let isComplete: boolean;
      try {
        isComplete = head.parse(toBytes(text), 0, text.length);
      } catch (error) {
        assert(error instanceof HttpError);
        // Beyond the grammar: a version that is not spoken here.
        if (error.status === 505) assert(match === null || match[3] !== "1");
        else assertEquals(match, null, error.message);
        return;
      }
      if (!isComplete) {
        assertEquals(match, null);
        assert(
          HEAD_ENDS.some((end) => REQUEST_HEAD.test(text + end)),
          "waits for what cannot come",
        );
        return;
      }
      assert(match !== null && match[3] === "1");
      const [whole, method, target, , minor, lines] = match;
      assertEquals(head.length, whole.length);
      assertEquals(head.method, method);
      assertEquals(text.slice(head.targetFrom, head.targetTo), target);
      assertEquals(head.minorVersion, minor === "0" ? 0 : 1);
      assertEquals(
        [...new FieldsView(head.fields, { headText: () => text })],
        [...lines.matchAll(FIELD_LINE)].map(([, name, value]) => [name, value]),
      );
    }),
    { numRuns: 20_000 },
  );
});

/** Ends of valid lines, of which one completes any beginning of a valid line. */
const SIZE_ENDS = endsOf("0\r\n", ';a=""\r\n', '\\""\r\n');
const TRAILER_ENDS = endsOf("\r\na:b\r\n\r\n");

/**
 * What the grammar makes of chunks: content and length if they are complete, "more" if they may become
 * so, "never" if not.
 */
function chunksByGrammar(text: string): [content: string, length: number] | "more" | "never" {
  const canEnd = (rule: RegExp, rest: string, ends: string[]) =>
    ends.some((end) => rule.test(rest + end)) ? "more" : "never";
  let content = "";
  for (let at = 0;;) {
    const line = SIZE_LINE.exec(text.slice(at));
    if (line === null) return canEnd(SIZE_LINE, text.slice(at), SIZE_ENDS);
    at += line[0].length;
    const size = parseInt(line[1], 16);
    if (size === 0) {
      const trailers = TRAILERS.exec(text.slice(at));
      if (trailers === null) return canEnd(TRAILERS, text.slice(at), TRAILER_ENDS);
      return [content, at + trailers[0].length];
    }
    content += text.slice(at, at + size);
    at += size;
    if (text.slice(at, at + 2) !== "\r\n") {
      return "\r\n".startsWith(text.slice(at)) ? "more" : "never";
    }
    at += 2;
  }
}

const chunks = nearly(
  fc.array(
    fc.constantFrom(
      "1\r\na\r\n",
      "002\r\nab\r\n",
      "A\r\n0123456789\r\n",
      "1;x\r\na\r\n",
      '2 ; x = "a\\"b" ;y=z\r\nab\r\n',
      '1\t;\tx="";y\r\na\r\n',
    ),
    { maxLength: 4 },
  ).map((parts) => parts.join("")),
  fc.constantFrom("0", "000", "0;x", '0;x="y"'),
  fc.constantFrom("\r\n", "\r\nA: b\r\n", "\r\nA:\r\nB: \xffc\r\n"),
  fc.constant("\r\n"),
  fc.constantFrom("", "GET"),
);

Deno.test("RFC 9112 §7.1: exactly what the grammar allows is accepted as chunks", () => {
  fc.assert(
    fc.property(chunks, (text) => {
      const expected = chunksByGrammar(text);
      const decoder = new ChunkedDecoder(1000, false);
      const bytes = toBytes(text);
      let content = "";
      let used = 0;
      while (used < bytes.length && !decoder.done) {
        try {
          decoder.decode(bytes, used, bytes.length);
        } catch (error) {
          assert(error instanceof HttpError);
          // Beyond the grammar: a size that is larger than any limit.
          if (!error.message.includes("too large")) assertEquals(expected, "never", error.message);
          return;
        }
        content += text.slice(decoder.dataFrom, decoder.dataTo);
        used += decoder.consumed;
      }
      assertEquals(decoder.done ? [content, used] : "more", expected);
    }),
    { numRuns: 10_000 },
  );
});

const responseHead = nearly(
  fc.constantFrom("HTTP/1.1 200 OK", "HTTP/1.0 404", "HTTP/1.1 304 \xe9"),
  fc.constantFrom("\r\n", "\n"),
  fc.array(
    fc.constantFrom("A: b\r\n", "filename=x\r\n", " folded\r\n", "B:\n", "Connection: close\r\n"),
    { maxLength: 5 },
  ).map((lines) => lines.join("")),
  fc.constantFrom("\r\n", "\n"),
);

Deno.test("whatever a response's head holds, no value of it holds a control character", () => {
  const head = new ResponseHead(CLIENT_LIMITS);
  fc.assert(
    fc.property(responseHead, (text) => {
      head.reset();
      try {
        if (!head.parse(toBytes(text), 0, text.length)) return;
      } catch (error) {
        assert(error instanceof HttpError);
        return;
      }
      for (const [name, value] of new FieldsView(head.fields, { headText: () => text })) {
        assert(new RegExp(`^${TOKEN}$`).test(name), name);
        assert(new RegExp(`^${TEXT}*$`).test(value), JSON.stringify(value));
      }
    }),
    { numRuns: 10_000 },
  );
});
