/** The operations of a server, response by response. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Failure } from "../../../lib/client/failure.ts";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import type { PhotoServer } from "../../../lib/client/remote/photo_server.ts";
import { fakePhotoServer, type FakeResponse } from "../support/fake_transport.ts";

/** The token of the failure that an operation ends in, or what it gives. */
async function outcome(operation: () => Promise<unknown>): Promise<unknown> {
  try {
    return await operation();
  } catch (error) {
    assert(error instanceof Failure, String(error));
    return error.token;
  }
}

/** A server that gives one response, and a session there. */
function loggedIn(response: FakeResponse | Error) {
  const here = fakePhotoServer(() => response);
  here.jar.receive(["session=s", "key=k; Max-Age=100"]);
  here.jar.state.user = "1";
  return here;
}

Deno.test("the login is the one of GET /session; without a session nothing is requested", async () => {
  const find = async (response: FakeResponse, user: string | null = "1") => {
    const here = loggedIn(response);
    here.jar.state.user = user;
    return [await outcome(() => here.photos.findLogin()), here.photos.hasSession, here.seen.kept];
  };
  const login = (text: string) => find({ status: 200, text });
  assertEquals(await login('{"username":"2","expires":5,"key_expires":4.5}'), [
    { user: "2", expiryTime: 5, keyExpiryTime: 4.5 },
    true,
    0,
  ]);
  assertEquals(await login('{"username":"2","expires":"5","key_expires":null}'), [
    { user: "2", expiryTime: null, keyExpiryTime: null },
    true,
    0,
  ]);
  assertEquals(await find({ status: 401 }), [null, false, 1]);
  assertEquals(await find({ status: 503 }), ["TRY_AGAIN", true, 0]);
  // Who knows sessions and no /session leaves what the cookies say.
  for (const text of ["", "[]", '{"username":1}', "null"]) {
    const [known] = await login(text) as [{ user: string; keyExpiryTime: number }];
    assertEquals(known.user, "1");
    assert(Math.abs(known.keyExpiryTime - Date.now() / 1000 - 100) < 60);
    assertEquals((await find({ status: 200, text }, null))[0], "SERVER_SAID");
  }
  assertEquals((await find({ status: 404 }, null))[0], "SERVER_SAID");
  const nobody = fakePhotoServer(() => ({ status: 200 }));
  assertEquals([await nobody.photos.findLogin(), nobody.seen.requests], [null, []]);
});

Deno.test("a logout reports what ended on the server, and always removes user, session and key", async () => {
  const logOut = async (response: FakeResponse | Error) => {
    const here = loggedIn(response);
    here.jar.receive(["device=d"]);
    const ended = await here.photos.logOut();
    assertEquals([here.photos.user, here.jar.field(), here.seen.kept], [null, "device=d", 1]);
    return ended;
  };
  assertEquals(await logOut({ status: 200 }), "everywhere");
  assertEquals(await logOut({ status: 401 }), "everywhere");
  assertEquals(await logOut({ status: 503 }), "here");
  assertEquals(await logOut(new Deno.errors.ConnectionReset("gone")), "here");
  const rest = async (prepare: (here: ReturnType<typeof fakePhotoServer>) => void) => {
    const here = fakePhotoServer(() => ({ status: 200 }));
    prepare(here);
    const ended = await here.photos.logOut();
    assertEquals(here.seen.requests, []);
    return ended;
  };
  assertEquals(await rest(() => {}), "nothing");
  assertEquals(await rest(({ jar }) => jar.receive(["key=k"])), "everywhere");
  assertEquals(await rest(({ jar }) => jar.state.user = "1"), "everywhere");
  assertEquals(await rest(({ jar }) => jar.receive(["device=d"])), "nothing");
});

Deno.test("a new password ends session and key; a refused one leaves them", async () => {
  const change = async (response: FakeResponse) => {
    const here = loggedIn(response);
    const result = await outcome(() => here.photos.changePassword("1", "old", "new"));
    return [result, here.jar.field(), here.seen.kept];
  };
  assertEquals(await change({ status: 200 }), [undefined, null, 1]);
  const kept = "session=s; key=k";
  for (
    const [status, text, token] of [
      [401, "LOGIN_FAILED", "LOGIN_FAILED"],
      [400, "PASSWORD_FAILED: too long", "PASSWORD_FAILED"],
      [400, "PASSWORD_FAILED:", "SERVER_SAID"],
      [404, "Page not found", "NOT_SUPPORTED"],
      [405, "", "NOT_SUPPORTED"],
      [501, "", "NOT_SUPPORTED"],
      [500, "", "SERVER_SAID"],
      [429, "", "TOO_MANY_ATTEMPTS"],
    ] as const
  ) assertEquals(await change({ status, text }), [token, kept, 0]);
});

Deno.test("a list is requested by folder and position, and a refusal is a sentence", async () => {
  const here = loggedIn({ status: 200, text: '{"folder":"a","folders":[],"images":[]}' });
  assertEquals((await here.photos.list("a")).folder, "a");
  await here.photos.list("a b", "c/");
  assertEquals(here.seen.requests.map(({ target }) => target), [
    "/list?folder=a",
    "/list?folder=a+b&after=c%2F",
  ]);
  for (
    const [status, text, token] of [
      [200, "", "ANSWER_MALFORMED"],
      [200, '{"folders":[]}', "ANSWER_MALFORMED"],
      [401, "INVALID_KEY", "NO_KEY"],
      [404, "Folder not found", "FOLDER_NOT_FOUND"],
      [404, "Page not found", "NOT_SUPPORTED"],
      [405, "", "NOT_SUPPORTED"],
      [400, "Folder not found", "SERVER_SAID"],
    ] as const
  ) {
    assertEquals(await outcome(() => loggedIn({ status, text }).photos.list("a")), token);
  }
  const original = fakePhotoServer(() => ({ status: 200 }));
  assertEquals(await outcome(() => original.photos.list("")), "LOGIN_REQUIRED");
  original.jar.state.user = "1";
  assertEquals(await outcome(() => original.photos.list("")), "NOT_SUPPORTED");
  assertEquals(original.seen.requests, []);
});

