/** The endpoints, called without a connection. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  type AccountService,
  type Login,
  type PasswordChange,
  type PrivilegeResult,
  type Registration,
  type SessionInfo,
  StoreUnavailable,
  TooBusy,
} from "../../lib/accounts/mod.ts";
import { CachedBody, type Request, type Response } from "../../lib/http/mod.ts";
import { ImageUnavailable } from "../../lib/server/images/image_file.ts";
import { commonFields } from "../../lib/server/header_rules.ts";
import type { Image } from "../../lib/server/images/image_store.ts";
import { makeRoutes } from "../../lib/server/routes.ts";
import { ScalingBusy } from "../../lib/server/thumbnails/scaling_queue.ts";
import { TrustedProxies } from "../../lib/server/trusted_proxies.ts";
import { type FakeRequest, fakeRequest } from "./support/request_fake.ts";

const CONTENT = new Uint8Array([0xff, 0xd8, 1, 2, 3, 4, 5, 6, 7, 8]);
const CHANGED = 1_700_000_000;

function inMemory(bytes: Uint8Array): CachedBody {
  const content = new CachedBody(bytes.length);
  content.bytes.set(bytes);
  return content;
}

const IMAGE: Image = {
  mediaType: "image/jpeg",
  size: CONTENT.length,
  etag: '"tag"',
  lastModified: CHANGED,
  changed: CHANGED * 1000,
  content: inMemory(CONTENT),
  open: () => Promise.reject(new Error("it is in memory")),
};

/** Accounts in which everything succeeds for `alice`, who holds the key `live`. */
function fakeAccounts(change: Partial<AccountService> = {}): AccountService {
  return {
    register: () => Promise.resolve<Registration>({ result: "registered" }),
    login: () => Promise.resolve<Login>(LOGGED_IN),
    changePassword: () => Promise.resolve<PasswordChange>({ result: "changed" }),
    session: (session) =>
      Promise.resolve(
        session === "live" ? { username: "alice", expires: CHANGED, keyExpires: null } : null,
      ),
    logout: (session) => Promise.resolve(session === "live" ? "alice" : null),
    raisePrivilege: () =>
      Promise.resolve<PrivilegeResult>({
        result: "raised",
        username: "alice",
        key: { value: "k.k", maxAgeSeconds: 3600 },
        expiryTime: CHANGED,
      }),
    verifyKey: (key, username) =>
      key === "live" && (username === undefined || username === "alice") ? "alice" : null,
    ...change,
  };
}

const LOGGED_IN: Login = {
  result: "in",
  session: { value: "s.s", maxAgeSeconds: 600 },
  device: { value: "d.d", maxAgeSeconds: 31_536_000 },
};

interface ReadResponse {
  /** Every `Set-Cookie` line. */
  cookies: string[];
  status: number;
  text: string;
  fields: Record<string, string>;
}

async function ask(
  method: string,
  target: string,
  request: FakeRequest = {},
  change: Partial<AccountService> = {},
  secure = false,
  report: (error: Error) => void = () => {},
): Promise<ReadResponse> {
  const images = {
    find(name: string) {
      if (name === "changing.jpg") throw new ImageUnavailable("it changes");
      if (name === "later.jpg") return Promise.resolve(IMAGE);
      return name === "image.jpg" ? IMAGE : null;
    },
  };
  const handler = makeRoutes({ accounts: fakeAccounts(change), images, secure, report });
  return read(await handler(fakeRequest(method, target, request)));
}

function read(response: Response): ReadResponse {
  const body = response.body instanceof CachedBody ? response.body.bytes : response.body;
  assert(body === undefined || typeof body === "string" || body instanceof Uint8Array);
  return {
    status: response.status,
    text: typeof body === "string" ? body : [...body ?? []].join(" "),
    fields: Object.fromEntries(response.fields ?? []),
    cookies: (response.fields ?? []).flatMap(([name, value]) => name === "Set-Cookie" ? value : []),
  };
}

const KEY: FakeRequest["fields"] = [["Cookie", "session=s; key=live"]];
const ALICE = { username: "alice", password: "secret" };

Deno.test("POST /register responds with its tokens", async () => {
  const register = (outcome: Registration) =>
    ask("POST", "/register", { body: ALICE }, { register: () => Promise.resolve(outcome) });
  const good = await register({ result: "registered" });
  assertEquals([good.status, good.text], [200, "REGISTER_SUCCESS"]);
  assertEquals(good.fields["Content-Type"], "text/plain; charset=utf-8");
  const taken = await register({ result: "exists" });
  assertEquals([taken.status, taken.text], [400, "REGISTER_FAILED: User already exists"]);
  const bad = await register({ result: "unacceptable", reason: "too long" });
  assertEquals([bad.status, bad.text], [400, "REGISTER_FAILED: too long"]);
});

