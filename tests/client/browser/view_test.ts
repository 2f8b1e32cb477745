/** One image on the whole screen: what is painted of it, and when. */
import { assertEquals } from "@std/assert";
import type { Entry } from "../../../lib/client/browser/folder_contents.ts";
import { ImageView } from "../../../lib/client/browser/view.ts";
import type { OpenPicture } from "../../../lib/client/painting/painter.ts";
import type { Painted } from "../../../lib/client/painting/paint.ts";

const ENTRY: Entry = { name: "a.jpg", label: "a.jpg", image: null, count: null };
const PICTURE = { width: 8000, height: 4000 };

/**
 * A view whose paintings say what they show; each waits until the test lets it go.
 *
 * @param qualities of the previews, and whether each is sharp
 */
function scene(qualities: readonly (readonly [string, boolean])[] = [["sharp", true]]) {
  const shown: string[] = [];
  const painted: PromiseWithResolvers<void>[] = [];
  const waiting: (() => void)[] = [];
  const size = { columns: 80, rows: 24 };
  const paint = async (what: string): Promise<Painted> => {
    const own = Promise.withResolvers<void>();
    painted.push(own);
    for (const resolve of waiting.splice(0)) resolve();
    await own.promise;
    return { rows: [what], columns: what.length };
  };
  const opened = Promise.withResolvers<OpenPicture | null>();
  const calls: string[] = [];
  const open: OpenPicture = {
    size: PICTURE,
    cellAspect: 2,
    paint: (box) => paint(`file in ${box.columns}x${box.rows}`),
    paintPart: ({ part }) => paint(`${part.width} from ${part.x}`),
    close: () => calls.push("closed"),
  };
  const view = new ImageView(ENTRY, false, {
    async *previews(_entry, box) {
      for (const [quality, isSharp] of qualities) {
        const painted = await paint(`${quality} in ${box.columns}x${box.rows}`);
        yield { painted, isSharp };
      }
    },
    open: () => {
      calls.push("opens");
      return opened.promise;
    },
    isLastRowFree: false,
    size: () => size,
    show: (picture) => {
      shown.push(picture?.rows[0] ?? "nothing");
      for (const resolve of waiting.splice(0)) resolve();
    },
    loading: (isLoading) => calls.push(isLoading ? "loading" : "loaded"),
    settled: () => calls.push("settled"),
    undrawn: () => calls.push("undrawn"),
    failed: (error) => {
      throw error;
    },
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const begins = (count: number) => until(() => painted.length >= count);
  /** Lets a painting end once it has begun. */
  const finish = async (count: number) => {
    await begins(count);
    painted[count - 1].resolve();
  };
  const shows = async (count: number) => {
    await until(() => shown.length >= count);
    return shown[count - 1];
  };
  return { view, size, shown, painted, begins, finish, shows, calls, opened, open };
}

async function opened() {
  const here = scene();
  const opening = here.view.open();
  await here.finish(1);
  await opening;
  assertEquals(here.shown, ["sharp in 80x23"]);
  here.opened.resolve(here.open);
  return here;
}

Deno.test("what is rough is shown first, and no file is opened for what is sharp enough", async () => {
  const { view, finish, shown, calls } = scene([["rough", false], ["sharp", true]]);
  const opening = view.open();
  await finish(1);
  await finish(2);
  await opening;
  assertEquals(shown, ["rough in 80x23", "sharp in 80x23"]);
  assertEquals(calls, ["loading", "loaded", "settled"]);
});

Deno.test("the file is opened if nothing else is sharp, or there is nothing else", async () => {
  for (const qualities of [[["rough", false]], []] as const) {
    const { view, finish, shown, calls, opened, open } = scene(qualities);
    const opening = view.open();
    if (qualities.length > 0) await finish(1);
    opened.resolve(open);
    await finish(qualities.length + 1);
    await opening;
    assertEquals(shown.at(-1), "file in 80x23");
    assertEquals(calls.at(-1), "settled");
    view.close();
    assertEquals(calls.at(-1), "closed");
  }
});

Deno.test("an image of which nothing can be drawn is said to be such", async () => {
  const { view, shown, calls, opened } = scene([]);
  const opening = view.open();
  opened.resolve(null);
  await opening;
  assertEquals(shown, ["nothing"]);
  assertEquals(calls.includes("undrawn"), true);
  await view.zoomBy(1);
  assertEquals(view.isZoomed, false);
});

Deno.test("a file that is opened for a view that is closed by then is closed", async () => {
  const { view, calls, opened, open } = scene([]);
  const opening = view.open();
  await new Promise((resolve) => setTimeout(resolve, 0));
  view.close();
  opened.resolve(open);
  await opening;
  assertEquals(calls.slice(-2), ["opens", "closed"]);
});

Deno.test("zooming in shows a part, moving another one, and 0 all of it again", async () => {
  const { view, finish, shows } = await opened();
  await view.zoomBy(1);
  await finish(2);
  assertEquals(await shows(2), "5333 from 1333");
  assertEquals(view.isZoomed, true);
  view.move(1, 0);
  await finish(3);
  assertEquals(await shows(3), "5333 from 2667");
  view.showWhole();
  assertEquals(await shows(4), "sharp in 80x23", "it was kept");
  assertEquals(view.isZoomed, false);
});

Deno.test("keys that come faster than the view is painted are painted together", async () => {
  const { view, finish, shows, painted } = await opened();
  await view.zoomBy(1);
  await view.zoomBy(1);
  view.move(1, 0);
  view.move(1, 0);
  await finish(2);
  await shows(2);
  await finish(3);
  assertEquals(await shows(3), "3556 from 4000");
  assertEquals(painted.length, 3);
});

Deno.test("a picture that is shown whole cannot be moved", async () => {
  const { view, painted } = await opened();
  view.move(1, 1);
  await view.zoomBy(-1);
  view.showWhole();
  assertEquals(painted.length, 1);
});

Deno.test("a full picture has the last row, too, and another size paints it anew", async () => {
  const { view, size, finish, shows } = await opened();
  view.toggleFull();
  await finish(2);
  assertEquals(await shows(2), "sharp in 80x24");
  size.columns = 100;
  view.redraw();
  await finish(3);
  assertEquals(await shows(3), "sharp in 100x24");
});

Deno.test("a picture that was painted for another size is not shown", async () => {
  const { view, size, begins, finish, shown } = scene();
  const opening = view.open();
  await begins(1);
  size.columns = 90;
  view.redraw();
  await begins(2);
  await finish(1);
  await opening;
  assertEquals(shown, []);
});

Deno.test("while a part is painted anew, what was there stays, or nothing of another size", async () => {
  const { view, size, finish, shows } = await opened();
  await view.zoomBy(1);
  await finish(2);
  await shows(2);
  view.redraw();
  assertEquals(await shows(3), "5333 from 1333", "before it is painted again");
  await finish(3);
  await shows(4);
  size.columns = 100;
  view.redraw();
  assertEquals(await shows(5), "nothing");
  await finish(4);
  await shows(6);
});

Deno.test("a closed view shows nothing more", async () => {
  const { view, finish, shown, painted } = await opened();
  await view.zoomBy(1);
  view.close();
  await finish(2);
  await painted[1].promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(shown.length, 1);
});
