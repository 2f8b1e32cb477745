/** One image on the whole screen: what is painted of it, and when. */
import { assertEquals } from "@std/assert";
import type { Entry } from "../../../lib/client/browser/folder_contents.ts";
import { ImageView } from "../../../lib/client/browser/view.ts";
import type { Painted } from "../../../lib/client/terminal/picture_view.ts";

const ENTRY: Entry = { name: "a.jpg", label: "a.jpg", image: null, count: null };
const PICTURE = { width: 8000, height: 4000 };

/** A view whose paintings say what they show; each waits until the test lets it go. */
function scene() {
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
  const view = new ImageView(ENTRY, false, {
    pictures: {
      paint: (_bytes, box) => paint(`whole in ${box.columns}x${box.rows}`),
      closeUp: () =>
        Promise.resolve({
          size: PICTURE,
          cellAspect: 2,
          paint: ({ part }) => paint(`${part.width} from ${part.x}`),
        }),
    },
    read: () => Promise.resolve(new Uint8Array(1)),
    isLastRowFree: false,
    size: () => size,
    show: (picture) => {
      shown.push(picture!.rows[0]);
      for (const resolve of waiting.splice(0)) resolve();
    },
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
  return { view, size, shown, painted, begins, finish, shows };
}

async function opened() {
  const here = scene();
  const opening = here.view.open();
  await here.finish(1);
  assertEquals(await opening, true);
  assertEquals(here.shown, ["whole in 80x23"]);
  return here;
}

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
  assertEquals(await shows(4), "whole in 80x23", "it was kept");
  assertEquals(view.isZoomed, false);
});

Deno.test("keys that come faster than paintings are painted together", async () => {
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

Deno.test("the whole picture does not move", async () => {
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
  assertEquals(await shows(2), "whole in 80x24");
  size.columns = 100;
  view.redraw();
  await finish(3);
  assertEquals(await shows(3), "whole in 100x24");
});

Deno.test("a size that changes during a painting is painted after it, and shown last", async () => {
  const { view, size, begins, finish, shows, painted } = scene();
  const opening = view.open();
  await begins(1);
  size.columns = 90;
  view.redraw();
  assertEquals(painted.length, 1, "one after the other");
  await finish(1);
  await begins(2);
  size.columns = 100;
  view.redraw();
  await finish(2);
  await finish(3);
  assertEquals(await shows(3), "whole in 100x23");
  assertEquals([await opening, painted.length], [true, 3]);
});

Deno.test("nothing is shown of a view that was closed", async () => {
  const { view, finish, shown, painted } = await opened();
  await view.zoomBy(1);
  view.close();
  await finish(2);
  await painted[1].promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(shown.length, 1);
});
