import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { COOKIE_FILE_LIMIT, CookieFile } from "../../../lib/client/cookies/cookie_file.ts";
import { COOKIE_COUNT_LIMIT, CookieJar } from "../../../lib/client/cookies/cookie_jar.ts";
import { Failure } from "../../../lib/client/failure.ts";
import { serverAddress } from "../../../lib/client/server_address.ts";
import type { ToSave } from "../support/cookie_saver.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const here = serverAddress("server.example", "8080", false)!;
const hereTls = serverAddress("server.example", "8443", true)!;

Deno.test("cookies are sent in the Cookie field until they expire", () => {
  let now = 1_000_000;
  const jar = new CookieJar(here, undefined, () => now);
  jar.receive(["session=s1;HttpOnly;SameSite=Strict; Max-Age=100", "key=k1; Max-Age=10"]);
  assertEquals(jar.field(), "session=s1; key=k1");
  assertEquals(jar.get("key")?.expiryTime, 1010);
  now += 10_000;
  assertEquals(jar.field(), "session=s1");
  now += 90_000;
  assertEquals(jar.field(), null);
});

Deno.test("a cookie without Max-Age does not expire, and Max-Age=0 removes one", () => {
  const jar = new CookieJar(here, undefined, () => 0);
  jar.receive(["key=ABCD"]);
  assertEquals(jar.get("key"), { value: "ABCD", expiryTime: null, secure: false });
  jar.receive(["key=; Max-Age=0"]);
  assertEquals(jar.field(), null);
});

Deno.test("a server sets cookies for itself: one for another host is refused (RFC 6265 §5.3)", () => {
  const jar = new CookieJar(here);
  jar.receive(["key=evil; Domain=other.example", "key=evil; Domain=example", "a=1; Domain=com"]);
  assertEquals(jar.field(), null);
  jar.receive(["key=good; Domain=server.example"]);
  assertEquals(jar.field(), "key=good");
});

Deno.test("a Secure cookie is neither taken nor sent without TLS", () => {
  const plain = new CookieJar(here);
  plain.receive(["key=1; Secure"]);
  assertEquals(plain.field(), null);
  const tls = new CookieJar(hereTls);
  tls.receive(["key=1;Secure; Max-Age=60"]);
  assertEquals(tls.field(), "key=1");
  assertEquals(new CookieJar(here, tls.state).field(), null);
});

Deno.test("a server cannot fill the memory with cookies", () => {
  const jar = new CookieJar(here);
  jar.receive(Array.from({ length: 1000 }, (_, i) => `c${i}=v`));
  assertEquals(jar.state.cookies.size, COOKIE_COUNT_LIMIT);
});

Deno.test("exactly the changes of the cookies are reported, so that they are saved", () => {
  const jar = new CookieJar(here, undefined, () => 1_000_000);
  assertEquals(jar.receive([]), false);
  assertEquals(jar.receive(["a b=1", "a=1; Domain=other", "a=1; Secure"]), false);
  assertEquals(jar.receive(["a=; Max-Age=0"]), false);
  assertEquals(jar.receive(["a=1"]), true);
  assertEquals(jar.receive(["a=; Max-Age=0", "b=; Max-Age=0"]), true);
  assertEquals(jar.receive(["b=; Max-Age=0"]), false);
  assertEquals(jar.receive(["c=1; Max-Age=1", "b=; Max-Age=-1"]), true);
  assertEquals([jar.forget("a"), jar.forget("c"), jar.forget()], [false, true, false]);
  jar.receive(["a=1"]);
  assertEquals([jar.forget(), jar.forget()], [true, false]);
  jar.state.user = "1";
  assertEquals([jar.forget(), jar.state.user, jar.forget()], [true, null, false]);
});

Deno.test("a cookie expires in exactly the second of its expiry", () => {
  let now = 1_000_000;
  const jar = new CookieJar(here, undefined, () => now);
  jar.receive(["key=k; Max-Age=1"]);
  now += 999;
  assertEquals(jar.get("key")?.value, "k");
  now += 1;
  assertEquals([jar.get("key"), jar.state.cookies.size], [null, 0]);
});

Deno.test("with the maximum number of cookies, those that exist can still change", () => {
  const jar = new CookieJar(here);
  jar.receive(Array.from({ length: COOKIE_COUNT_LIMIT }, (_, i) => `c${i}=v`));
  assertEquals(jar.receive(["other=1"]), false);
  assertEquals(jar.receive(["c0=new"]), true);
  assertEquals([jar.get("c0")?.value, jar.state.cookies.size], ["new", COOKIE_COUNT_LIMIT]);
});

Deno.test("cookies.json keeps the cookies of each server apart, mode 0600, expired ones dropped", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "data", "cookies.json");
  const now = () => 1_000_000;
  const jar = new CookieJar(here, { user: "alice", cookies: new Map() }, now);
  jar.receive(["session=s; Max-Age=100", "key=k; Max-Age=10"]);
  new CookieFile(path, here.origin, now).save(jar);
  const other = new CookieJar(hereTls, undefined, now);
  other.receive(["key=other;Secure; Max-Age=100"]);
  new CookieFile(path, hereTls.origin, now).save(other);

  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  const read = (origin: string, at: number) => new CookieFile(path, origin, () => at).load();
  const back = read(here.origin, 1_000_000);
  assertEquals(back.user, "alice");
  assertEquals(new CookieJar(here, back, now).field(), "session=s; key=k");
  assertEquals([...read(here.origin, 1_009_999).cookies.keys()], ["session", "key"]);
  assertEquals([...read(here.origin, 1_010_000).cookies.keys()], ["session"]);
  assertEquals(read(hereTls.origin, 1_000_000).cookies.get("key")?.secure, true);
  assertEquals(new CookieJar(hereTls, read(hereTls.origin, 1_000_000), now).field(), "key=other");
  assertEquals(read("http://server.example:9", 0), { user: null, cookies: new Map() });
  assertEquals([...Deno.readDirSync(join(folder.path, "data"))].map(({ name }) => name), [
    "cookies.json",
  ]);
  // A server that nothing is known of takes no place in the file.
  jar.forget();
  new CookieFile(path, here.origin, now).save(jar);
  assertEquals(Object.keys(JSON.parse(Deno.readTextFileSync(path))), [hereTls.origin]);
});

