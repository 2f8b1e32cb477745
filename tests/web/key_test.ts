/** The page when a key or a session ends, in a real browser against the real program. */
import { assertEquals, assertMatch } from "@std/assert";
import { startServer, temporaryDirectory } from "../e2e/support/programs.ts";
import { registerUsers } from "../support/visitors.ts";
import {
  ENGLISH,
  enter,
  fillImages,
  openGallery,
  openOnDesk,
  useBrowser,
  walk,
} from "./support/walk.ts";

useBrowser();

walk(
  "when the key ends, pictures stop; raising the privilege again stays at the same place",
  async () => {
    await using gallery = await openGallery();
    const { page, watched } = gallery;
    // The page's timer for the end of its key, an hour from now, goes off when the test says so.
    await page.addInitScript(`
      const later = setTimeout;
      window.setTimeout = (run, ms, ...rest) =>
        ms > 3_000_000 ? (window.endKey = run, 0) : later(run, ms, ...rest);
    `);
    await page.reload();
    await page.getByRole("link", { name: "trip", exact: true }).click();
    await page.getByRole("img", { name: "sea.jpg" }).waitFor();
    // The browser drops the cookie at the same time.
    await page.context().clearCookies({ name: "key" });
    await page.evaluate("endKey()");
    await page.getByRole("alert").getByRole("button", { name: "Raise privilege" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    assertMatch(page.url(), /#\/trip\/$/);
    await page.locator("img[alt='sea.jpg'][data-state=loaded]").waitFor();
    watched.checkFaults();
  },
);

walk("a page restored by Back shows nothing of a session that has ended", async () => {
  await using gallery = await openGallery();
  const { origin, page, watched } = gallery;
  await page.getByRole("img", { name: "image.jpg" }).waitFor();
  await page.goto(`${origin}/health`);
  await page.context().clearCookies();
  await page.goBack();
  await page.getByRole("button", { name: "Log in" }).waitFor();
  assertEquals(await page.getByRole("img").count(), 0);
  watched.checkFaults();
});

walk("after another login, raising the privilege gives the live key again", async () => {
  await using gallery = await openGallery();
  const { page, watched } = gallery;
  await page.getByRole("button", { name: "Log out" }).click();
  await enter(page, ENGLISH, "wrong");
  await page.getByText("Wrong username or password.").waitFor();
  // The button that was pressed rests meanwhile, and has the focus again.
  await page.locator("button:focus").waitFor();
  await enter(page);
  await page.getByRole("button", { name: "Raise privilege" }).click();
  await page.locator("img[alt='image.jpg'][data-state=loaded]").waitFor();
  watched.checkFaults();
});

walk("a clock that is ahead of the server's does not end the key", async () => {
  await using directory = await temporaryDirectory();
  await fillImages(directory.path);
  await registerUsers(directory.path, "carol");
  await using server = await startServer(directory.path);
  const origin = `http://127.0.0.1:${server.port}`;
  await using watched = await openOnDesk(origin);
  const { page } = watched;
  await page.addInitScript("const real = Date.now; Date.now = () => real() + 7_200_000");
  await page.goto(origin);
  await enter(page);
  await page.getByRole("button", { name: "Raise privilege" }).click();
  await page.getByText(/\((?:59|60) min\)/).waitFor();
  watched.checkFaults();
});
