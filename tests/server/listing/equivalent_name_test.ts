/** Names in another Unicode normalization. */
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { ImageStore } from "../../../lib/server/images/image_store.ts";
import { equivalentName } from "../../../lib/server/listing/equivalent_name.ts";
import { FolderIndex } from "../../../lib/server/listing/folder_index.ts";

/** A store over files of these names, each with its name as content. */
async function storeOf(names: string[], test: (store: ImageStore) => Promise<void>) {
  const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
  try {
    for (const name of names) {
      await Deno.mkdir(join(directory, dirname(name)), { recursive: true });
      await Deno.writeTextFile(join(directory, name), name);
    }
    const index = new FolderIndex(directory);
    await test(
      new ImageStore(directory, {
        equivalentName: (name) => Promise.resolve(equivalentName(index, name)),
      }),
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What is found, as it is written on disk. */
async function found(store: ImageStore, name: string): Promise<string | null> {
  const image = await store.find(name);
  return image && new TextDecoder().decode(image.content!.bytes);
}

const NFC = "caf\u00e9 \ud55c\uae00.jpg", NFD = NFC.normalize("NFD");

Deno.test("a file that macOS named is found by what a person types", () =>
  storeOf([NFD, `\u00e9t\u00e9/${NFD}`, `${"u\u0308".repeat(2)}/01.jpg`], async (store) => {
    assertEquals(await found(store, NFC), NFD);
    assertEquals(await found(store, NFC), NFD);
    assertEquals(await found(store, `e\u0301te\u0301/${NFC}`), `\u00e9t\u00e9/${NFD}`);
    // A name in neither form.
    assertEquals(await found(store, "\u00fcu\u0308/01.jpg"), `${"u\u0308".repeat(2)}/01.jpg`);
    for (const other of ["cafe \ud55c\uae00.jpg", "\u00fc\u00fc/1.jpg", `${NFC}/${NFC}`]) {
      assertEquals(await found(store, other), null, other);
    }
  }));

Deno.test("the exact name comes first", () =>
  storeOf([NFC, NFD], async (store) => {
    assertEquals(await found(store, NFC), NFC);
    assertEquals(await found(store, NFD), NFD);
  }));

Deno.test("many names in another form at once are all found", () => {
  const names = Array.from({ length: 50 }, (_, i) => `\u00e9${i}.jpg`);
  return storeOf(names.map((name) => name.normalize("NFD")), async (store) => {
    const all = await Promise.all(names.map((name) => found(store, name)));
    assertEquals(all, names.map((name) => name.normalize("NFD")));
  });
});

Deno.test("dot-files, traversal and names of controls are not found in another form either", () =>
  storeOf([".\u00e9.jpg", "a\u00e9.txt", "\u00e9/b.jpg"], async (store) => {
    for (const name of [".e\u0301.jpg", "ae\u0301.txt", "e\u0301/../e\u0301/b.jpg", "e\u0301/"]) {
      assertEquals(await found(store, name), null, name);
    }
  }));
