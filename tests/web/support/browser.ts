/** A real Chromium, and a page in it whose every fault fails the test. */
import { assertEquals } from "@std/assert";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Where Debian and others keep it; `CHROMIUM` names another. */
const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser's executable, or null; the tests then say that they are skipped. */
export const chromiumPath: string | null = [Deno.env.get("CHROMIUM") ?? "", ...PATHS]
  .find((path) => {
    try {
      return path !== "" && Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  }) ?? null;
if (chromiumPath === null) console.log("Chromium is not installed: the page's walks are skipped.");

/** How long the browser may take for anything, milliseconds: a machine may be busy. */
const PATIENCE_MS = 180_000;

/** Starts the browser. It speaks to nobody but the pages it is sent to. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    timeout: PATIENCE_MS,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Statuses whose "Failed to load resource" the browser prints although the page expects them. */
const EXPECTED_STATUS = /status of (?:401|404|409)/;

/** A page under watch. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Fails on whatever went wrong so far: page errors, console errors, policy violations, foreign requests. */
  checkFaults(): void;
  /** Expects requests to fail from now on: the server is being stopped. */
  expectFailures(): void;
}

/**
 * Opens a page of its own in the browser.
 *
 * @param origin the only origin it may ask for anything
 */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions,
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  return watchPage(await context.newPage(), origin, () => context.close());
}

/**
 * Watches a page from now on.
 *
 * @param origin the only origin it may ask for anything
 * @param close called at the end
 */
export function watchPage(page: Page, origin: string, close: () => Promise<void>): WatchedPage {
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  let failuresExpected = false;
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (EXPECTED_STATUS.test(message.text())) return;
    if (failuresExpected && message.text().startsWith("Failed to load resource")) return;
    faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`foreign: ${request.url()}`);
  });
  return {
    page,
    checkFaults: () => assertEquals(faults, []),
    expectFailures: () => {
      failuresExpected = true;
    },
    [Symbol.asyncDispose]: close,
  };
}