Deno.test("POST /login responds with its tokens and the session", async () => {
  const seen: unknown[] = [];
  const fields: FakeRequest["fields"] = [["Cookie", "session=s; device=d1"]];
  const login = (outcome: Login) =>
    ask("POST", "/login", { fields, body: ALICE, peer: "2001:db8::7" }, {
      login: (_name, _password, { address, device }) => {
        seen.push([address, device]);
        return Promise.resolve(outcome);
      },
    });
  const good = await login(LOGGED_IN);
  assertEquals([good.status, good.text], [200, "LOGIN_SUCCESS"]);
  assertEquals(good.cookies, [
    "session=s.s;HttpOnly;SameSite=Strict; Max-Age=600",
    "device=d.d;HttpOnly;SameSite=Strict; Max-Age=31536000",
  ]);
  const refused = await login({ result: "refused" });
  assertEquals([refused.status, refused.text], [401, "LOGIN_FAILED"]);
  assertEquals(refused.cookies, []);
  const throttled = await login({ result: "throttled", retryAfterSeconds: 2.2 });
  assertEquals([throttled.status, throttled.text], [429, "TOO_MANY_ATTEMPTS"]);
  assertEquals(throttled.fields["Retry-After"], "3");
  assertEquals(seen, Array(3).fill(["2001:db8::7", "d1"]));
});

Deno.test("behind a trusted proxy the login is its client's, and the cookie Secure over its TLS", async () => {
  const addresses: string[] = [];
  const accounts = fakeAccounts({
    login: (_name, _password, { address }) => {
      addresses.push(address);
      return Promise.resolve(LOGGED_IN);
    },
  });
  const handler = makeRoutes({
    accounts,
    images: { find: () => null },
    secure: false,
    proxies: new TrustedProxies(["127.0.0.1"]),
  });
  const fields: FakeRequest["fields"] = [
    ["X-Forwarded-For", "192.0.2.9"],
    ["X-Forwarded-Proto", "https"],
  ];
  for (const peer of ["127.0.0.1", "192.0.2.1"]) {
    const response = read(
      await handler(fakeRequest("POST", "/login", { body: ALICE, fields, peer })),
    );
    for (const cookie of response.cookies) {
      assertEquals(cookie.includes(";Secure"), peer === "127.0.0.1");
    }
  }
  assertEquals(addresses, ["192.0.2.9", "192.0.2.1"]);
});

const FORGET_LOGIN = [
  "session=;HttpOnly;SameSite=Strict; Max-Age=0",
  "key=;HttpOnly;SameSite=Strict; Max-Age=0",
];
const FORGET_DEVICE = "device=;HttpOnly;SameSite=Strict; Max-Age=0";

Deno.test("POST /logout ends the session, and the cookies with it, also where it had ended", async () => {
  const seen: unknown[] = [];
  const logOut = (session: string, body?: unknown) =>
    ask("POST", "/logout", { fields: [["Cookie", `session=${session}`]], body }, {
      logout: (session, everywhere) => {
        seen.push([session, everywhere]);
        return Promise.resolve(session === "live" ? "alice" : null);
      },
    });
  const one = await logOut("live");
  assertEquals([one.status, one.text], [200, "LOGOUT_SUCCESS"]);
  assertEquals(one.cookies, FORGET_LOGIN);
  const all = await logOut("live", { everywhere: true });
  assertEquals([all.status, all.text], [200, "LOGOUT_SUCCESS"]);
  assertEquals(all.cookies, [...FORGET_LOGIN, FORGET_DEVICE]);
  const dead = await logOut("dead", { everywhere: false });
  assertEquals([dead.status, dead.text], [401, "LOGIN_REQUIRED"]);
  assertMatch(dead.fields["WWW-Authenticate"], /session/);
  assertEquals(dead.cookies, FORGET_LOGIN);
  assertEquals(seen, [["live", false], ["live", true], ["dead", false]]);
  for (const everywhere of ["true", 1, null]) {
    const bad = await logOut("live", { everywhere });
    assertEquals([bad.status, bad.text], [400, '"everywhere" must be true or false']);
  }
  assertEquals((await ask("POST", "/logout")).status, 401);
});

Deno.test("PUT /password responds with its tokens, and a change takes the cookies along", async () => {
  const seen: unknown[] = [];
  const body = { ...ALICE, new_password: "better" };
  const change = (outcome: PasswordChange) =>
    ask("PUT", "/password", { body, peer: "192.0.2.8" }, {
      changePassword: (name, password, newPassword, { address }) => {
        seen.push([name, password, newPassword, address]);
        return Promise.resolve(outcome);
      },
    });
  const good = await change({ result: "changed" });
  assertEquals([good.status, good.text], [200, "PASSWORD_CHANGED"]);
  assertEquals(good.cookies, [...FORGET_LOGIN, FORGET_DEVICE]);
  const bad = await change({ result: "unacceptable", reason: "too long" });
  assertEquals([bad.status, bad.text], [400, "PASSWORD_FAILED: too long"]);
  const refused = await change({ result: "refused" });
  assertEquals([refused.status, refused.text, refused.cookies], [401, "LOGIN_FAILED", []]);
  const throttled = await change({ result: "throttled", retryAfterSeconds: 2.2 });
  assertEquals([throttled.status, throttled.text], [429, "TOO_MANY_ATTEMPTS"]);
  assertEquals(throttled.fields["Retry-After"], "3");
  assertEquals(seen, Array(4).fill(["alice", "secret", "better", "192.0.2.8"]));
  const missing = await ask("PUT", "/password", { body: ALICE });
  assertEquals([missing.status, missing.text], [
    400,
    'PASSWORD_FAILED: "new_password" is missing',
  ]);
});

