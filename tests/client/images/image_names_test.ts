/** From what people type to the names of images. */
import { assertEquals } from "@std/assert";
import { Failure } from "../../../lib/client/failure.ts";
import {
  candidateNames,
  imagesMatching,
  isPattern,
  joinName,
  NEAR_MISS_NAMES,
  nearestImage,
  pagesOf,
} from "../../../lib/client/images/image_names.ts";
import type { PhotoServer } from "../../../lib/client/remote/photo_server.ts";

/** A server with these images, a page of two entries at a time. */
function serverWith(...urls: string[]): PhotoServer & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    list(folder: string, after: string | null) {
      asked.push(folder);
      const inside = urls.filter((url) => folder === "" || url.startsWith(`${folder}/`))
        .map((url) => url.slice(folder === "" ? 0 : folder.length + 1));
      if (inside.length === 0) throw new Failure("FOLDER_NOT_FOUND", () => "");
      const folders = [...new Set(inside.filter((name) => name.includes("/")))]
        .map((name) => name.slice(0, name.indexOf("/")));
      const names = [
        ...[...new Set(folders)].map((name) => `${name}/`),
        ...inside.filter((name) => !name.includes("/")),
      ];
      const start = after === null ? 0 : Number(after);
      const page = names.slice(start, start + 2);
      return Promise.resolve({
        folder,
        folders: page.filter((name) => name.endsWith("/"))
          .map((name) => ({ name: name.slice(0, -1), images: null })),
        images: page.filter((name) => !name.endsWith("/"))
          .map((name) => ({ url: joinName(folder, name) })),
        next: start + 2 < names.length ? String(start + 2) : null,
      });
    },
  } as unknown as PhotoServer & { asked: string[] };
}

const ORIGIN = "http://localhost:8080";

Deno.test("a name may be quoted, or begin as paths do", () => {
  const names = (typed: string) => candidateNames(typed, ORIGIN);
  assertEquals(names("a.jpg"), ["a.jpg"]);
  assertEquals(names('"a.jpg"'), ['"a.jpg"', "a.jpg"]);
  assertEquals(names("'a.jpg\""), ["'a.jpg\""]);
  assertEquals(names("./images//a.jpg"), ["./images//a.jpg", "images//a.jpg", "/a.jpg", "a.jpg"]);
  assertEquals(names("/"), ["/"]);
  assertEquals(names(""), [""]);
  assertEquals(names("../a.jpg"), ["../a.jpg"]);
});

Deno.test("the URL of an image of this server is its name, that of another a name itself", () => {
  const names = (typed: string, origin = ORIGIN) => candidateNames(typed, origin);
  assertEquals(names(`${ORIGIN}/images?url=a%20b.jpg`), ["a b.jpg"]);
  assertEquals(names(`"${ORIGIN}/images/a%20b.jpg"`), ["a b.jpg"]);
  assertEquals(names(`${ORIGIN}/a.jpg`), ["a.jpg"]);
  assertEquals(names("HTTP://LOCALHOST:8080/a.jpg"), ["a.jpg"]);
  assertEquals(names("http://h/a.jpg", "http://h:80"), ["a.jpg"]);
  assertEquals(names("https://h/a.jpg", "https://h:443"), ["a.jpg"]);
  for (
    const other of ["http://localhost/a.jpg", "https://localhost:8080/a.jpg", "http://x/a.jpg"]
  ) {
    assertEquals(names(other), [other]);
  }
  for (const odd of ["http://%/a.jpg", `${ORIGIN}/%`]) assertEquals(names(odd), [odd]);
  assertEquals(names("https://h/a.jpg", "https://h:80"), ["https://h/a.jpg"]);
});

