/**
 * The whole walk in a real browser against the real program: by roles and accessible names alone, in both
 * languages, on a phone's and a desk's screen.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import axe from "axe-core";
import { join } from "@std/path";
import type { Browser, Page } from "playwright-core";
import { startServer, temporaryDirectory } from "../e2e/support/programs.ts";
import { chromiumPath, launchBrowser, openPage } from "./support/browser.ts";

const ENGLISH = {
  username: "Username",
  password: "Password",
  register: "Register",
  registered: /registered/,
  logIn: "Log in",
  raise: "Raise privilege",
  close: "Close",
  filter: "Filter",
  logOut: "Log out",
  changePassword: "Change password",
  currentPassword: "Current password",
  newPassword: "New password",
  save: "Save",
  unreachable: /does not respond/,
};

const KOREAN: typeof ENGLISH = {
  username: "사용자 이름",
  password: "비밀번호",
  register: "회원가입",
  registered: /가입되었습니다/,
  logIn: "로그인",
  raise: "권한 상승",
  close: "닫기",
  filter: "검색",
  logOut: "로그아웃",
  changePassword: "비밀번호 변경",
  currentPassword: "현재 비밀번호",
  newPassword: "새 비밀번호",
  save: "저장",
  unreachable: /응답하지 않습니다/,
};

const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Names that would do harm as markup, or hide what they are. */
const HOSTILE = [
  "&lt;img src=x onerror=alert(1)&gt;.jpg",
  "'quotes' & `more`.jpg",
  "gpj.\u202e12.jpg",
];

const sample = await Deno.readFile(new URL("../../images/image.jpg", import.meta.url));

/** A data directory with pictures: at the top, in folders, with hostile names. */
async function fillImages(directory: string): Promise<void> {
  const images = join(directory, "images");
  await Deno.mkdir(join(images, "trip", "제주"), { recursive: true });
  const names = ["image.jpg", "trip/sea.jpg", "trip/wave.jpg", "trip/제주/바다.jpg"];
  for (const name of [...names, ...HOSTILE]) await Deno.writeFile(join(images, name), sample);
}

/** What axe finds wrong with the page as it is now. */
async function violations(page: Page): Promise<string[]> {
  // Not by a script element, which the page's policy forbids: evaluated by the browser's debugger.
  await page.evaluate(axe.source);
  const found = await page.evaluate("axe.run()") as axe.AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

async function enter(page: Page, words: typeof ENGLISH, password: string): Promise<void> {
  await page.getByRole("textbox", { name: words.username }).fill("carol");
  await page.getByLabel(words.password, { exact: true }).fill(password);
  await page.getByRole("button", { name: words.logIn }).click();
}

/** Registers carol, logs her in and raises her privilege, in English. */
async function registerAndEnter(page: Page, origin: string): Promise<void> {
  await page.goto(origin);
  await page.getByRole("textbox", { name: "Username" }).fill("carol");
  await page.getByLabel("Password").fill("secret");
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByText("registered").waitFor();
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Raise privilege" }).click();
}

/** One browser for every walk: starting it takes longer than some of them. */
let browser: Browser;
Deno.test.beforeAll(async () => {
  if (chromiumPath !== null) browser = await launchBrowser();
});
Deno.test.afterAll(() => browser?.close());

const walk = (name: string, run: () => Promise<void>) =>
  // The browser outlives the test that it is used in.
  Deno.test({
    name,
    ignore: chromiumPath === null,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: run,
  });

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

    await page.getByRole("button", { name: words.logOut }).click();
    await page.getByRole("button", { name: words.logIn }).waitFor();
    assertEquals(await page.getByRole("img").count(), 0);
    await page.goBack();
    await page.getByRole("button", { name: words.logIn }).waitFor();
    watched.checkFaults();
  });
}

