/**
 * The request parser alone: time and memory for the head that a browser sends, whole and one byte
 * at a time. Run by itself or from `bench/main.ts`.
 */
import { requestHeadParser, SERVER_LIMITS } from "../../lib/http/mod.ts";

/** What a browser of today sends for a picture. */
const BROWSER_REQUEST = new TextEncoder().encode([
  "GET /images?url=image.jpg HTTP/1.1",
  "Host: photos.example.org:8080",
  "Connection: keep-alive",
  'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"',
  "sec-ch-ua-mobile: ?0",
  'sec-ch-ua-platform: "Linux"',
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) " +
  "Chrome/140.0.0.0 Safari/537.36",
  "Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-Mode: no-cors",
  "Sec-Fetch-Dest: image",
  "Referer: http://photos.example.org:8080/",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7",
  "Cookie: key=YWxpY2UuMTc2MzgwMDAwMC5hYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk",
  'If-None-Match: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"',
  "",
  "",
].join("\r\n"));

const head = requestHeadParser(SERVER_LIMITS);

function parseWhole(): void {
  head.reset();
  if (!head.parse(BROWSER_REQUEST, 0, BROWSER_REQUEST.length)) throw new Error("incomplete");
}

function parseTrickled(): void {
  head.reset();
  for (let end = 1; end < BROWSER_REQUEST.length; end++) head.parse(BROWSER_REQUEST, 0, end);
  if (!head.parse(BROWSER_REQUEST, 0, BROWSER_REQUEST.length)) throw new Error("incomplete");
}

/** Nanoseconds a call: the best of many short rounds, which others on the machine disturb least. */
function nanoseconds(run: () => void, calls: number): number {
  let best = Infinity;
  for (let round = 0; round < 60; round++) {
    const begun = performance.now();
    for (let i = 0; i < calls; i++) run();
    best = Math.min(best, (performance.now() - begun) * 1e6 / calls);
  }
  return best;
}

/** Bytes of heap a call: the median over rounds too short for a collection to come between. */
function bytesAllocated(run: () => void, calls: number): number {
  const rounds: number[] = [];
  for (let round = 0; round < 30; round++) {
    const before = Deno.memoryUsage().heapUsed;
    for (let i = 0; i < calls; i++) run();
    rounds.push((Deno.memoryUsage().heapUsed - before) / calls);
  }
  return Math.max(0, rounds.sort((a, b) => a - b)[15]);
}

/** Measures and prints a Markdown table. */
function measureParser(): void {
  console.log(`\n### Parsing the head of a request (${BROWSER_REQUEST.length} bytes, 16 fields)\n`);
  console.log("| arrives | time | per byte | memory |");
  console.log("|---|--:|--:|--:|");
  for (
    const [name, run, calls] of [
      ["whole", parseWhole, 20_000],
      ["one byte at a time", parseTrickled, 1_000],
    ] as const
  ) {
    const time = nanoseconds(run, calls);
    const perByte = time / BROWSER_REQUEST.length;
    const memory = bytesAllocated(run, calls);
    console.log(
      `| ${name} | ${time.toFixed(0)} ns | ${perByte.toFixed(2)} ns | ${memory.toFixed(1)} bytes |`,
    );
  }
}

if (import.meta.main) measureParser();