Deno.test("GET /session says whose session it is, and until when", async () => {
  const show = (info: SessionInfo | null) =>
    ask("GET", "/session", { fields: KEY }, {
      session: (session) => Promise.resolve(session === "s" ? info : null),
    });
  const live = await show({ username: "zo\u00eb", expires: 1763800000.125, keyExpires: null });
  assertEquals([live.status, live.fields["Content-Type"]], [200, "application/json"]);
  assertEquals(live.text, '{"username":"zo\u00eb","expires":1763800000.125,"key_expires":null}');
  const raised = await show({ username: "a", expires: 2, keyExpires: 1.5 });
  assertEquals(JSON.parse(raised.text), { username: "a", expires: 2, key_expires: 1.5 });
  const none = await show(null);
  assertEquals([none.status, none.text], [401, "LOGIN_REQUIRED"]);
});

Deno.test("PUT and POST /privilege respond with their tokens and the key", async () => {
  const username = "alice";
  const key = { value: "k.k", maxAgeSeconds: 99 };
  const outcomes: [PrivilegeResult, number, string][] = [
    [{ result: "raised", username, key, expiryTime: 1 }, 200, "PRIVILEGE_CHANGED"],
    [{ result: "already", username, key, expiryTime: 1 }, 409, "PRIVILEGE_ALREADY_CHANGED"],
    [{ result: "login-required" }, 401, "LOGIN_REQUIRED"],
    [{ result: "forbidden", username }, 403, "FORBIDDEN"],
  ];
  for (const method of ["PUT", "POST"]) {
    for (const [outcome, status, token] of outcomes) {
      const response = await ask(method, "/privilege", { body: { username: "alice" } }, {
        raisePrivilege: () => Promise.resolve(outcome),
      });
      assertEquals([response.status, response.text], [status, token]);
      const cookie = "key" in outcome ? "key=k.k;HttpOnly;SameSite=Strict; Max-Age=99" : undefined;
      assertEquals(response.fields["Set-Cookie"], cookie);
    }
  }
});

Deno.test("/privilege hands on the session, and the username only where it is given", async () => {
  const seen: unknown[] = [];
  const raisePrivilege = (...args: unknown[]) => {
    seen.push(args);
    return Promise.resolve<PrivilegeResult>({ result: "login-required" });
  };
  const fields: FakeRequest["fields"] = [["Cookie", "session=abc"]];
  await ask("PUT", "/privilege", { fields, body: { username: "bob" } }, { raisePrivilege });
  await ask("PUT", "/privilege", { fields, body: {} }, { raisePrivilege });
  await ask("PUT", "/privilege", { fields }, { raisePrivilege });
  await ask("PUT", "/privilege", {}, { raisePrivilege });
  assertEquals(seen, [["abc", "bob"], ["abc", undefined], ["abc", undefined], [null, undefined]]);
});

Deno.test("over TLS the cookies are Secure", async () => {
  for (const [method, path] of [["POST", "/login"], ["PUT", "/privilege"]]) {
    const response = await ask(method, path, { body: ALICE }, {}, true);
    assertStringIncludes(response.fields["Set-Cookie"], ";Secure; Max-Age=");
  }
});

Deno.test("HEAD /images checks the key, and whose it is, without a body", async () => {
  const check = async (request: FakeRequest) => {
    const { status, text, fields } = await ask("HEAD", "/images", request);
    assertEquals(text, "");
    assertEquals(fields["Set-Cookie"], undefined);
    return status;
  };
  assertEquals(await check({ fields: KEY, body: { username: "alice" } }), 200);
  assertEquals(await check({ fields: KEY, body: {} }), 200);
  assertEquals(await check({ fields: KEY }), 200);
  assertEquals(await check({ fields: [["Set-Cookie", "key=live;HttpOnly;SameSite"]] }), 200);
  assertEquals(await check({ fields: KEY, body: { username: "bob" } }), 401);
  assertEquals(await check({ fields: [["Cookie", "key=dead"]] }), 401);
  assertEquals(await check({ fields: [["Cookie", "session=live"]] }), 401);
  assertEquals(await check({ body: { username: "alice" } }), 401);
});

