import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join, relative } from "@std/path";
import fc from "fast-check";
import { cacheName } from "../../../lib/client/images/cache_path.ts";

const url = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(
    fc.constantFrom("..", ".", "/", "\\", "%2e", "con", "NUL", "a", ".", " ", "\0", ":", "%", "~"),
  )
    .map((parts) => parts.join("")),
);

Deno.test("an ordinary name is its own", () => {
  for (const name of ["image.jpg", "사진 1.png", "a/b/c.gif", "IMG_0001 (2).JPG", "x~y"]) {
    assertEquals(cacheName(name).join("/"), name);
  }
});

Deno.test("names that would leave the directory become names inside", () => {
  assertEquals(cacheName("../../etc/passwd"), ["%2E%2E", "%2E%2E", "etc", "passwd"]);
  assertEquals(cacheName("/etc/passwd"), ["%", "etc", "passwd"]);
  assertEquals(cacheName("..\\secret"), ["%2E.%5Csecret"]);
  assertEquals(cacheName("C:\\x"), ["C%3A%5Cx"]);
  assertEquals(cacheName(""), ["%"]);
  assertEquals(cacheName("."), ["%2E"]);
});

Deno.test("device names of Windows, hidden files and endings that Windows drops are encoded", () => {
  assertEquals(cacheName("con.jpg"), ["%63on.jpg"]);
  assertEquals(cacheName("COM1"), ["%43OM1"]);
  assertEquals(cacheName("nul .txt"), ["%6Eul .txt"]);
  assertEquals(cacheName("CONOUT$"), ["%43ONOUT$"]);
  assertEquals(cacheName("console.jpg"), ["console.jpg"]);
  assertEquals(cacheName(".partial"), ["%2Epartial"]);
  assertEquals(cacheName("a.jpg. "), ["a.jpg.%20"]);
});

Deno.test("a long name is shortened, keeps its extension, and is not another's", () => {
  const [a] = cacheName("가".repeat(300) + "1.jpg");
  const [b] = cacheName("가".repeat(300) + "2.jpg");
  assertNotEquals(a, b);
  assert(a.endsWith(".jpg") && new TextEncoder().encode(a).length <= 255);
});

Deno.test("no url whatever has a place outside the directory", () => {
  fc.assert(fc.property(url, (text) => {
    const root = "/cache/web_cash";
    const path = join(root, ...cacheName(text));
    assert(!relative(root, path).startsWith(".."));
    assert(path.startsWith(root + "/"));
    for (const name of cacheName(text)) {
      assert(name !== "" && !name.startsWith(".") && !/[/\\\0]/.test(name));
    }
  }));
});

Deno.test("different urls have different places", () => {
  fc.assert(fc.property(url, url, (a, b) => {
    if (a !== b) assertNotEquals(cacheName(a).join("/"), cacheName(b).join("/"));
  }));
});
