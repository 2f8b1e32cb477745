/** `/list`, called without a connection. */
import { assertEquals } from "@std/assert";
import type { AccountService } from "../../../lib/accounts/mod.ts";
import type { Response } from "../../../lib/http/mod.ts";
import type { ListBody } from "../../../lib/server/listing/list_body.ts";
import type { ListRequest } from "../../../lib/server/listing/listing.ts";
import { makeRoutes } from "../../../lib/server/routes.ts";
import { type FakeRequest, fakeRequest } from "../support/request_fake.ts";

const KEY = ["Cookie", "key=live"] as const;
const BODY: ListBody = { bytes: new TextEncoder().encode("{}"), etag: '"tag"' };

/** Sends a request to a server whose folder "none" does not exist; notes what was asked for. */
async function ask(method: string, target: string, request: FakeRequest = { fields: [KEY] }) {
  const asked: ListRequest[] = [];
  let isWarm = false;
  const handler = makeRoutes({
    accounts: {
      verifyKey: (key: string) => Promise.resolve(key === "live" ? "alice" : null),
    } as Partial<AccountService> as AccountService,
    images: { find: () => null },
    listing: {
      page(request) {
        asked.push(request);
        return Promise.resolve(request.folder === "none" ? null : BODY);
      },
    },
    prepare: () => void (isWarm = true),
    secure: false,
  });
  const response: Response = await handler(fakeRequest(method, target, request));
  const fields = Object.fromEntries(response.fields ?? []);
  return { status: response.status, fields, body: response.body, asked, isWarm };
}

Deno.test("a list needs a live key", async () => {
  for (const fields of [[], [["Cookie", "key=dead"]], [["Cookie", "session=live"]]] as const) {
    const { status, body, asked, isWarm } = await ask("GET", "/list", { fields });
    assertEquals([status, body, asked, isWarm], [401, "INVALID_KEY", [], false]);
  }
  const { status, fields, body, isWarm } = await ask("GET", "/list");
  // Thumbnails of the list will be asked for next.
  assertEquals([status, body, isWarm], [200, BODY.bytes, true]);
  assertEquals(fields, {
    "Content-Type": "application/json",
    "ETag": '"tag"',
    "Cache-Control": "private, no-cache",
  });
  assertEquals((await ask("GET", "/list?folder=none")).status, 404);
});

Deno.test("parameters are in the query or in the body, which takes precedence", async () => {
  const wanted = async (...args: Parameters<typeof ask>) => (await ask(...args)).asked[0];
  const first = { folder: "", after: null, limit: 1000 };
  assertEquals(await wanted("GET", "/list"), first);
  assertEquals(await wanted("HEAD", "/list?folder=a%2Fb&after=c&limit=7"), {
    folder: "a/b",
    after: "c",
    limit: 7,
  });
  const body = { folder: "b", after: "d", limit: 8 };
  for (const method of ["GET", "POST"]) {
    assertEquals(await wanted(method, "/list?folder=a&limit=7", { fields: [KEY], body }), body);
  }
});

Deno.test("a limit is a whole number from 1; more than a page holds is a page", async () => {
  const limits = { "1": 1, "999": 999, "1000": 1000, "1001": 1000, "999999999": 1000 };
  for (const [text, limit] of Object.entries(limits)) {
    assertEquals((await ask("GET", `/list?limit=${text}`)).asked[0].limit, limit);
    const body = { limit: Number(text) };
    assertEquals((await ask("POST", "/list", { fields: [KEY], body })).asked[0].limit, limit);
  }
  for (const text of ["0", "-1", "1.5", "", "x", "1e2", "1234567890"]) {
    assertEquals((await ask("GET", `/list?limit=${text}`)).status, 400, text);
  }
  for (const limit of [0, -1, 1.5, true, [], {}, "0", "x"]) {
    const { status } = await ask("POST", "/list", { fields: [KEY], body: { limit } });
    assertEquals(status, 400, JSON.stringify(limit));
  }
  const { asked } = await ask("POST", "/list", { fields: [KEY], body: { limit: null } });
  assertEquals(asked[0].limit, 1000);
});

Deno.test("a matching entity tag gives 304 to GET and HEAD, 412 to POST", async () => {
  for (const [method, status] of [["GET", 304], ["HEAD", 304], ["POST", 412]] as const) {
    const conditional = (tag: string) =>
      ask(method, "/list", { fields: [KEY, ["If-None-Match", tag]] });
    const same = await conditional('"other", "tag"');
    assertEquals([same.status, same.body, same.fields["ETag"]], [status, undefined, '"tag"']);
    assertEquals((await conditional('"other"')).status, 200);
  }
});