Deno.test("a pattern matches within a folder, or across with two stars", async () => {
  const server = serverWith("a.jpg", "b.png", "f/a.jpg", "f/b.jpg", "f/g/a.jpg", "h/c.jpg");
  const matching = (pattern: string) => imagesMatching(server, pattern);
  assertEquals(await matching("*.jpg"), ["a.jpg"]);
  assertEquals(await matching("*"), ["a.jpg", "b.png"]);
  assertEquals(await matching("f/*"), ["f/a.jpg", "f/b.jpg"]);
  assertEquals(await matching("*/*"), ["f/a.jpg", "f/b.jpg", "h/c.jpg"]);
  assertEquals(await matching("*/*/*"), ["f/g/a.jpg"]);
  assertEquals(await matching("?/?.jpg"), ["f/a.jpg", "f/b.jpg", "h/c.jpg"]);
  assertEquals(await matching("**/a.jpg"), ["f/a.jpg", "f/g/a.jpg", "a.jpg"]);
  assertEquals(await matching("f/**"), ["f/a.jpg", "f/g/a.jpg", "f/b.jpg"]);
  assertEquals(await matching("{a,b}.{jpg,png}"), ["a.jpg", "b.png"]);
  assertEquals(await matching("[ab].jpg"), ["a.jpg"]);
  assertEquals(await matching("*.gif"), []);
  server.asked.length = 0;
  await matching("f/*");
  assertEquals(new Set(server.asked), new Set(["f"]), "no other folder is asked for");
});

Deno.test("a pattern that is the name of an image stands for it alone", async () => {
  const server = serverWith("a[1].jpg", "a1.jpg");
  assertEquals(await imagesMatching(server, "a[1].jpg"), ["a[1].jpg"]);
  assertEquals(await imagesMatching(serverWith("a1.jpg"), "a[1].jpg"), ["a1.jpg"]);
});

Deno.test("stars, question marks, brackets and braces make a pattern, but not in a URL", () => {
  assertEquals(["*", "a?", "[a]", "{a}", "a.jpg", "a]", "a}"].map(isPattern), [
    ...Array(4).fill(true),
    ...Array(3).fill(false),
  ]);
  assertEquals(["http://h/?url=a", "HTTPS://h/*", "ftp://h/*"].map(isPattern), [
    false,
    false,
    true,
  ]);
});

Deno.test("a list whose next page makes no progress ends", async () => {
  let pages = 0;
  const stuck = {
    list: (_folder: string, _after: string | null) =>
      Promise.resolve({ images: [], folders: [], next: pages++ < 3 ? String(pages) : "3" }),
  } as unknown as PhotoServer;
  for await (const _ of pagesOf(stuck, "")) if (pages > 9) break;
  assertEquals(pages, 4);
});

Deno.test("an entry is named with its folder, once", () => {
  assertEquals(joinName("", "a"), "a");
  assertEquals(joinName("f", "a"), "f/a");
  assertEquals(joinName("f", "f/a"), "f/a");
  assertEquals(joinName("f", "fa"), "f/fa");
});

Deno.test("the nearest name differs in its case, or in a letter; in the folder that is named", async () => {
  const server = serverWith("Sea.JPG", "seaside.jpg", "f/sky.jpg");
  assertEquals(await nearestImage(server, "sea.jpg"), "Sea.JPG");
  assertEquals(await nearestImage(server, "seasid.jpg"), "seaside.jpg");
  assertEquals(await nearestImage(server, "f/skx.jpg"), "f/sky.jpg");
  assertEquals(await nearestImage(server, "quite-another.gif"), null);
  server.asked.length = 0;
  assertEquals(await nearestImage(server, "none/sky.jpg"), null);
  assertEquals(new Set(server.asked), new Set([""]), "no folder is asked for that is not there");
});

Deno.test("so many names are searched for the nearest one, and no further page", async () => {
  let pages = 0;
  const endless = {
    list: () =>
      Promise.resolve({
        images: Array.from({ length: NEAR_MISS_NAMES / 2 }, (_, i) => ({ url: `name-${i}` })),
        folders: [],
        next: `${++pages}`,
      }),
  } as unknown as PhotoServer;
  assertEquals([await nearestImage(endless, "NAME-5"), pages], ["name-5", 2]);
});