Deno.test("GET and POST /images send the image, its name from the body or the query", async () => {
  const body = { url: "image.jpg" };
  const responses = [
    await ask("GET", "/images", { fields: KEY, body }),
    await ask("POST", "/images", { fields: KEY, body }),
    await ask("GET", "/images?url=image.jpg", { fields: KEY }),
    await ask("GET", "/images?url=other.jpg", { fields: KEY, body }),
    await ask("GET", "/images", { fields: KEY, body: { url: "later.jpg" } }),
    await ask("GET", "/images", { fields: [...KEY, ["Content-Type", "image/jpg"]], body }),
  ];
  for (const { status, text, fields } of responses) {
    assertEquals([status, text], [200, [...CONTENT].join(" ")]);
    assertEquals(fields["Content-Type"], "image/jpeg");
    assertEquals(fields["ETag"], '"tag"');
    assertEquals(fields["Last-Modified"], new Date(CHANGED * 1000).toUTCString());
    assertEquals(fields["Accept-Ranges"], "bytes");
    assertMatch(fields["Cache-Control"], /private/);
  }
});

Deno.test("without a live key there is no image, whatever the request", async () => {
  for (const key of [[], [["Cookie", "key=dead"]], [["Cookie", "key="]]] as [string, string][][]) {
    for (const url of ["image.jpg", "missing.jpg", "../users.json"]) {
      for (const more of [[], [["If-None-Match", '"tag"']], [["Range", "bytes=0-1"]]]) {
        const fields = [...key, ...more as [string, string][]];
        const { status, text } = await ask("GET", "/images", { fields, body: { url } });
        assertEquals([status, text], [401, "INVALID_KEY"]);
      }
    }
  }
});

Deno.test("an image that is not there is 404, one being written is tried again later", async () => {
  const missing = await ask("GET", "/images", { fields: KEY, body: { url: "none.jpg" } });
  assertEquals([missing.status, missing.text], [404, "Image not found"]);
  const changing = await ask("GET", "/images", { fields: KEY, body: { url: "changing.jpg" } });
  assertEquals([changing.status, changing.text], [503, "TRY_AGAIN"]);
  const unnamed = await ask("GET", "/images", { fields: KEY });
  assertEquals([unnamed.status, unnamed.text], [400, '"url" is missing']);
});

Deno.test("conditions and ranges of GET /images (RFC 9110 §13, §14)", async () => {
  const get = (...more: [string, string][]) =>
    ask("GET", "/images?url=image.jpg", { fields: [...KEY, ...more] });
  const unmodified = await get(["If-None-Match", '"tag"']);
  assertEquals([unmodified.status, unmodified.text], [304, ""]);
  assertEquals(unmodified.fields["ETag"], '"tag"');
  const some = await get(["Range", "bytes=2-4"]);
  assertEquals([some.status, some.text], [206, "1 2 3"]);
  assertEquals(some.fields["Content-Range"], "bytes 2-4/10");
  const beyond = await get(["Range", "bytes=10-"]);
  assertEquals([beyond.status, beyond.fields["Content-Range"]], [416, "bytes */10"]);
  assertEquals((await get(["Range", "bytes=0-1,3-4"])).status, 200);
  assertEquals((await get(["Range", "bytes=2-4"], ["If-Range", '"old"'])).status, 200);
  assertEquals((await get(["Range", "bytes=2-4"], ["If-Range", '"tag"'])).status, 206);
  assertEquals((await get(["Range", "bytes=2-4"], ["If-None-Match", '"tag"'])).status, 304);
  assertEquals((await get(["If-Match", '"old"'])).status, 412);
  const post = (field: [string, string]) =>
    ask("POST", "/images", { fields: [...KEY, field], body: { url: "image.jpg" } });
  assertEquals((await post(["Range", "bytes=2-4"])).status, 200);
  assertEquals((await post(["If-None-Match", '"tag"'])).status, 412);
  assertEquals((await post(["If-Modified-Since", new Date().toUTCString()])).status, 200);
});

Deno.test("HEAD /images with a name in the query is GET without content, and opens no file", async () => {
  const LARGE: Image = { ...IMAGE, content: null, size: 5_000_000 };
  const handler = makeRoutes({
    accounts: fakeAccounts(),
    images: {
      find: (name) => name === "large.jpg" ? LARGE : name === "image.jpg" ? IMAGE : null,
    },
    secure: false,
  });
  const head = async (target: string, fields = KEY) =>
    await handler(fakeRequest("HEAD", target, { fields }));
  const length = ({ body }: Response) =>
    body === undefined || typeof body === "string" ? null : body.length;

  const small = await head("/images?url=image.jpg");
  const get = await handler(fakeRequest("GET", "/images?url=image.jpg", { fields: KEY }));
  assertEquals([small.status, length(small), small.fields], [200, CONTENT.length, get.fields]);
  const large = await head("/images?url=large.jpg");
  assertEquals([large.status, length(large)], [200, LARGE.size]);
  assertEquals((await head("/images?url=large.jpg", [...KEY, ["Range", "bytes=0-1"]])).status, 200);
  const known = await head("/images?url=image.jpg", [...KEY, ["If-None-Match", '"tag"']]);
  assertEquals(known.status, 304);
  assertEquals((await head("/images?url=none.jpg")).status, 404);
  assertEquals(read(await head("/images?url=image.jpg", [])).text, "INVALID_KEY");
  assertEquals((await head("/images?uri=image.jpg")).body, undefined);
});

