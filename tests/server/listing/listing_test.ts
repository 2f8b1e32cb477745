/** Pages of folders on a real disk: what `/images` would serve, nothing else. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { ImageStore } from "../../../lib/server/images/image_store.ts";
import { FolderIndex } from "../../../lib/server/listing/folder_index.ts";
import { ImageHeaders } from "../../../lib/server/listing/image_headers.ts";
import { Listing, type ListPage } from "../../../lib/server/listing/listing.ts";

const sample = await Deno.readFile(new URL("../../../images/image.jpg", import.meta.url));

/** A clock by which every change on disk was long ago. */
const later = () => Date.now() + 60_000;

/** A test with an images directory of its own. */
function test(name: string, run: (directory: string) => Promise<void>, ignore = false): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const directory = await Deno.makeTempDir();
      try {
        await run(directory);
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  });
}

function put(directory: string, ...names: string[]): void {
  for (const name of names) {
    Deno.mkdirSync(dirname(join(directory, name)), { recursive: true });
    Deno.writeTextFileSync(join(directory, name), name);
  }
}

function list(directory: string, maxNames?: number): Listing {
  return new Listing(
    new FolderIndex(directory, { now: later, maxNames }),
    new ImageHeaders(directory),
  );
}

/** The sample, with so much metadata in front that its size stands beyond the first bytes. */
function withLateHeader(): Uint8Array {
  const comment = new Uint8Array(2 + 60_000);
  comment.set([0xff, 0xfe, 60_000 >> 8, 60_000 & 255]);
  return new Uint8Array([0xff, 0xd8, ...comment, ...comment, ...sample.subarray(2)]);
}

const first = (listing: Listing, folder = "", limit = 1000) =>
  listing.page({ folder, after: null, limit });

const urls = (page: ListPage | null) => page?.images.map(({ url }) => url);

/** Every entry of a folder, page by page. */
async function all(listing: Listing, folder: string, limit: number): Promise<string[]> {
  const entries: string[] = [];
  let after: string | null = null;
  do {
    const page: ListPage = (await listing.page({ folder, after, limit }))!;
    assert(page.folders.length + page.images.length <= limit);
    entries.push(...page.folders.map(({ name }) => `${name}/`), ...urls(page)!);
    after = page.next;
  } while (after !== null);
  return entries;
}

test("folders come first, each with its number of images, all in the natural order", async (directory) => {
  put(
    directory,
    "img10.jpg",
    "img2.jpg",
    "notes.txt",
    "b/1.jpg",
    "b/2.png",
    "a/c/1.jpg",
    "a/x.txt",
  );
  const index = new FolderIndex(directory);
  const page = await first(new Listing(index, new ImageHeaders(directory), { countMs: Infinity }));
  assertEquals(page?.folders, [{ name: "a", images: 0 }, { name: "b", images: 2 }]);
  assertEquals(urls(page), ["img2.jpg", "img10.jpg"]);
  assertEquals(urls(await first(list(directory), "a/c")), ["a/c/1.jpg"]);
});

test("a folder that macOS named is found by what a person types", async (directory) => {
  const nfd = "caf\u00e9".normalize("NFD");
  put(directory, `${nfd}/${nfd}/1.jpg`, `${nfd}/${nfd}/2.jpg`);
  const listing = list(directory);
  const page = await first(listing, "caf\u00e9/caf\u00e9", 1);
  assertEquals(page?.folder, `${nfd}/${nfd}`);
  assertEquals(urls(page), [`${nfd}/${nfd}/1.jpg`]);
  const next = { folder: "caf\u00e9/caf\u00e9", after: page!.next, limit: 1 };
  assertEquals(urls(await listing.page(next)), [`${nfd}/${nfd}/2.jpg`]);
  assertEquals(await first(listing, "caf\u00e9/other\u00e9"), null);
});

test("an image has the type and the upright size of its header, its bytes and its time", async (directory) => {
  Deno.writeFileSync(join(directory, "image.png"), sample);
  put(directory, "broken.jpg");
  Deno.utimeSync(join(directory, "image.png"), 5, 1_700_000_000.5);
  const page = await first(list(directory));
  assertEquals(page?.images[1], {
    url: "image.png",
    type: "image/jpeg",
    bytes: sample.length,
    modified: 1_700_000_000,
    width: page!.images[1].width,
    height: page!.images[1].height,
  });
  assert(page!.images[1].width! > 0 && page!.images[1].height! > 0);
  assertEquals(page?.images[0].width, null);
  assertEquals(page?.images[0].type, "image/jpeg");
});