Deno.test("cookies.json is read up to a size, and a larger file is never overwritten", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "cookies.json");
  const file = new CookieFile(path, here.origin);
  Deno.writeTextFileSync(path, '{"key": {"value": "a"}}'.padEnd(COOKIE_FILE_LIMIT));
  assertEquals(file.load().cookies.get("key")?.value, "a");
  Deno.writeTextFileSync(path, " ", { append: true });
  assertEquals(assertThrows(() => file.load(), Failure).token, "COOKIES_UNREADABLE");
  file.save(new CookieJar(here));
  assertEquals(Deno.statSync(path).size, COOKIE_FILE_LIMIT + 1);
});

Deno.test("clients that save at the same moment lose no cookies", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "cookies.json");
  const ports = 40;
  const hosts = ["a", "b", "c"];
  await Promise.all(hosts.map(async (host) => {
    const saver = new Worker(new URL("../support/cookie_saver.ts", import.meta.url), {
      type: "module",
    });
    await new Promise<void>((resolve, reject) => {
      saver.onmessage = () => resolve();
      saver.onerror = reject;
      saver.postMessage({ path, host, ports } satisfies ToSave);
    });
    saver.terminate();
  }));
  const expected = hosts.flatMap((host) =>
    Array.from({ length: ports }, (_, i) => `http://${host}:${i + 1}`)
  );
  assertEquals(Object.keys(JSON.parse(Deno.readTextFileSync(path))).sort(), expected.sort());
});

Deno.test("the original client's flat cookies.json is taken over by the first server", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "cookies.json");
  Deno.writeTextFileSync(path, '{"key": {"value": "ABCD", "expiry_time": 2000.5}}');
  const file = new CookieFile(path, here.origin, () => 1_000_000);
  const jar = new CookieJar(here, file.load(), () => 1_000_000);
  assertEquals(jar.field(), "key=ABCD");
  file.save(jar);
  const elsewhere = new CookieFile(path, hereTls.origin, () => 1_000_000);
  assertEquals(elsewhere.load().cookies.size, 0);
  assertEquals(file.load().cookies.get("key")?.expiryTime, 2000.5);
  // The last second of a date.
  Deno.writeTextFileSync(path, '{"key": {"value": "a", "expiry_time": 8640000000000}}');
  assertEquals(file.load().cookies.get("key")?.expiryTime, 8.64e12);
});

Deno.test("a damaged cookies.json is a sentence, and is never overwritten", () => {
  for (
    const damaged of [
      "{",
      "[]",
      "null",
      '"x"',
      '{"key": 5}',
      '{"key": {"value": 5, "expiry_time": 1}}',
      '{"key": {"value": "a", "expiry_time": "soon"}}',
      '{"key": {"value": "a\\r\\nX: y", "expiry_time": 1}}',
      '{"key": {"value": "a", "expiry_time": 1e300}}',
      '{"a\\r\\nX: y": {"value": "a", "expiry_time": 1}}',
      '{"http://a:1": {"cookies": {"a; key": {"value": "a", "expiry_time": null}}}}',
      '{"http://a:1": {"cookies": {"key": []}}}',
      '{"http://a:1": {"user": 5, "cookies": {}}}',
    ]
  ) {
    using folder = temporaryFolder();
    const path = join(folder.path, "cookies.json");
    Deno.writeTextFileSync(path, damaged);
    const file = new CookieFile(path, here.origin);
    assertEquals(assertThrows(() => file.load(), Failure).token, "COOKIES_DAMAGED", damaged);
    const jar = new CookieJar(here);
    jar.receive(["key=new"]);
    file.save(jar);
    assertEquals(Deno.readTextFileSync(path), damaged);
  }
});

Deno.test("a cookies.json that is damaged while the client runs is not overwritten", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "cookies.json");
  const file = new CookieFile(path, here.origin);
  const jar = new CookieJar(here, file.load());
  jar.receive(["key=new"]);
  file.save(jar);
  Deno.writeTextFileSync(path, "half of");
  assertThrows(() => file.save(jar), Failure, "COOKIES_DAMAGED");
  assertEquals(Deno.readTextFileSync(path), "half of");
});

Deno.test("names such as __proto__ are names", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "cookies.json");
  const file = new CookieFile(path, here.origin);
  const jar = new CookieJar(here);
  jar.receive(["__proto__=p", "constructor=c"]);
  file.save(jar);
  assertEquals(new CookieJar(here, file.load()).field(), "__proto__=p; constructor=c");
});

Deno.test("a directory that cannot be written gives a sentence, and no file is left", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(join(folder.path, "data"), "a file");
  const file = new CookieFile(join(folder.path, "data", "cookies.json"), here.origin);
  const failure = assertThrows(() => file.save(new CookieJar(here)), Failure);
  assert(["COOKIES_NOT_SAVED", "COOKIES_UNREADABLE"].includes(failure.token));
  file.save(new CookieJar(here));
  assertEquals([...Deno.readDirSync(folder.path)].length, 1, "the sentence comes once");
});
