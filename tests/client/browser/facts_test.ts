/** What image files say about photographs. */
import { assertEquals } from "@std/assert";
import { readFacts } from "../../../lib/client/browser/facts.ts";
import { withExif } from "../support/exif.ts";

const JPEG = Deno.readFileSync(new URL("../../picture/fixtures/baseline.jpg", import.meta.url));
const NOTHING = { taken: null, camera: null, lens: null, exposure: null, place: null };

Deno.test("the facts of a photograph are its time, camera, settings and place", async () => {
  const bytes = withExif(JPEG, {
    image: { 0x010f: "NIKON CORPORATION", 0x0110: "NIKON Z 6" },
    photo: {
      0x829a: [[1, 200]],
      0x829d: [[28, 10]],
      0x8827: 400,
      0x9003: "2024:05:01 12:33:44",
      0x920a: [[35, 1]],
      0xa434: "NIKKOR Z 35mm f/1.8 S",
    },
    gps: {
      1: "S",
      2: [[33, 1], [27, 1], [30, 1]],
      3: "E",
      4: [[126, 1], [56, 1], [15, 1]],
    },
  });
  assertEquals(await readFacts(Uint8Array.from(bytes)), {
    taken: "2024-05-01 12:33:44",
    camera: "NIKON Z 6",
    lens: "NIKKOR Z 35mm f/1.8 S",
    exposure: "1/200 s · f/2.8 · ISO 400 · 35 mm",
    place: "-33.45833, 126.93750",
  });
});

Deno.test("a maker whose name the model does not repeat stands before it", async () => {
  const bytes = withExif(JPEG, { image: { 0x010f: "SONY", 0x0110: "ILCE-7M3" } });
  assertEquals((await readFacts(Uint8Array.from(bytes))).camera, "SONY ILCE-7M3");
});

Deno.test("a file without metadata, of another type, or damaged has no facts", async () => {
  assertEquals(await readFacts(JPEG), NOTHING);
  assertEquals(await readFacts(new TextEncoder().encode("no image")), NOTHING);
  assertEquals(await readFacts(new Uint8Array(0)), NOTHING);
  const damaged = withExif(JPEG, { image: { 0x010f: "SONY" }, photo: { 0x829a: [[1, 0]] } });
  damaged.fill(255, 20, 60);
  assertEquals(await readFacts(Uint8Array.from(damaged)), NOTHING);
  const blank = withExif(JPEG, { image: { 0x0110: "    " }, photo: { 0x829a: [[0, 0]] } });
  assertEquals(await readFacts(Uint8Array.from(blank)), NOTHING);
});

Deno.test("the time of a camera whose clock was not set is left out", async () => {
  for (const time of ["0000:00:00 00:00:00", "    :  :     :  :  "]) {
    const bytes = withExif(JPEG, { photo: { 0x9003: time } });
    assertEquals((await readFacts(Uint8Array.from(bytes))).taken, null, time);
  }
});

Deno.test("a file that is a view of a larger buffer is read within its bounds", async () => {
  const bytes = withExif(JPEG, { image: { 0x0110: "ILCE-7M3" } });
  const larger = new Uint8Array(bytes.length + 100);
  larger.set(bytes, 50);
  assertEquals((await readFacts(larger.subarray(50, -50))).camera, "ILCE-7M3");
});