test("pages cover every entry once, whatever their size", async (directory) => {
  const names = Array.from({ length: 23 }, (_, i) => `img${i}.jpg`);
  put(directory, ...names, ...Array.from({ length: 7 }, (_, i) => `f${i}/x.jpg`));
  put(directory, ...names.map((name) => `f3/${name}`));
  const listing = list(directory);
  for (const limit of [1, 2, 5, 7, 8, 30, 1000]) {
    const folders = Array.from({ length: 7 }, (_, i) => `f${i}/`);
    assertEquals(await all(listing, "", limit), [...folders, ...names]);
    assertEquals(
      await all(listing, "f3", limit),
      [...names.map((name) => `f3/${name}`), "f3/x.jpg"],
    );
  }
});

test("`after` may be a name without its folder", async (directory) => {
  put(directory, "f/a.jpg", "f/b.jpg", "f/g/x.jpg", "f/h/x.jpg", "f/f/x.jpg");
  const after = (place: string) => list(directory).page({ folder: "f", after: place, limit: 9 });
  for (const place of ["f/a.jpg", "a.jpg"]) assertEquals(urls(await after(place)), ["f/b.jpg"]);
  for (const place of ["f/g/", "g/"]) {
    assertEquals((await after(place))?.folders.map(({ name }) => name), ["h"]);
  }
});

test("`after` still works when its entry has been removed", async (directory) => {
  put(directory, "a.jpg", "b.jpg", "c.jpg", "f/x.jpg", "g/x.jpg");
  const listing = new Listing(new FolderIndex(directory), new ImageHeaders(directory));
  const { next } = (await first(listing, "", 3))!;
  assertEquals(next, "a.jpg");
  Deno.removeSync(join(directory, "a.jpg"));
  Deno.removeSync(join(directory, "f"), { recursive: true });
  assertEquals(urls(await listing.page({ folder: "", after: next, limit: 9 })), ["b.jpg", "c.jpg"]);
  const page = await listing.page({ folder: "", after: "f/", limit: 9 });
  assertEquals(page?.folders.map(({ name }) => name), ["g"]);
});

test("pages of a folder that changes meanwhile neither repeat nor skip what stays", async (directory) => {
  const stays = Array.from({ length: 60 }, (_, i) => `img${2 * i}.jpg`);
  put(directory, ...stays);
  const listing = new Listing(new FolderIndex(directory), new ImageHeaders(directory));
  const seen: string[] = [];
  let after: string | null = null;
  for (let turn = 0; turn === 0 || after !== null; turn++) {
    const page: ListPage = (await listing.page({ folder: "", after, limit: 7 }))!;
    seen.push(...urls(page)!);
    after = page.next;
    // What comes is before, at and after the place, and goes again, even what the place names.
    for (let i = 0; i < 60; i++) {
      const path = join(directory, `img${2 * i + 1}.jpg`);
      if ((i + turn) % 3 > 0) Deno.writeTextFileSync(path, "");
      else if (turn > 0 && seen.length > 0) Deno.removeSync(path);
    }
  }
  assertEquals(seen.filter((url) => stays.includes(url)), stays);
  assertEquals(new Set(seen).size, seen.length);
});

test("headers that are read concurrently, on a slow disk, give the same list", async (directory) => {
  Deno.writeFileSync(join(directory, "a.jpg"), sample);
  put(directory, "b.jpg", "c/1.jpg");
  Deno.writeFileSync(join(directory, "late.jpg"), withLateHeader());
  class CountingHeaders extends ImageHeaders {
    sync = 0;
    override readSync(url: string) {
      this.sync++;
      return super.readSync(url);
    }
  }
  const pages = await Promise.all([0, 1].map(async (sequentialMs) => {
    const [index, headers] = [new FolderIndex(directory), new CountingHeaders(directory)];
    const options = { sequentialMs, countMs: Infinity, now: () => 0 };
    const page = await first(new Listing(index, headers, options));
    assertEquals(headers.sync, sequentialMs === 0 ? 0 : 3);
    return page;
  }));
  assertEquals(pages[0], pages[1]);
  assertEquals(urls(pages[0]), ["a.jpg", "b.jpg", "late.jpg"]);
  assertEquals(pages[0]!.images[2].width, pages[0]!.images[0].width);
});

