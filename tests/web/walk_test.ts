/**
 * The whole walk in a real browser against the real program: by roles and accessible names alone, in both
 * languages, on a phone's and a desk's screen.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { startServer, temporaryDirectory } from "../e2e/support/programs.ts";
import { openPage } from "./support/browser.ts";
import {
  browser,
  DECOMPOSED,
  DESK,
  ENGLISH,
  enter,
  fillImages,
  HOSTILE,
  KOREAN,
  openGallery,
  openOnDesk,
  useBrowser,
  walk,
} from "./support/walk.ts";

useBrowser();

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** What axe finds wrong with the page as it is now. */
async function violations(page: Page): Promise<string[]> {
  // Not by a script element, which the page's policy forbids: evaluated by the browser's debugger.
  if (await page.evaluate("typeof axe") === "undefined") await page.evaluate(axe.source);
  const found = await page.evaluate(
    "axe.run({ resultTypes: ['violations'] })",
  ) as axe.AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

for (
  const [title, words, options] of [
    ["English, desk", ENGLISH, { ...DESK, locale: "en-US" }],
    ["Korean, phone", KOREAN, { ...PHONE, locale: "ko-KR", colorScheme: "dark" }],
  ] as const
) {
  walk(`a visitor registers, logs in, raises the privilege and looks: ${title}`, async () => {
    await using directory = await temporaryDirectory();
    await fillImages(directory.path);
    await using server = await startServer(directory.path);
    const origin = `http://127.0.0.1:${server.port}`;
    await using watched = await openPage(browser, origin, options);
    const { page } = watched;
    await page.goto(origin);
    await page.getByRole("button", { name: words.logIn }).waitFor();
    assertEquals(await violations(page), []);
    await page.getByRole("textbox", { name: words.username }).fill("carol");
    await page.getByLabel(words.password, { exact: true }).fill("secret");
    await page.getByRole("button", { name: words.register }).click();
    await page.getByText(words.registered).waitFor();
    await page.getByRole("button", { name: words.logIn }).click();
    await page.getByRole("button", { name: words.raise }).waitFor();
    assertEquals(await violations(page), []);
    await page.getByRole("button", { name: words.raise }).click();

    for (const name of ["image.jpg", ...HOSTILE]) {
      await page.getByRole("img", { name, exact: true }).waitFor();
    }
    assertEquals(await violations(page), []);
    await page.getByRole("link", { name: "trip", exact: true }).click();
    await page.getByRole("img", { name: "sea.jpg" }).waitFor();
    assertMatch(page.url(), /#\/trip\/$/);

    await page.getByRole("link", { name: "sea.jpg" }).click();
    await page.getByRole("dialog").getByRole("img", { name: "sea.jpg" }).waitFor();
    assertMatch(page.url(), /#\/trip\/sea\.jpg$/);
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(/#\/trip\/wave\.jpg$/);
    assertEquals(await violations(page), []);
    await page.getByRole("button", { name: words.close }).click();
    await page.waitForURL(/#\/trip\/$/);
    assertEquals(
      await page.evaluate("document.activeElement.getAttribute('href')"),
      "#/trip/wave.jpg",
    );
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("img", { name: "wave.jpg" }).waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.waitForURL(/#\/trip\/sea\.jpg$/);
    await page.goBack();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assertEquals(
      await page.evaluate("document.activeElement.getAttribute('href')"),
      "#/trip/sea.jpg",
    );

    await page.goBack();
    await page.getByRole("img", { name: "image.jpg" }).waitFor();
    await page.getByRole("searchbox", { name: words.filter }).fill("quotes");
    await page.getByRole("img", { name: "image.jpg", exact: true }).waitFor({
      state: "detached",
    });
    assertEquals(await page.getByRole("img").count(), 1);

    // An address that was sent to somebody opens the picture itself.
    await page.goto(
      `${origin}/#/trip/${encodeURIComponent("제주")}/${encodeURIComponent("바다.jpg")}`,
    );
    await page.reload();
    await page.getByRole("dialog").getByRole("img", { name: "바다.jpg" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    // So do one that was typed in the other normalization, and a folder's without its last slash.
    const typed = encodeURIComponent(DECOMPOSED.normalize("NFC"));
    await page.goto(`${origin}/#/trip/${encodeURIComponent("제주")}/${typed}`);
    await page.getByRole("dialog").getByRole("img", { name: DECOMPOSED }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.goto(`${origin}/#/trip`);
    await page.getByRole("img", { name: "sea.jpg" }).waitFor();
    assertMatch(page.url(), /#\/trip\/$/);

    await page.getByRole("button", { name: words.logOut }).click();
    await page.getByRole("button", { name: words.logIn }).waitFor();
    assertEquals(await page.getByRole("img").count(), 0);
    await page.goBack();
    await page.getByRole("button", { name: words.logIn }).waitFor();
    watched.checkFaults();
  });
}

walk("a changed password ends the session, and the new one opens another", async () => {
  await using gallery = await openGallery();
  const { page, watched } = gallery;
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByLabel("Current password").fill("wrong");
  await page.getByLabel("New password").fill("better");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The current password is wrong.").waitFor();
  await page.getByLabel("Current password").fill("carol");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Your password is changed.").waitFor();
  await enter(page, ENGLISH, "better");
  await page.getByRole("button", { name: "Raise privilege" }).waitFor();
  watched.checkFaults();
});

walk(
  "a stopped server gives a sentence, and the form works again",
  async () => {
    await using directory = await temporaryDirectory();
    await fillImages(directory.path);
    const server = await startServer(directory.path);
    const origin = `http://127.0.0.1:${server.port}`;
    await using watched = await openOnDesk(origin);
    const { page } = watched;
    await page.goto(origin);
    await page.getByRole("button", { name: "Log in" }).waitFor();
    watched.expectFailures();
    await server.stop();
    await enter(page);
    await page.getByText(ENGLISH.unreachable).waitFor();
    assert(await page.getByRole("button", { name: "Log in" }).isEnabled());
    watched.checkFaults();
    await server[Symbol.asyncDispose]();
  },
);