Deno.test("/health says whether the server can do its work", async () => {
  for (const [isHealthy, expected] of [[undefined, 200], [true, 200], [false, 503]] as const) {
    const handler = makeRoutes({
      accounts: fakeAccounts(),
      images: { find: () => null },
      secure: false,
      isHealthy: isHealthy === undefined ? undefined : () => Promise.resolve(isHealthy),
    });
    assertEquals((await handler(fakeRequest("GET", "/health"))).status, expected);
  }
});

Deno.test("responses are not cacheable, but images are by the user's own browser", async () => {
  const asked: [string, string, FakeRequest?][] = [
    ["POST", "/register", { body: ALICE }],
    ["POST", "/register", { body: "{" }],
    ["POST", "/login", { body: ALICE }],
    ["PUT", "/privilege"],
    ["POST", "/logout"],
    ["PUT", "/password"],
    ["GET", "/session", { fields: [["Cookie", "session=live"]] }],
    ["HEAD", "/images"],
    ["HEAD", "/images", { fields: KEY }],
    ["GET", "/images?url=image.jpg"],
    ["GET", "/images?url=none.jpg", { fields: KEY }],
    ["GET", "/images?url=changing.jpg", { fields: KEY }],
    ["POST", "/images?url=image.jpg", { fields: [...KEY!, ["If-None-Match", "*"]] }],
    ["GET", "/images?url=image.jpg", { fields: [...KEY!, ["Range", "bytes=99-"]] }],
    ["OPTIONS", "/images"],
    ["OPTIONS", "*"],
    ["DELETE", "/images"],
    ["GET", "/nowhere"],
  ];
  for (const [method, target, request] of asked) {
    const { fields } = await ask(method, target, request);
    assertEquals(fields["Cache-Control"], "no-store", `${method} ${target}`);
  }
  for (const method of ["GET", "POST", "HEAD"]) {
    for (const more of [[], [["If-None-Match", '"tag"']], [["Range", "bytes=0-1"]]]) {
      const fields = [...KEY!, ...more as [string, string][]];
      const response = await ask(method, "/images?url=image.jpg", { fields });
      if (response.status === 412) continue;
      assertEquals(response.fields["Cache-Control"], "private, no-cache");
    }
  }
});

Deno.test("a cross-site request of a browser is 403, and changes nothing", async () => {
  type Fields = [string, string][];
  const host: Fields = [["Host", "photos.example:8080"]];
  const site = (value: string): Fields => [...host, ["Sec-Fetch-Site", value]];
  const origin = (value: string): Fields => [...host, ["Origin", value]];
  const cases: [Fields, crosses: boolean][] = [
    [host, false],
    [site("same-origin"), false],
    [site("none"), false],
    [site("same-site"), true],
    [site("cross-site"), true],
    [site("anything"), true],
    [[...site("same-origin"), ["Origin", "http://evil.example"]], false],
    [[...site("cross-site"), ["Origin", "http://photos.example:8080"]], true],
    [origin("http://photos.example:8080"), false],
    [origin("https://PHOTOS.example:8080"), false],
    [origin("http://photos.example"), true],
    [origin("http://photos.example:8081"), true],
    [origin("http://evil.example:8080"), true],
    [origin("http://photos.example:8080.evil.example"), true],
    [origin("null"), true],
    [origin("file://"), true],
    [origin(""), true],
    [[["Host", "photos.example"], ["Origin", "https://photos.example"]], false],
    [[["Host", "photos.example:443"], ["Origin", "https://photos.example"]], false],
    [[["Host", "photos.example:80"], ["Origin", "https://photos.example"]], true],
    [[["Host", "[::1]:8080"], ["Origin", "http://[0:0::1]:8080"]], false],
    [[["Origin", "http://photos.example"]], true],
  ];
  for (const [fields, crosses] of cases) {
    for (const [method, path] of [["POST", "/login"], ["PUT", "/privilege"]]) {
      let done = 0;
      const { status, text } = await ask(method, path, { fields, body: ALICE }, {
        login: () => Promise.resolve({ result: "refused" }).finally(() => done++) as never,
        raisePrivilege: () =>
          Promise.resolve({ result: "login-required" }).finally(() => done++) as never,
      });
      const expected = crosses ? [403, 0] : [401, 1];
      assertEquals([status, done], expected, `${method} ${JSON.stringify(fields)}`);
      if (crosses) assertEquals(text, "FORBIDDEN");
    }
    // Reading is harmless: the cookies are SameSite, and a page cannot read another site's
    // response.
    const image = await ask("GET", "/images?url=image.jpg", { fields: [...KEY!, ...fields] });
    assertEquals(image.status, 200);
  }
});

