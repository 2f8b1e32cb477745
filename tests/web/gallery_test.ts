/** The page with many pictures, and with lists that fail, in a real browser against the real program. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { encodeJpeg } from "../../lib/picture/scaling/jpeg_encoder.ts";
import { startServer, temporaryDirectory } from "../e2e/support/programs.ts";
import { paint } from "../picture/support/painted.ts";
import { admitVisitors } from "../support/visitors.ts";
import { ENGLISH, openGallery, openOnDesk, useBrowser, walk } from "./support/walk.ts";

useBrowser();

/** Fills `images` of a data directory with `0.jpg`, `1.jpg` and so on: one small picture. */
async function fillWithMany(directory: string, count: number): Promise<void> {
  const images = join(directory, "images");
  await Deno.mkdir(images);
  const picture = await encodeJpeg(paint(64, 48, (x, y) => [x * 4, y * 5, 90, 255]), 90);
  await Deno.writeFile(join(images, "0.jpg"), picture);
  for (let i = 1; i < count; i++) Deno.linkSync(join(images, "0.jpg"), join(images, `${i}.jpg`));
}

walk(
  "3,000 pictures: the page has elements for those near the view, and requests six at a time",
  async () => {
    await using directory = await temporaryDirectory();
    await fillWithMany(directory.path, 3000);
    const [carol] = await admitVisitors(directory.path, "carol");
    await using server = await startServer(directory.path);
    const origin = `http://127.0.0.1:${server.port}`;
    await using watched = await openOnDesk(origin, carol);
    const { page } = watched;
    let inFlight = 0, most = 0;
    const isThumbnail = (url: string) => url.includes("/images?");
    page.on("request", (request) => {
      if (isThumbnail(request.url())) most = Math.max(most, ++inFlight);
    });
    page.on("requestfinished", (request) => {
      if (isThumbnail(request.url())) inFlight--;
    });
    await page.goto(origin);
    await page.locator("img[alt='10.jpg'][data-state=loaded]").waitFor();
    // Nothing was given up so far: what is in flight was asked for and has not come.
    assert(most > 0 && most <= 6, `${most} in flight`);
    // The list comes page by page: the end moves until the last one is here.
    await page.evaluate(`new Promise((resolve) => {
      const goOn = () => {
        if (document.querySelector("img[alt='2999.jpg']") !== null) resolve();
        else scrollTo(0, document.documentElement.scrollHeight);
      };
      new MutationObserver(goOn).observe(document.body, { childList: true, subtree: true });
      goOn();
    })`);
    await page.locator("img[alt='2999.jpg'][data-state=loaded]").waitFor();
    assert(await page.getByRole("listitem").count() < 300);
    await page.getByRole("link", { name: "2999.jpg" }).focus();
    await page.keyboard.press("Home");
    assertEquals(await page.evaluate("document.activeElement.title"), "0.jpg");
    watched.checkFaults();
  },
);

walk(
  "a list that fails can be requested again, and tiles stop after failed attempts",
  async () => {
    await using gallery = await openGallery();
    const { page, watched } = gallery;
    await page.locator("img[alt='image.jpg'][data-state=loaded]").waitFor();
    watched.expectFailures();
    await page.route("**/list?*", (route) => route.abort());
    await page.route("**/images**", (route) => route.abort());
    await page.getByRole("link", { name: "trip", exact: true }).click();
    await page.getByText(ENGLISH.unreachable).waitFor();
    await page.unroute("**/list?*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("img[alt='sea.jpg'][data-state=failed]").waitFor();
    watched.checkFaults();
  },
);

walk("the viewer goes on to pictures that are listed after it was opened", async () => {
  await using directory = await temporaryDirectory();
  await fillWithMany(directory.path, 1002);
  const [carol] = await admitVisitors(directory.path, "carol");
  await using server = await startServer(directory.path);
  const origin = `http://127.0.0.1:${server.port}`;
  await using watched = await openOnDesk(origin, carol);
  const { page } = watched;
  // The second page of the list comes when the viewer is open.
  const isOpen = Promise.withResolvers<void>();
  await page.route("**/list?*after*", async (route) => {
    await isOpen.promise;
    await route.continue();
  });
  await page.goto(`${origin}/#/999.jpg`);
  await page.getByText("1000 / 1000").waitFor();
  isOpen.resolve();
  await page.getByText("1000 / 1002").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.waitForURL(/#\/1000\.jpg$/);

  await page.getByRole("dialog").getByRole("img", { name: "1000.jpg" }).waitFor();
  watched.checkFaults();
});