test("a change of the folder shows in the next page", async (directory) => {
  put(directory, "a.jpg");
  const listing = new Listing(new FolderIndex(directory), new ImageHeaders(directory));
  assertEquals(urls(await first(listing)), ["a.jpg"]);
  put(directory, "b.jpg");
  assertEquals(urls(await first(listing)), ["a.jpg", "b.jpg"]);
  Deno.writeFileSync(join(directory, "a.jpg"), sample);
  assertEquals((await first(listing))?.images[0].bytes, sample.length);
});

test("a page is made once for many requests within a second, unless its files are new", async (directory) => {
  put(directory, "a.jpg", "b/1.jpg");
  const [index, headers] = [
    new FolderIndex(directory, { now: later }),
    new ImageHeaders(directory),
  ];
  let now = 0, date = later();
  const clocks = { now: () => now, date: () => date };
  const listing = new Listing(index, headers, { countMs: Infinity, ...clocks });
  const page = await first(listing);
  now += 999;
  assert(await first(listing) === page);
  assert(await first(listing, "", 9) !== page);
  // Written in place, which shows a second later; a name that comes shows at once.
  put(directory, "a.jpg");
  Deno.writeFileSync(join(directory, "a.jpg"), sample);
  assert(await first(listing) === page);
  now++;
  assertEquals((await first(listing))?.images[0].bytes, sample.length);
  const changed = () => Deno.statSync(directory).ctime!.getTime();
  // Until the clock of the file system has ticked.
  for (const before = changed(); changed() === before;) {
    put(directory, "c.jpg");
    Deno.removeSync(join(directory, "c.jpg"));
    put(directory, "c.jpg");
  }
  assertEquals(urls(await first(listing)), ["a.jpg", "c.jpg"]);
  // By this clock the files are three seconds old, and then a millisecond more.
  const written = 1_600_000_000;
  for (const name of ["a.jpg", "c.jpg"]) Deno.utimeSync(join(directory, name), written, written);
  now += 1000;
  date = (written + 3) * 1000;
  assert(await first(listing) !== await first(listing));
  date++;
  assert(await first(listing) === await first(listing));
});

test("what others hang in is not touched: neither counted nor followed", async (directory) => {
  put(directory, "a.jpg", "nas/1.jpg", "nas2/1.jpg");
  if (Deno.build.os !== "windows") Deno.symlinkSync(join(directory, "a.jpg"), `${directory}/l.jpg`);
  const touched: string[] = [];
  const current = {
    set path(path: string) {
      touched.push(path);
    },
  };
  const index = new FolderIndex(directory, { now: later, current });
  const listing = new Listing(index, new ImageHeaders(directory), { countMs: Infinity });
  index.avoid(["nas", "l.jpg"]);
  const page = await first(listing);
  assertEquals(page?.folders, [{ name: "nas", images: null }, { name: "nas2", images: 1 }]);
  assertEquals(urls(page), ["a.jpg"]);
  assertEquals(new Set(touched), new Set(["", "nas2"]));
  index.avoid([]);
  assertEquals((await first(listing))?.folders[0].images, 1);
  if (Deno.build.os !== "windows") assertEquals(urls(await first(listing)), ["a.jpg", "l.jpg"]);
  touched.length = 0;
  await first(listing, "nas/2024");
  // Each folder on the way, so that it is known which one hangs.
  assertEquals(touched, ["", "nas", "nas/2024"]);
  touched.length = 0;
  await first(listing, "");
  assertEquals(new Set(touched), new Set(["", "nas", "nas2"]));
});

test("a folder that changed just now is read again: its clock may not have ticked", async (directory) => {
  put(directory, "a.jpg");
  const listing = new Listing(new FolderIndex(directory), new ImageHeaders(directory));
  for (let i = 0; i < 50; i++) {
    await first(listing);
    put(directory, `${i}.jpg`);
    assert(urls(await first(listing))!.includes(`${i}.jpg`));
  }
});