Deno.test("behind a trusted proxy, the host that the client requested of the proxy counts", async () => {
  const handler = makeRoutes({
    accounts: fakeAccounts(),
    images: { find: () => null },
    secure: false,
    proxies: new TrustedProxies(["127.0.0.1"]),
  });
  const fields: FakeRequest["fields"] = [
    ["Host", "127.0.0.1:8080"],
    ["X-Forwarded-Host", "photos.example"],
    ["Origin", "https://photos.example"],
  ];
  for (const [peer, status] of [["127.0.0.1", 200], ["192.0.2.1", 403]] as const) {
    const response = await handler(fakeRequest("POST", "/login", { body: ALICE, fields, peer }));
    assertEquals(response.status, status);
  }
});

Deno.test("Strict-Transport-Security is sent only over TLS, and only with --hsts", async () => {
  const proxies = new TrustedProxies(["127.0.0.1"]);
  const common = (secure: boolean, hstsSeconds: number | null) =>
    commonFields({ secure, hstsSeconds, proxies }).map((field) => field.join(": "));
  assertEquals(common(true, null), ["X-Content-Type-Options: nosniff"]);
  assertEquals(common(false, 60), ["X-Content-Type-Options: nosniff"]);
  assertEquals(common(true, 60), [
    "X-Content-Type-Options: nosniff",
    "Strict-Transport-Security: max-age=60",
  ]);

  const through = async (scheme: string, hstsSeconds: number | null, target: string) => {
    const images = { find: () => IMAGE };
    const handler = makeRoutes({
      accounts: fakeAccounts(),
      images,
      secure: false,
      proxies,
      hstsSeconds,
    });
    const fields: FakeRequest["fields"] = [...KEY!, ["X-Forwarded-Proto", scheme]];
    const request = fakeRequest("GET", target, { peer: "127.0.0.1", fields });
    const response = await handler(request);
    // The same object again: what is prepared once is sent many times.
    assertEquals(await handler(request) === response, true);
    return read(response).fields["Strict-Transport-Security"];
  };
  for (const target of ["/images?url=image.jpg", "/nowhere"]) {
    assertEquals(await through("https", 60, target), "max-age=60");
    assertEquals(await through("https", null, target), undefined);
    assertEquals(await through("http", 60, target), undefined);
  }
});

Deno.test("another method is 405 with Allow, OPTIONS 204 with Allow (RFC 9110 §15.5.6, §9.3.7)", async () => {
  const allowed: [string, string][] = [
    ["/register", "POST, OPTIONS"],
    ["/login", "POST, OPTIONS"],
    ["/logout", "POST, OPTIONS"],
    ["/password", "PUT, OPTIONS"],
    ["/session", "GET, HEAD, OPTIONS"],
    ["/privilege", "PUT, POST, OPTIONS"],
    ["/images", "GET, HEAD, POST, OPTIONS"],
  ];
  for (const [path, allow] of allowed) {
    const wrong = await ask("DELETE", path);
    assertEquals([wrong.status, wrong.fields["Allow"]], [405, allow]);
    const options = await ask("OPTIONS", path);
    assertEquals([options.status, options.fields["Allow"], options.text], [204, allow, ""]);
  }
  const all = await ask("OPTIONS", "*");
  assertEquals([all.status, all.fields["Allow"]], [204, "POST, PUT, GET, HEAD, OPTIONS"]);
});

Deno.test("another path is 404, also one that merely looks like a known one", async () => {
  for (
    const path of ["/", "/Register", "/images/", "//images", "/images/image.jpg", "/users.json"]
      .concat("/server_log.txt", "/constructor", "/__proto__", "/images%2f", "/favicon.ico")
  ) {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const request = { ...fakeRequest(method, "/"), path: decodeURIComponent(path) };
      const handler = makeRoutes({
        accounts: fakeAccounts(),
        images: { find: () => IMAGE },
        secure: false,
        page: false,
      });
      const { status, text } = read(await handler(request as Request));
      assertEquals([status, text], [404, "Page not found"], path);
    }
  }
});

Deno.test("a bad body is 400 with the reason in words", async () => {
  const invalid = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]);
  const cases: [unknown, string][] = [
    ["{", "the body is not valid JSON"],
    ["username=alice", "the body is not valid JSON"],
    [invalid, "the body is not valid UTF-8"],
    ["[]", "the body must be a JSON object"],
    ["null", "the body must be a JSON object"],
    ['"alice"', "the body must be a JSON object"],
    [{ username: 1 }, '"username" must be a string'],
    [{ username: null }, '"username" must be a string'],
    [{ username: ["alice"] }, '"username" must be a string'],
  ];
  for (const [body, reason] of cases) {
    const raise = await ask("PUT", "/privilege", { body });
    assertEquals([raise.status, raise.text], [400, reason]);
    const register = await ask("POST", "/register", { body });
    assertEquals(register.status, 400);
    assertMatch(register.text, /^REGISTER_FAILED: /);
    assertEquals((await ask("POST", "/login", { body })).status, 400);
    assertEquals((await ask("HEAD", "/images", { fields: KEY, body })).status, 400);
  }
  for (const body of [{}, { username: "a" }, { password: "a" }, { username: "a", password: 1 }]) {
    assertEquals((await ask("POST", "/login", { body })).status, 400);
  }
  const missing = await ask("POST", "/login", { body: { username: "a" } });
  assertEquals(missing.text, '"password" is missing');
  assertEquals((await ask("GET", "/images", { fields: KEY, body: { url: 1 } })).status, 400);
});