walk(
  "a key that ends stops the pictures, and raising it again goes on at the same place",
  async () => {
    await using directory = await temporaryDirectory();
    await fillImages(directory.path);
    await using server = await startServer(directory.path, ["--key-ttl", "3"]);
    const origin = `http://127.0.0.1:${server.port}`;
    await using watched = await openPage(browser, origin, DESK);
    const { page } = watched;
    await page.goto(origin);
    await page.getByRole("textbox", { name: "Username" }).fill("carol");
    await page.getByLabel("Password").fill("secret");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("registered").waitFor();
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("button", { name: "Raise privilege" }).click();
    await page.getByRole("link", { name: "trip", exact: true }).click();
    await page.getByRole("img", { name: "sea.jpg" }).waitFor();
    await page.getByRole("alert").getByRole("button", { name: "Raise privilege" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    assertMatch(page.url(), /#\/trip\/$/);
    await page.locator("img[alt='sea.jpg'][data-state=loaded]").waitFor();
    watched.checkFaults();
  },
);

walk("a changed password ends the session, and the new one opens another", async () => {
  await using directory = await temporaryDirectory();
  await fillImages(directory.path);
  await using server = await startServer(directory.path);
  const origin = `http://127.0.0.1:${server.port}`;
  await using watched = await openPage(browser, origin, DESK);
  const { page } = watched;
  await page.goto(origin);
  await page.getByRole("textbox", { name: "Username" }).fill("carol");
  await page.getByLabel("Password").fill("secret");
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByText("registered").waitFor();
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByLabel("Current password").fill("wrong");
  await page.getByLabel("New password").fill("better");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The current password is wrong.").waitFor();
  await page.getByLabel("Current password").fill("secret");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Your password is changed.").waitFor();
  await enter(page, ENGLISH, "better");
  await page.getByRole("button", { name: "Raise privilege" }).waitFor();
  watched.checkFaults();
});

walk(
  "a stopped server is said in a sentence, and the page works again when it is back",
  async () => {
    await using directory = await temporaryDirectory();
    await fillImages(directory.path);
    const server = await startServer(directory.path);
    const origin = `http://127.0.0.1:${server.port}`;
    await using watched = await openPage(browser, origin, DESK);
    const { page } = watched;
    await page.goto(origin);
    await page.getByRole("button", { name: "Log in" }).waitFor();
    watched.expectFailures();
    await server.stop();
    await enter(page, ENGLISH, "secret");
    await page.getByText(ENGLISH.unreachable).waitFor();
    assert(await page.getByRole("button", { name: "Log in" }).isEnabled());
    watched.checkFaults();
    await server[Symbol.asyncDispose]();
  },
);

walk(
  "10,000 pictures: the page holds those near the view, and asks for six at a time",
  async () => {
    await using directory = await temporaryDirectory();
    const images = join(directory.path, "images");
    await Deno.mkdir(images);
    await Deno.writeFile(join(images, "0.jpg"), sample);
    for (let i = 1; i < 10_000; i++) Deno.linkSync(join(images, "0.jpg"), join(images, `${i}.jpg`));
    await using server = await startServer(directory.path);
    const origin = `http://127.0.0.1:${server.port}`;
    await using watched = await openPage(browser, origin, DESK);
    const { page } = watched;
    let inFlight = 0, most = 0;
    const isThumbnail = (url: string) => url.includes("/images?");
    page.on("request", (request) => {
      if (isThumbnail(request.url())) most = Math.max(most, ++inFlight);
    });
    page.on("requestfinished", (request) => {
      if (isThumbnail(request.url())) inFlight--;
    });
    await registerAndEnter(page, origin);
    await page.locator("img[alt='10.jpg'][data-state=loaded]").waitFor();
    // Nothing was given up so far: what is in flight was asked for and has not come.
    assert(most <= 6, `${most} in flight`);
    // The list comes page by page: the end moves until the last one is here.
    while (await page.getByRole("img", { name: "9999.jpg", exact: true }).count() === 0) {
      await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
      await page.evaluate("new Promise(requestAnimationFrame)");
    }
    await page.locator("img[alt='9999.jpg'][data-state=loaded]").waitFor();
    assert(await page.getByRole("listitem").count() < 300);
    await page.getByRole("link", { name: "9999.jpg" }).focus();
    await page.keyboard.press("Home");
    assertEquals(await page.evaluate("document.activeElement.title"), "0.jpg");
    watched.checkFaults();
  },
);

walk("a page restored by Back shows nothing of a session that has ended", async () => {
  await using directory = await temporaryDirectory();
  await fillImages(directory.path);
  await using server = await startServer(directory.path);
  const origin = `http://127.0.0.1:${server.port}`;
  await using watched = await openPage(browser, origin, DESK);
  const { page } = watched;
  await registerAndEnter(page, origin);
  await page.getByRole("img", { name: "image.jpg" }).waitFor();
  await page.goto(`${origin}/health`);
  await page.context().clearCookies();
  await page.goBack();
  await page.getByRole("button", { name: "Log in" }).waitFor();
  assertEquals(await page.getByRole("img").count(), 0);
  watched.checkFaults();
});

walk("who logs in while the key lives gets it again by raising the privilege", async () => {
  await using directory = await temporaryDirectory();
  await fillImages(directory.path);
  await using server = await startServer(directory.path);
  const origin = `http://127.0.0.1:${server.port}`;
  await using watched = await openPage(browser, origin, DESK);
  const { page } = watched;
  await registerAndEnter(page, origin);
  await page.getByRole("button", { name: "Log out" }).click();
  await enter(page, ENGLISH, "wrong");
  await page.getByText("Wrong username or password.").waitFor();
  // The button that was pressed rests meanwhile, and has the focus again.
  await page.locator("button:focus").waitFor();
  await enter(page, ENGLISH, "secret");
  await page.getByRole("button", { name: "Raise privilege" }).click();
  await page.locator("img[alt='image.jpg'][data-state=loaded]").waitFor();
  watched.checkFaults();
});

walk("a clock that is ahead of the server's does not end the key", async () => {
  await using directory = await temporaryDirectory();
  await fillImages(directory.path);
  await using server = await startServer(directory.path);
  const origin = `http://127.0.0.1:${server.port}`;
  await using watched = await openPage(browser, origin, DESK);
  const { page } = watched;
  await page.clock.install({ time: Date.now() + 7_200_000 });
  await registerAndEnter(page, origin);
  await page.getByText(/\((?:59|60) min\)/).waitFor();
  watched.checkFaults();
});

walk(
  "a list that does not come can be asked for again, and tiles do not ask for ever",
  async () => {
    await using directory = await temporaryDirectory();
    await fillImages(directory.path);
    await using server = await startServer(directory.path);
    const origin = `http://127.0.0.1:${server.port}`;
    await using watched = await openPage(browser, origin, DESK);
    const { page } = watched;
    await registerAndEnter(page, origin);
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
  const images = join(directory.path, "images");
  await Deno.mkdir(images);
  await Deno.writeFile(join(images, "0.jpg"), sample);
  for (let i = 1; i <= 1001; i++) Deno.linkSync(join(images, "0.jpg"), join(images, `${i}.jpg`));
  await using server = await startServer(directory.path);
  const origin = `http://127.0.0.1:${server.port}`;
  await using watched = await openPage(browser, origin, DESK);
  const { page } = watched;
  await registerAndEnter(page, origin);
  await page.getByRole("img", { name: "0.jpg", exact: true }).waitFor();
  // The second page of the list comes when the viewer is open.
  const isOpen = Promise.withResolvers<void>();
  await page.route("**/list?*after*", async (route) => {
    await isOpen.promise;
    await route.continue();
  });
  await page.goto(`${origin}/#/999.jpg`);
  await page.reload();
  await page.getByText("1000 / 1000").waitFor();
  isOpen.resolve();
  await page.getByText("1000 / 1002").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.waitForURL(/#\/1000\.jpg$/);

  await page.getByRole("dialog").getByRole("img", { name: "1000.jpg" }).waitFor();
  watched.checkFaults();
});
