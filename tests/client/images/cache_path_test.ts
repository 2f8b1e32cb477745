import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join, relative } from "@std/path";
import fc from "fast-check";
import { cachePath } from "../../../lib/client/images/cache_path.ts";
import { scalarValue } from "../../support/text.ts";

const url = fc.oneof(
  fc.string({ unit: scalarValue, maxLength: 60 }),
  fc.array(
    fc.constantFrom("..", ".", "/", "\\", "%2e", "con", "NUL", "a", ".", " ", "\0", ":", "%", "~"),
  )
    .map((parts) => parts.join("")),
);

Deno.test("an ordinary name is its own cache path", () => {
  for (const name of ["image.jpg", "사진 1.png", "a/b/c.gif", "IMG_0001 (2).JPG", "x~y"]) {
    assertEquals(cachePath(name).join("/"), name);
  }
});

Deno.test("names that would leave the directory become names inside", () => {
  assertEquals(cachePath("../../etc/passwd"), ["%2E%2E", "%2E%2E", "etc", "passwd"]);
  assertEquals(cachePath("/etc/passwd"), ["%", "etc", "passwd"]);
  assertEquals(cachePath("..\\secret"), ["%2E.%5Csecret"]);
  assertEquals(cachePath("C:\\x"), ["C%3A%5Cx"]);
  assertEquals(cachePath(""), ["%"]);
  assertEquals(cachePath("."), ["%2E"]);
});

Deno.test("device names of Windows, hidden files and endings that Windows drops are encoded", () => {
  assertEquals(cachePath("con.jpg"), ["%63on.jpg"]);
  assertEquals(cachePath("COM1"), ["%43OM1"]);
  assertEquals(cachePath("nul .txt"), ["%6Eul .txt"]);
  assertEquals(cachePath("CONOUT$"), ["%43ONOUT$"]);
  assertEquals(cachePath("console.jpg"), ["console.jpg"]);
  assertEquals(cachePath(".partial"), ["%2Epartial"]);
  assertEquals(cachePath("a.jpg. "), ["a.jpg.%20"]);
});

Deno.test("a long name is shortened, keeps its extension, and is not another's", () => {
  const [a] = cachePath("가".repeat(300) + "1.jpg");
  const [b] = cachePath("가".repeat(300) + "2.jpg");
  assertNotEquals(a, b);
  assert(a.endsWith(".jpg") && new TextEncoder().encode(a).length <= 255);
  assertEquals(cachePath("x".repeat(200)), ["x".repeat(200)]);
  assert(cachePath("x".repeat(201))[0].length < 200);
});

Deno.test("no url has a cache path outside the directory", () => {
  fc.assert(fc.property(url, (text) => {
    const root = "/cache/web_cash";
    const path = join(root, ...cachePath(text));
    assert(!relative(root, path).startsWith(".."));
    assert(path.startsWith(root + "/"));
    for (const name of cachePath(text)) {
      assert(name !== "" && !name.startsWith(".") && !/[/\\\0]/.test(name));
    }
  }));
});

Deno.test("different urls have different cache paths", () => {
  fc.assert(fc.property(url, url, (a, b) => {
    if (a !== b) assertNotEquals(cachePath(a).join("/"), cachePath(b).join("/"));
  }));
});