Deno.test("a scaled image is what the server sends; a broken one closes the connection", async () => {
  const thumbnail = async (response: FakeResponse | Error) => {
    const here = loggedIn(response);
    const size = { width: 3, height: 4 };
    const result = await outcome(() => here.photos.thumbnail("a.jpg", size, 100));
    assertEquals(here.seen.requests[0].target, "/images?url=a.jpg&fit=3x4");
    return [result, here.seen.closed];
  };
  assertEquals(await thumbnail({ status: 200, text: "abc" }), [
    new TextEncoder().encode("abc"),
    0,
  ]);
  assertEquals(await thumbnail({ status: 401 }), ["NO_KEY", 0]);
  assertEquals(await thumbnail({ status: 503 }), ["TRY_AGAIN", 0]);
  assertEquals(await thumbnail({ status: 404, text: "Image not found" }), ["SERVER_SAID", 0]);
  const broken = new Deno.errors.ConnectionReset("gone");
  assertEquals(await thumbnail({ status: 200, broken }), ["CONNECTION_LOST", 1]);
  assertEquals(await thumbnail({ status: 500, broken }), ["CONNECTION_LOST", 1]);
});

Deno.test("a connection that is lost before the first response has an error of its own", async () => {
  let responds = false;
  const here = fakePhotoServer(() =>
    responds ? { status: 200, text: "LOGIN_SUCCESS" } : new Deno.errors.ConnectionReset("gone")
  );
  const sentence = async () => {
    const failure = await assertRejects(() => here.photos.login("1", "1"), Failure);
    assertEquals(failure.token, "CONNECTION_LOST");
    return failure.sentence(CATALOGUES.en);
  };
  const never = await sentence();
  assertEquals(never, CATALOGUES.en.noResponse);
  responds = true;
  await here.photos.login("1", "1");
  responds = false;
  assert(await sentence() !== never);
});

Deno.test("the text shown is the response's, or its reason phrase instead of an empty or HTML body", async () => {
  const said = async (response: Omit<FakeResponse, "status">) => {
    const { photos } = fakePhotoServer(() => ({ status: 500, reason: "Oops", ...response }));
    const failure = await assertRejects(() => photos.login("1", "1"), Failure);
    return failure.sentence(CATALOGUES.en);
  };
  const reason = CATALOGUES.en.serverSaid("500 Oops");
  assertEquals(await said({ text: " broken\n" }), CATALOGUES.en.serverSaid("500 broken"));
  assertEquals(await said({ text: " \n" }), reason);
  assertEquals(await said({ text: "<p>broken</p>" }), reason);
  for (const type of ["text/html; charset=utf-8", "application/xhtml+xml", "Text/HTML"]) {
    assertEquals(await said({ text: "broken", fields: { "content-type": type } }), reason);
  }
  const plain = { "content-type": "text/plain" };
  assertEquals(await said({ text: "no", fields: plain }), CATALOGUES.en.serverSaid("500 no"));
  assertEquals(await said({ text: "", reason: "" }), CATALOGUES.en.serverSaid("500"));
});

Deno.test("a status says whether to try again, when, or where", async () => {
  const sentence = async (response: FakeResponse) => {
    const { photos } = fakePhotoServer(() => response);
    return (await assertRejects(() => photos.login("1", "1"), Failure)).sentence(CATALOGUES.en);
  };
  const { redirected, tooManyAttempts, serverSaid } = CATALOGUES.en;
  const location = { location: "http://other/" };
  for (const status of [300, 301, 399]) {
    assertEquals(await sentence({ status, fields: location }), redirected("http://other/"));
    assertEquals(await sentence({ status }), redirected(String(status)));
  }
  for (const status of [299, 400]) {
    assertEquals(await sentence({ status, fields: location }), serverSaid(String(status)));
  }
  const wait = (seconds: string) => sentence({ status: 429, fields: { "retry-after": seconds } });
  assertEquals(await wait("30"), tooManyAttempts("30"));
  for (const odd of ["1234567890", "-1", "", "soon"]) {
    assertEquals(await wait(odd), tooManyAttempts(null));
  }
  assertEquals(await sentence({ status: 429 }), tooManyAttempts(null));
});

Deno.test("only a login as another user forgets the key, and the login is saved at once", async () => {
  const login = async (before: string | null, as: string) => {
    const here = fakePhotoServer(() => ({ status: 200, text: "LOGIN_SUCCESS" }));
    here.jar.receive(["key=k"]);
    here.jar.state.user = before;
    await here.photos.login(as, "x");
    assertEquals([here.photos.user, here.seen.kept], [as, 1]);
    return here.jar.get("key") !== null;
  };
  assertEquals([await login(null, "1"), await login("1", "1"), await login("2", "1")], [
    true,
    true,
    false,
  ]);
  const asks: ((photos: PhotoServer) => Promise<unknown>)[] = [
    (photos) => photos.login("1", "x"),
    (photos) => photos.register("1", "x"),
  ];
  for (const ask of asks) {
    // The token alone is not enough, nor is the status.
    for (
      const response of [
        { status: 500, text: "LOGIN_SUCCESS REGISTER_SUCCESS" },
        { status: 200, text: "fine" },
      ]
    ) assertEquals(await outcome(() => ask(fakePhotoServer(() => response).photos)), "SERVER_SAID");
  }
});
