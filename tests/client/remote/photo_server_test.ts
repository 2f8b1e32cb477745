/** What each answer of a server means, status by status. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../../lib/client/remote/connection.ts";
import { CookieJar } from "../../../lib/client/cookies/cookie_jar.ts";
import { Failure } from "../../../lib/client/failure.ts";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import { PhotoServer } from "../../../lib/client/remote/photo_server.ts";
import { serverAddress } from "../../../lib/client/server_address.ts";
import { HttpClient } from "../../../lib/http/mod.ts";
import { type Answer, response, startWireServer } from "../support/wire_server.ts";

const { ko, en } = CATALOGUES;

/** A server that gives one answer, and somebody who is logged in there. */
function scene(answer: Answer) {
  const server = startWireServer(answer);
  const address = serverAddress("127.0.0.1", `${server.port}`, false)!;
  const http = new HttpClient({ connect: () => connect(address), host: address.authority });
  const jar = new CookieJar(address);
  jar.state.user = "1";
  let kept = 0;
  return {
    server,
    jar,
    photos: new PhotoServer(http, jar, () => kept++),
    timesKept: () => kept,
    async [Symbol.asyncDispose]() {
      http.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("every refusal has its token, and a sentence in both languages", async () => {
  type Ask = (photos: PhotoServer) => Promise<unknown>;
  const login: Ask = (photos) => photos.login("1", "1");
  const register: Ask = (photos) => photos.register("1", "1");
  const raise: Ask = (photos) => photos.raisePrivilege();
  const check: Ask = (photos) => photos.checkKey();
  const image: Ask = (photos) => photos.image("a.jpg", []);
  const cases: [Ask, string, string, string[], string, string][] = [
    [login, "401 Unauthorized", "LOGIN_FAILED", [], "LOGIN_FAILED", ko.loginFailed("1")],
    [
      login,
      "429 x",
      "TOO_MANY_ATTEMPTS",
      ["Retry-After: 30"],
      "TOO_MANY_ATTEMPTS",
      ko.tooManyAttempts("30"),
    ],
    [
      login,
      "429 x",
      "",
      ["Retry-After: \u0007soon"],
      "TOO_MANY_ATTEMPTS",
      ko.tooManyAttempts(null),
    ],
    [login, "503 x", "TRY_AGAIN", [], "TRY_AGAIN", ko.tryAgain],
    [login, "302 x", "", ["Location: http://other/"], "REDIRECTED", ko.redirected("http://other/")],
    [login, "200 OK", "<html>", [], "SERVER_SAID", ko.serverSaid("200 OK")],
    [
      register,
      "400 Bad Request",
      "REGISTER_FAILED: User already exists",
      [],
      "USER_EXISTS",
      ko.userExists("1"),
    ],
    [
      register,
      "400 Bad Request",
      "REGISTER_FAILED: too long",
      [],
      "REGISTER_FAILED",
      ko.registerFailed(ko.refusalReason("too long")),
    ],
    [register, "404 x", "Page not found", [], "SERVER_SAID", ko.serverSaid("404 Page not found")],
    [raise, "401 x", "LOGIN_REQUIRED", [], "LOGIN_REQUIRED", ko.loginRequired],
    [raise, "403 x", "FORBIDDEN", [], "FORBIDDEN", ko.forbidden],
    [raise, "503 x", "TRY_AGAIN", [], "TRY_AGAIN", ko.tryAgain],
    [check, "401 x", "", [], "NO_KEY", ko.noKey],
    [check, "500 Oops", "", [], "SERVER_SAID", ko.serverSaid("500 Oops")],
    [image, "401 x", "INVALID_KEY", [], "NO_KEY", ko.noKey],
    [image, "404 x", "Image not found", [], "IMAGE_NOT_FOUND", ko.imageNotFound("a.jpg")],
    [image, "500 Oops", "", [], "SERVER_SAID", ko.serverSaid("500 Oops")],
  ];
  for (const [ask, status, body, fields, token, sentence] of cases) {
    await using here = scene(() => response(status, body, fields));
    here.jar.receive(["session=s", "key=k"]);
    const failure = await assertRejects(() => ask(here.photos), Failure);
    assertEquals([failure.token, failure.sentence(ko)], [token, sentence]);
    assert(!/\p{Script=Hangul}/u.test(failure.sentence(en)));
  }
});

Deno.test("409 is a raised privilege: with the key's time where the server gives it again", async () => {
  await using again = scene(() =>
    response("409 Conflict", "PRIVILEGE_ALREADY_CHANGED", ["Set-Cookie: key=k; Max-Age=100"])
  );
  const { already, expiryTime } = await again.photos.raisePrivilege();
  assert(already && Math.abs(expiryTime! - Date.now() / 1000 - 100) < 5);
  assertEquals([again.jar.get("key")?.value, again.timesKept()], ["k", 1]);

  await using bare = scene(() => response("409 Conflict", "PRIVILEGE_ALREADY_CHANGED"));
  assertEquals(await bare.photos.raisePrivilege(), { already: true, expiryTime: null });
});

Deno.test("a login as another user forgets the previous user's key", async () => {
  await using here = scene(() => response("200 OK", "LOGIN_SUCCESS"));
  here.jar.receive(["key=k"]);
  await here.photos.login("1", "1");
  assertEquals(here.jar.field(), "key=k");
  await here.photos.login("2", "1");
  assertEquals([here.jar.field(), here.photos.user], [null, "2"]);
});

Deno.test("a GET and a HEAD carry no content to a server that gave a session (RFC 9110 §9.3.1, §9.3.2)", async () => {
  await using here = scene(() => response("200 OK"));
  here.jar.receive(["key=k"]);
  await here.photos.checkKey();
  await here.photos.image("a b&c/사진.jpg", []);
  here.jar.receive(["session=s", "device=d"]);
  await here.photos.checkKey();
  await here.photos.image("a b&c/사진.jpg", [["If-None-Match", '"t"']]);
  here.jar.receive(["session=; Max-Age=0"]);
  await here.photos.checkKey();
  const shape = here.server.requests.map(({ method, target, body, field }) => [
    method,
    target.split("?")[0],
    new URL(target, "http://x").searchParams.get("url"),
    body,
    field("content-length") !== null,
    field("content-type"),
    field("if-none-match"),
  ]);
  const json = "application/json";
  assertEquals(shape, [
    ["HEAD", "/images", null, '{"username":"1"}', true, json, null],
    ["GET", "/images", null, '{"url":"a b&c/사진.jpg"}', true, json, null],
    ["HEAD", "/images", null, "", false, null, null],
    ["GET", "/images", "a b&c/사진.jpg", "", false, null, '"t"'],
    ["HEAD", "/images", null, "", false, null, null],
  ]);
});

Deno.test("a session cookie, or a HEAD with Content-Length 0, implies entity tags", async () => {
  await using ours = scene(() => response("200 OK"));
  assertEquals(await ours.photos.checkKey(), { hasEntityTags: true });
  await using original = scene(() => response("200 OK", "Valid key"));
  assertEquals(await original.photos.checkKey(), { hasEntityTags: false });
  // A proxy on the way may drop the length of a response to HEAD (RFC 9110 §8.6).
  await using proxied = scene(() => "HTTP/1.1 200 OK\r\n\r\n");
  proxied.jar.receive(["session=s"]);
  assertEquals(await proxied.photos.checkKey(), { hasEntityTags: true });
});

Deno.test("cookies go out as Cookie; as Set-Cookie too where a server gives keys but no sessions", async () => {
  await using here = scene(() => response("200 OK"));
  here.jar.receive(["key=k"]);
  await here.photos.checkKey();
  here.jar.receive(["session=s"]);
  await here.photos.checkKey();
  const sent = here.server.requests.map(({ field }) => [field("cookie"), field("set-cookie")]);
  assertEquals(sent, [["key=k", "key=k"], ["key=k; session=s", null]]);
});

Deno.test("without a name and a session nothing is sent: the original server would crash", async () => {
  await using here = scene(() => response("200 OK"));
  here.jar.state.user = null;
  here.jar.receive(["key=k"]);
  const failure = await assertRejects(() => here.photos.checkKey(), Failure);
  assertEquals([failure.token, here.server.requests.length], ["LOGIN_REQUIRED", 0]);
  here.jar.receive(["session=s"]);
  await here.photos.checkKey();
  assertEquals(here.server.requests[0].body, "");
});