Deno.test("repeated members and members such as __proto__ are harmless", async () => {
  const seen: unknown[] = [];
  const login = (...args: unknown[]) => {
    seen.push(args.slice(0, 2));
    return Promise.resolve<Login>({ result: "refused" });
  };
  const bodies = [
    '{"username":"a","username":"b","password":"p"}',
    '{"__proto__":{"username":"evil","password":"p"},"username":"b","password":"p"}',
    '{"constructor":{"prototype":{"x":1}},"username":"b","password":"p","hasOwnProperty":1}',
  ];
  for (const body of bodies) await ask("POST", "/login", { body }, { login });
  assertEquals(seen, [["b", "p"], ["b", "p"], ["b", "p"]]);
  const inherited = '{"__proto__":{"username":"evil","password":"p"}}';
  assertEquals((await ask("POST", "/login", { body: inherited })).status, 400);
});

Deno.test("a store or a queue that cannot serve now is 503 TRY_AGAIN with Retry-After", async () => {
  for (const error of [new StoreUnavailable("disk full"), new TooBusy()]) {
    const fail = () => Promise.reject(error);
    const failNow = () => {
      throw error;
    };
    const responses = [
      await ask("POST", "/register", { body: ALICE }, { register: fail }),
      await ask("POST", "/login", { body: ALICE }, { login: fail }),
      await ask("POST", "/logout", {}, { logout: fail }),
      await ask("PUT", "/password", { body: { ...ALICE, new_password: "x" } }, {
        changePassword: fail,
      }),
      await ask("GET", "/session", {}, { session: fail }),
      await ask("PUT", "/privilege", {}, { raisePrivilege: fail }),
      await ask("HEAD", "/images", { fields: KEY }, { verifyKey: fail }),
      await ask("HEAD", "/images", { fields: KEY }, { verifyKey: failNow }),
      await ask("GET", "/images?url=image.jpg", { fields: KEY }, { verifyKey: fail }),
    ];
    for (const { status, text, fields } of responses) {
      assertEquals([status, text], [503, "TRY_AGAIN"]);
      assertMatch(fields["Retry-After"], /^[1-9]\d*$/);
    }
  }
});

Deno.test("the reason for an unavailable store is reported, a full queue is not", async () => {
  const unavailable = new StoreUnavailable("disk full");
  const reported: Error[] = [];
  for (const error of [unavailable, new TooBusy()]) {
    const register = () => Promise.reject(error);
    await ask("POST", "/register", { body: ALICE }, { register }, false, (e) => reported.push(e));
  }
  assertEquals(reported, [unavailable]);
});

Deno.test("a key check and a cached image get a response without a promise", () => {
  const handler = makeRoutes({
    accounts: fakeAccounts(),
    images: { find: () => IMAGE },
    secure: false,
  });
  const body = { username: "alice" };
  for (
    const request of [
      fakeRequest("HEAD", "/images", { fields: KEY, body }),
      fakeRequest("GET", "/images", { fields: KEY, body: { url: "image.jpg" } }),
    ]
  ) assertEquals(handler(request) instanceof Promise, false);
});

Deno.test("the log notes the user, if known, and the image", async () => {
  const noted = async (method: string, target: string, request: FakeRequest = {}) => {
    let last: unknown = [null, null];
    await ask(method, target, { ...request, note: (...note) => last = note });
    return last;
  };
  const fields = KEY;
  const session: FakeRequest = { fields: [["Cookie", "session=live"]] };
  const body = { ...ALICE, new_password: "n" };
  const nobody = [null, null], alice = ["alice", null];
  // Whoever gives a password is named as they say; else it takes a cookie that is good.
  assertEquals(await noted("POST", "/register", { body }), alice);
  assertEquals(await noted("POST", "/login", { body }), alice);
  assertEquals(await noted("PUT", "/password", { body }), alice);
  assertEquals(await noted("PUT", "/privilege", session), alice);
  assertEquals(await noted("GET", "/session", session), alice);
  assertEquals(await noted("POST", "/logout", session), alice);
  assertEquals(await noted("HEAD", "/images", { fields }), alice);
  assertEquals(await noted("HEAD", "/images", { fields, body: { username: "bob" } }), nobody);
  assertEquals(await noted("GET", "/images", { body: { url: "a.jpg" } }), nobody);
  assertEquals(await noted("GET", "/images", { fields, body: { url: "a.jpg" } }), [
    "alice",
    "a.jpg",
  ]);
  assertEquals(await noted("HEAD", "/images?url=a.jpg", { fields }), ["alice", "a.jpg"]);
  assertEquals(await noted("GET", "/nowhere", { fields }), nobody);
});

