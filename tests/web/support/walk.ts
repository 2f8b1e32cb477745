/** What the walks through the page have in common: the browser, the visitor, the pictures. */
import { join } from "@std/path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { startServer, temporaryDirectory } from "../../e2e/support/programs.ts";
import { admitVisitors, type Visitor } from "../../support/visitors.ts";
import { chromiumPath, launchBrowser, type WatchedPage, watchPage } from "./browser.ts";

/** What the page says in English, as far as a visitor needs it. */
export const ENGLISH = {
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

/** The same in Korean. */
export const KOREAN: typeof ENGLISH = {
  username: "아이디",
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

/** A desk's screen. */
export const DESK = { viewport: { width: 1440, height: 900 } };

/** Names that would do harm as markup, or hide what they are. */
export const HOSTILE = [
  "&lt;img src=x onerror=alert(1)&gt;.jpg",
  "'quotes' & `more`.jpg",
  "gpj.\u202e12.jpg",
];

/** The content of each picture. */
export const sample = await Deno.readFile(
  new URL("../../../images/image.jpg", import.meta.url),
);

/** The name of a picture in a folder, as macOS writes it; people type its NFC form. */
export const DECOMPOSED = "\u00e9t\u00e9.jpg".normalize("NFD");

/** A data directory with pictures: at the top, in folders, with hostile names. */
export async function fillImages(directory: string): Promise<void> {
  const images = join(directory, "images");
  await Deno.mkdir(join(images, "trip", "제주"), { recursive: true });
  const names = ["image.jpg", "trip/sea.jpg", "trip/wave.jpg", "trip/제주/바다.jpg"];
  names.push(`trip/제주/${DECOMPOSED}`);
  for (const name of [...names, ...HOSTILE]) await Deno.writeFile(join(images, name), sample);
}

/** Logs carol in. */
export async function enter(page: Page, words = ENGLISH, password = "carol"): Promise<void> {
  await page.getByRole("textbox", { name: words.username }).fill("carol");
  await page.getByLabel(words.password, { exact: true }).fill(password);
  await page.getByRole("button", { name: words.logIn }).click();
}

/** The browser of the walks: starting one takes longer than some of them. */
export let browser: Browser;

/** A context of that browser, and the page in it that was opened last. */
let desk: BrowserContext, lastPage: Page | null = null;

/** Whether a file of this isolate has asked for the browser. */
let isUsed = false;

/**
 * Starts the browser before the tests of the calling file, and closes it after them. Files that run
 * in one isolate share it.
 */
export function useBrowser(): void {
  if (isUsed) return;
  isUsed = true;
  Deno.test.beforeAll(async () => {
    if (chromiumPath === null) return;
    browser = await launchBrowser();
    desk = await browser.newContext(DESK);
  });
  Deno.test.afterAll(() => browser?.close());
}

/**
 * Makes an empty page on a desk's screen, in a context that the walks of a file share: a context of its
 * own would take more than a second of processor time.
 *
 * @param origin the only origin that it may ask for anything
 * @param visitor who is logged in with a raised privilege; nobody by default
 */
export async function openOnDesk(origin: string, visitor?: Visitor): Promise<WatchedPage> {
  const page = await desk.newPage();
  // Not before there is another one: with its last page the browser ends the process that draws.
  await lastPage?.close();
  lastPage = page;
  await desk.clearCookies();
  if (visitor !== undefined) {
    const attributes = {
      domain: "127.0.0.1",
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
    } as const;
    await desk.addCookies([
      { name: "session", value: visitor.session, ...attributes },
      { name: "key", value: visitor.key, ...attributes },
    ]);
  }
  return watchPage(page, origin, () => Promise.resolve());
}

/** Starts a server with pictures, and opens its page for carol, who has raised her privilege. */
export async function openGallery() {
  await using opening = new AsyncDisposableStack();
  const { path } = opening.use(await temporaryDirectory());
  await fillImages(path);
  const [carol] = await admitVisitors(path, "carol");
  const server = opening.use(await startServer(path));
  const origin = `http://127.0.0.1:${server.port}`;
  const watched = opening.use(await openOnDesk(origin, carol));
  await watched.page.goto(origin);
  const opened = opening.move();
  return {
    origin,
    page: watched.page,
    watched,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** A test in the browser, skipped without one. */
export function walk(name: string, run: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: chromiumPath === null,
    // The browser outlives the test that it is used in.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: run,
  });
}
