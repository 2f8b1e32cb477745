/** Pages of a list as servers send them. */
import { assertEquals } from "@std/assert";
import { parseJson, readListPage } from "../../../lib/client/remote/list_page.ts";

const PAGE = {
  folder: "a",
  folders: [{ name: "b", images: 3 }],
  images: [{ url: "a/c.jpg", type: "image/jpeg", bytes: 9, modified: 5.5, width: 4, height: 3 }],
  next: "a/c.jpg",
};

const read = (page: unknown) => readListPage(JSON.stringify(page));

Deno.test("a page is read member by member", () => {
  assertEquals(read(PAGE), PAGE);
  assertEquals(read({ folders: [], images: [] }), {
    folder: "",
    folders: [],
    images: [],
    next: null,
  });
  const bare = read({ folders: [{ name: "b" }], images: [{ url: "c" }], next: 5 })!;
  assertEquals(bare.folders, [{ name: "b", images: null }]);
  const nothing = { type: "", bytes: 0, modified: null, width: null, height: null };
  assertEquals(bare.images, [{ url: "c", ...nothing }]);
  assertEquals(bare.next, null);
});

Deno.test("JSON that is not a page of a list is null", () => {
  const pages: unknown[] = [null, [], "x", 5, {}, { folders: [] }, { images: [] }];
  for (const list of [null, {}, "x", 5]) {
    pages.push({ ...PAGE, folders: list }, { ...PAGE, images: list });
  }
  for (const entry of [null, [], "x", 5, {}, { name: 5, url: 5 }]) {
    pages.push({ ...PAGE, folders: [entry] }, { ...PAGE, images: [entry] });
  }
  for (const page of pages) assertEquals(read(page), null, JSON.stringify(page));
  assertEquals(readListPage("{"), null);
  assertEquals(["{}", "[]", "null", "5", "{"].map(parseJson), [{}, null, null, null, null]);
});

Deno.test("an invalid or negative number counts as unknown", () => {
  const widths = [0, 1.5, -1, "4", true, [4], null].map((width) =>
    read({ ...PAGE, images: [{ url: "c", width }] })!.images[0].width
  );
  assertEquals(widths, [0, 1.5, null, null, null, null, null]);
  // JSON has a number that is too large for any.
  const infinite = '{"folders":[{"name":"b","images":1e999}],"images":[]}';
  assertEquals(readListPage(infinite)!.folders[0].images, null);
});

Deno.test("a time is seconds or a date, as far as there are dates", () => {
  const times = [0, 8.64e12, 8.64e12 + 1, -1, "2020-01-01T00:00:00Z", "soon", "", null].map((
    time,
  ) => read({ ...PAGE, images: [{ url: "c", modified: time }] })!.images[0].modified);
  assertEquals(times, [0, 8.64e12, null, null, 1_577_836_800, null, null, null]);
});
