/** The page's own addresses. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { baseName, folderHash, pictureHash, readPlace } from "../../web/address.ts";

const segment = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("/"));
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

Deno.test("a folder's address leads to the folder", () => {
  fc.assert(fc.property(name, (folder) => {
    assertEquals(readPlace(folderHash(folder)), { folder, picture: null });
  }));
  assertEquals(readPlace(folderHash("")), { folder: "", picture: null });
});

Deno.test("a picture's address leads to the picture in its folder", () => {
  fc.assert(fc.property(name, (picture) => {
    const folder = picture.includes("/") ? picture.slice(0, picture.lastIndexOf("/")) : "";
    assertEquals(readPlace(pictureHash(picture)), { folder, picture });
  }));
});

Deno.test("an invalid hash means the top folder", () => {
  for (const hash of ["", "#", "#/", "#/%E0%A4%A"]) {
    assertEquals(readPlace(hash), { folder: "", picture: null }, hash);
  }
});

Deno.test("an address holds nothing that ends or restarts a hash", () => {
  assertEquals(pictureHash("trip/100% #1?.jpg"), "#/trip/100%25%20%231%3F.jpg");
  assertEquals(baseName("trip/100% #1?.jpg"), "100% #1?.jpg");
});