test("files that cannot be served are not listed, nor are their folders", async (directory) => {
  const [images, outside] = [join(directory, "images"), join(directory, "outside")];
  put(outside, "secret.jpg", "f/secret.jpg");
  put(
    images,
    "a.jpg",
    ".hidden.jpg",
    ".thumbnails/x.jpg",
    "con.jpg",
    "dot.",
    "f/b.jpg",
    "text.txt",
  );
  Deno.symlinkSync(join(outside, "secret.jpg"), join(images, "out.jpg"));
  Deno.symlinkSync(join(outside, "f"), join(images, "outfolder"));
  Deno.symlinkSync(join(images, "text.txt"), join(images, "text.jpg"));
  Deno.symlinkSync(join(images, "nowhere"), join(images, "dead.jpg"));
  Deno.symlinkSync(join(images, "a.jpg"), join(images, "link.jpg"));
  Deno.symlinkSync(join(images, "f"), join(images, "linkfolder"));
  new Deno.Command("mkfifo", { args: [join(images, "fifo.jpg")] }).outputSync();
  const listing = list(images);
  const page = await first(listing);
  assertEquals(page?.folders.map(({ name }) => name), ["f", "linkfolder"]);
  assertEquals(urls(page), ["a.jpg", "link.jpg"]);
  assertEquals(urls(await first(listing, "linkfolder")), ["linkfolder/b.jpg"]);
  for (
    const folder of ["..", ".", "/", "f/", "f/..", "/f", "../outside", "outfolder", ".thumbnails"]
      .concat("f\\x", "f\0", "missing", "a.jpg", "\ud800", "con", "f//")
  ) assertEquals(await first(listing, folder), null, JSON.stringify(folder));
  assertEquals(new FolderIndex(images).names("")?.images, ["a.jpg", "link.jpg"]);
  const store = new ImageStore(images);
  for (const url of urls(page)!) assert(await store.find(url) !== null, url);
}, Deno.build.os === "windows");

test("folders that take too long to count are null, and counted for the next request", async (directory) => {
  put(directory, "a/1.jpg", "b/1.jpg", "b/2.jpg");
  const read: string[] = [];
  class NotingIndex extends FolderIndex {
    override names(folder: string, asked?: number) {
      if (folder !== "") read.push(folder);
      return super.names(folder, asked);
    }
  }
  const index = new NotingIndex(directory, { now: later });
  const options = { countMs: 0, freshMs: 0, now: () => 0 };
  const listing = new Listing(index, new ImageHeaders(directory), options);
  const counts = async () => (await first(listing))!.folders.map(({ images }) => images);
  for (const time of [1, 2]) {
    for (const folder of ["a", "b"]) Deno.utimeSync(join(directory, folder), time, time);
    // Two pages at once, then one that waits until both folders are counted.
    assertEquals(await Promise.all([counts(), counts()]), [[null, null], [null, null]]);
    assertEquals(read, []);
    while (read.length < 2) await new Promise((resolve) => setTimeout(resolve));
    assertEquals([await counts(), read.splice(0)], [[1, 2], ["a", "b"]]);
  }
});

test("a missing directory is null, and listed once it exists", async (directory) => {
  const images = join(directory, "images");
  const listing = new Listing(new FolderIndex(images), new ImageHeaders(images));
  assertEquals(await first(listing), null);
  put(images, "a.jpg");
  assertEquals(urls(await first(listing)), ["a.jpg"]);
});

test("names kept in memory are bounded; a larger folder is read each time", async (directory) => {
  put(directory, ...Array.from({ length: 50 }, (_, i) => `a/${i}.jpg`), "b/1.jpg");
  const listing = list(directory, 20);
  for (let turn = 0; turn < 3; turn++) {
    assertEquals((await all(listing, "a", 9)).length, 50);
    assertEquals(urls(await first(listing, "b")), ["b/1.jpg"]);
  }
});

test("requests that wait for a changing folder share its read; later ones read it again", (directory) => {
  put(directory, "a.jpg");
  let now = Date.now();
  const index = new FolderIndex(directory, { now: () => now });
  const asked = now++;
  const names = index.names("", asked);
  assertEquals(index.names("", asked) === names, true);
  put(directory, "b.jpg");
  assertEquals(index.names("", asked)?.images, ["a.jpg"]);
  assertEquals(index.names("", ++now)?.images, ["a.jpg", "b.jpg"]);
  return Promise.resolve();
});

test("simultaneous requests for one folder share one read", async (directory) => {
  put(directory, ...Array.from({ length: 500 }, (_, i) => `${i}.jpg`));
  const listing = list(directory);
  const pages = await Promise.all(Array.from({ length: 50 }, () => first(listing)));
  for (const page of pages) assertEquals(page?.images.length, 500);
});
