/**
 * Takes the README's pictures of the web page: the real page of the real server, in a real
 * Chromium.
 *
 *     deno run -A tools/screens/page.ts
 *
 * Writes docs/page.jpg (a desk's screen) and docs/page-phone.jpg.
 */
import { fromFileUrl, join } from "@std/path";
import type { Page } from "playwright-core";
import { startServer, temporaryDirectory } from "../../tests/e2e/support/programs.ts";
import { chromiumPath, launchBrowser } from "../../tests/web/support/browser.ts";

const root = fromFileUrl(new URL("../../", import.meta.url));

if (chromiumPath === null) {
  console.error("This needs Chromium; CHROMIUM names it where it is not found.");
  Deno.exit(1);
}

/** Copies the sample pictures, folders included. */
async function copyImages(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyImages(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

/** Registers a user of this name, logs in and raises the privilege. */
async function enter(page: Page, origin: string, username: string): Promise<void> {
  await page.goto(origin);
  await page.getByRole("textbox", { name: "Username" }).fill(username);
  await page.getByLabel("Password").fill("secret");
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByText("registered").waitFor();
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Raise privilege" }).click();
}

/** Goes to the folder and waits until every picture in it is there. */
async function browse(page: Page, folder: string): Promise<void> {
  await page.getByRole("link", { name: folder, exact: true }).click();
  await page.getByRole("navigation").getByText(folder).waitFor();
  await page.locator(".gallery img").first().waitFor();
  while (await page.locator(".gallery img:not([data-state])").count() > 0) {
    await page.locator(".gallery img[data-state]").first().waitFor();
  }
}

await using directory = await temporaryDirectory();
await copyImages(join(root, "images"), join(directory.path, "images"));
await using server = await startServer(directory.path);
const origin = `http://127.0.0.1:${server.port}`;
const browser = await launchBrowser();
const shot = { type: "jpeg", quality: 85, animations: "disabled" } as const;
try {
  const desk = await browser.newPage({
    viewport: { width: 960, height: 570 },
    colorScheme: "dark",
    locale: "en",
  });
  await enter(desk, origin, "carol");
  await browse(desk, "coast");
  await desk.screenshot({ ...shot, path: join(root, "docs", "page.jpg") });

  const phone = await browser.newPage({
    viewport: { width: 390, height: 450 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    locale: "en",
  });
  await enter(phone, origin, "dave");
  await browse(phone, "coast");
  await phone.screenshot({ ...shot, path: join(root, "docs", "page-phone.jpg") });
} finally {
  await browser.close();
}
