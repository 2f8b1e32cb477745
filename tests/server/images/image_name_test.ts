/** Which names can be those of images. */
import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { imageMediaType, MAX_IMAGE_NAME_LENGTH } from "../../../lib/server/images/image_name.ts";
import { scalarValue } from "../../support/text.ts";

Deno.test("an image is known by its extension, whatever its case, also in a sub-directory", () => {
  for (
    const [name, type] of [
      ["image.jpg", "image/jpeg"],
      ["IMAGE.JPG", "image/jpeg"],
      ["a.b.jpeg", "image/jpeg"],
      ["holiday/day 1/사진.png", "image/png"],
      ["x.gif", "image/gif"],
      ["x.tiff", "image/tiff"],
      ["x.webp", "image/webp"],
      ["percent%2fsign.png", "image/png"],
    ]
  ) assertEquals(imageMediaType(name), type, name);
});

Deno.test("a name that could leave the directory, or has no image extension, is refused", () => {
  const names = [
    "",
    "/image.jpg",
    "//image.jpg",
    "/etc/passwd",
    "../image.jpg",
    "a/../image.jpg",
    "a/./image.jpg",
    "./image.jpg",
    "a//image.jpg",
    "image.jpg/",
    "..\\image.jpg",
    "a\\image.jpg",
    "C:\\image.jpg",
    "C:/image.jpg",
    "c:image.jpg",
    "image.jpg::$DATA",
    "\\\\host\\share\\image.jpg",
    "image.jpg\0",
    "image.jpg\0.jpg",
    "im\nage.jpg",
    ".image.jpg",
    "a/.image.jpg",
    ".hidden/image.jpg",
    "image.jpg.",
    "image.jpg ",
    "dir./image.jpg",
    "con.jpg",
    "NUL.jpg",
    "a/com1.png",
    "lpt9.tar.png",
    "im*.jpg",
    "image?.jpg",
    "jpg",
    "a.b/jpg",
    ".jpg",
    "image",
    "image.txt",
    "image.jpg.txt",
    "image.svg",
    "users.json",
    "server_log.txt",
    "\ud800.jpg",
    "a".repeat(MAX_IMAGE_NAME_LENGTH) + ".jpg",
  ];
  for (const name of names) assertEquals(imageMediaType(name), null, JSON.stringify(name));
});

Deno.test("the longest name is accepted, one character more is not", () => {
  const longest = "a".repeat(MAX_IMAGE_NAME_LENGTH - 4) + ".jpg";
  assertEquals([imageMediaType(longest), imageMediaType(`a${longest}`)], ["image/jpeg", null]);
});

Deno.test("whatever is accepted has no empty, dotted or backslashed segment", () => {
  const segment = fc.oneof(
    fc.string({ unit: scalarValue }),
    fc.constantFrom(".", "..", "", "a", "con", "...", ".a", "a.jpg", "b.PNG", "%2e%2e", "c:"),
  );
  const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
  fc.assert(fc.property(name, (name) => {
    if (imageMediaType(name) === null) return;
    for (const part of name.split("/")) {
      assertNotEquals(part, "");
      assertEquals(/^\.|[\\\0:]/.test(part), false, JSON.stringify(name));
    }
  }));
});
