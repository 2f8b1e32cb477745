/** What is shown of an image before its file is there, and what is fetched for that. */
import { assertEquals } from "@std/assert";
import type { Entry } from "../../../lib/client/browser/folder_contents.ts";
import { type Preview, Previews } from "../../../lib/client/browser/previews.ts";
import type { PhotoServer } from "../../../lib/client/remote/photo_server.ts";

const BOX = { columns: 80, rows: 23 };

function entry(name: string, width: number | null = 6000, height: number | null = 4000): Entry {
  const image = { url: name, type: "image/jpeg", bytes: 9, modified: 0, width, height };
  return { name, label: name, image, count: null };
}

/** Previews over a server that scales, whose thumbnails the test gives. */
function scene(thumbnails: Record<string, string> = {}) {
  const requested: string[] = [];
  const files = new Map(Object.entries(thumbnails));
  const wanted: string[] = [];
  const previews = new Previews({
    openServer: () => ({
      thumbnail(name: string, { width }: { width: number }) {
        requested.push(`${name} ${width}`);
        return Promise.resolve(new TextEncoder().encode(`${name} of ${width}`));
      },
      disconnect() {},
    } as unknown as PhotoServer),
    style: { symbols: "block", colors: "truecolor", graphics: null },
    paint: (bytes, { columns }) =>
      Promise.resolve({ rows: [`${new TextDecoder().decode(bytes)} in ${columns}`], columns }),
    thumbnail: (name) => {
      const file = files.get(name);
      return file === undefined ? null : new TextEncoder().encode(file);
    },
    fetchThumbnail: (name) => {
      wanted.push(name);
      files.set(name, "late thumbnail");
      return Promise.resolve();
    },
    dropped: () => {},
    ready: () => {},
    failed: () => {},
  });
  const shown = async (entry: Entry, box = BOX, isWanted = true) => {
    const all: Preview[] = [];
    for await (const preview of previews.of(entry, box, () => Promise.resolve(isWanted))) {
      all.push(preview);
    }
    return all.map(({ painted, isSharp }) => `${isSharp ? "sharp" : "rough"}: ${painted.rows[0]}`);
  };
  return { previews, requested, wanted, shown };
}

Deno.test("first comes the thumbnail, then what the server scales for the screen", async () => {
  const { requested, shown, previews } = scene({ "a.jpg": "thumbnail" });
  assertEquals(await shown(entry("a.jpg")), [
    "rough: thumbnail in 80",
    "sharp: a.jpg of 640 in 80",
  ]);
  assertEquals(await shown(entry("a.jpg")), ["sharp: a.jpg of 640 in 80"], "it was kept");
  assertEquals(requested, ["a.jpg 640"]);
  previews.close();
});

Deno.test("a thumbnail that is not there is fetched as well", async () => {
  const { wanted, shown, previews } = scene();
  assertEquals((await shown(entry("a.jpg"))).at(-1), "sharp: a.jpg of 640 in 80");
  assertEquals(wanted, ["a.jpg"]);
  previews.close();
});

Deno.test("what nobody looks at any more is not requested", async () => {
  const { requested, shown, previews } = scene({ "a.jpg": "thumbnail" });
  assertEquals(await shown(entry("a.jpg"), BOX, false), ["rough: thumbnail in 80"]);
  assertEquals(requested, []);
  previews.close();
});

Deno.test("another size of the screen needs a request only if it needs more pixels", async () => {
  const { requested, shown, previews } = scene();
  await shown(entry("a.jpg"));
  assertEquals(await shown(entry("a.jpg"), { columns: 70, rows: 24 }), [
    "sharp: a.jpg of 640 in 70",
  ]);
  assertEquals(await shown(entry("a.jpg"), { columns: 160, rows: 50 }), [
    "rough: a.jpg of 640 in 160",
    "sharp: a.jpg of 1280 in 160",
  ]);
  assertEquals(requested, ["a.jpg 640", "a.jpg 1280"]);
  previews.close();
});

Deno.test("more pixels than a server scales to come from the file, if it has them", async () => {
  const { shown, previews } = scene({ "a.jpg": "thumbnail" });
  const wall = { columns: 500, rows: 200 };
  const last = async (width: number | null, height: number | null) =>
    (await shown(entry(`${width}.jpg`, width, height), wall)).at(-1);
  assertEquals(await last(6000, 4000), "rough: 6000.jpg of 2560 in 500");
  assertEquals(await last(null, null), "rough: null.jpg of 2560 in 500");
  assertEquals(await last(2000, 1000), "sharp: 2000.jpg of 2560 in 500");
  previews.close();
});

Deno.test("neighbours are fetched ahead, and then shown without their thumbnails", async () => {
  const { previews, requested, shown } = scene({ "a.jpg": "thumbnail", "b.jpg": "thumbnail" });
  await shown(entry("a.jpg"));
  previews.fetchAhead([entry("a.jpg"), entry("b.jpg")]);
  await previews.settled();
  assertEquals(await shown(entry("b.jpg")), ["sharp: b.jpg of 640 in 80"]);
  assertEquals(requested, ["a.jpg 640", "b.jpg 640"]);
  previews.close();
});