Deno.test("a body of any bytes gets a response", async () => {
  const bodies = fc.oneof(fc.uint8Array(), fc.json().map((json) => new TextEncoder().encode(json)));
  const targets = fc.constantFrom<[string, string]>(
    ["POST", "/register"],
    ["POST", "/login"],
    ["PUT", "/privilege"],
    ["POST", "/logout"],
    ["PUT", "/password"],
    ["HEAD", "/images"],
    ["GET", "/images"],
  );
  await fc.assert(fc.asyncProperty(targets, bodies, async ([method, path], body) => {
    const { status } = await ask(method, path, { fields: KEY, body });
    assert([200, 400, 401, 404].includes(status));
  }));
});

Deno.test("a raised privilege gets ready for lists and scaled images, a refused one does not", async () => {
  let prepared = 0;
  const raise = async (raised: Partial<PrivilegeResult>) => {
    const handler = makeRoutes({
      accounts: fakeAccounts({
        raisePrivilege: () => Promise.resolve(raised as PrivilegeResult),
      }),
      images: { find: () => null },
      secure: false,
      prepare: () => void prepared++,
    });
    await handler(fakeRequest("PUT", "/privilege", { body: {} }));
    return prepared;
  };
  const key = { value: "k.k", maxAgeSeconds: 3600 };
  assertEquals(await raise({ result: "login-required" }), 0);
  assertEquals(await raise({ result: "forbidden", username: "alice" }), 0);
  assertEquals(await raise({ result: "raised", username: "alice", key }), 1);
  assertEquals(await raise({ result: "already", username: "alice", key }), 2);
});

Deno.test("fit gives a scaled image, with conditions and the client's address", async () => {
  const asked: unknown[] = [];
  const smaller = { ...IMAGE, etag: '"small"', mediaType: "image/png" };
  const handler = makeRoutes({
    accounts: fakeAccounts(),
    images: { find: (name) => name === "image.jpg" ? IMAGE : null },
    secure: false,
    thumbnails: {
      find(image, { name, box, noneMatch, requester }) {
        asked.push([image.etag, name, box, noneMatch, requester().address]);
        return name === "image.jpg" && box === 320 ? Promise.resolve(smaller) : image;
      },
    },
  });
  const get = async (target: string, request: FakeRequest = {}, method = "GET") =>
    read(await handler(fakeRequest(method, target, { fields: KEY, ...request })));
  const scaled = await get("/images?url=image.jpg&fit=300x200", { peer: "192.0.2.5" });
  assertEquals([scaled.status, scaled.fields["Content-Type"], scaled.fields["ETag"]], [
    200,
    "image/png",
    '"small"',
  ]);
  const asItIs = await get("/images", { body: { url: "image.jpg", fit: "1x1" } });
  assertEquals(asItIs.fields["ETag"], '"tag"');
  const known: FakeRequest["fields"] = [...KEY!, ["If-None-Match", '"small"']];
  const target = "/images?url=image.jpg&fit=320x320";
  assertEquals((await get(target, { fields: known })).status, 304);
  assertEquals((await get(target, {}, "HEAD")).fields["ETag"], '"small"');
  assertEquals(asked, [
    ['"tag"', "image.jpg", 320, null, "192.0.2.5"],
    ['"tag"', "image.jpg", 160, null, "192.0.2.7"],
    ['"tag"', "image.jpg", 320, '"small"', "192.0.2.7"],
    ['"tag"', "image.jpg", 320, null, "192.0.2.7"],
  ]);
  assertEquals((await get("/images?url=other.jpg&fit=320x320")).status, 404);
  assertEquals((await get("/images?url=image.jpg&fit=0x1")).status, 400);
  assertEquals((await get("/images", { body: { url: "image.jpg", fit: 3 } })).status, 400);
  assertEquals((await get(target, { fields: [] })).status, 401);
  assertEquals(asked.length, 4);
});

Deno.test("an overloaded scaler gives 503, never the original", async () => {
  const handler = makeRoutes({
    accounts: fakeAccounts(),
    images: { find: () => IMAGE },
    secure: false,
    thumbnails: { find: () => Promise.reject(new ScalingBusy("too much")) },
  });
  const request = fakeRequest("GET", "/images?url=image.jpg&fit=1x1", { fields: KEY });
  const response = read(await handler(request));
  assertEquals([response.status, response.text, response.fields["Retry-After"]], [
    503,
    "TRY_AGAIN",
    "1",
  ]);
});

Deno.test("without a scaler, fit is ignored", async () => {
  const response = await ask("GET", "/images?url=image.jpg&fit=1x1", { fields: KEY });
  assertEquals([response.status, response.fields["ETag"]], [200, '"tag"']);
});
