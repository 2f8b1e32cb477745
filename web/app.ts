/** The page: which of its screens is shown, as the session, the key and the address say. */
import { accessScreen, raiseForm, refusalText } from "./access.ts";
import { readPlace } from "./address.ts";
import { element } from "./dom.ts";
import { FolderScreen } from "./folder.ts";
import { header } from "./header.ts";
import { language, messages } from "./language.ts";
import { fetchSession, isKeyLive, logOut, Refused, type Session } from "./server.ts";
import { Thumbnails } from "./thumbnails.ts";

/** How often the minutes in the bar are counted anew, ms. */
const MINUTES_MS = 20_000;

/** The longest a timer can wait, ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const bar = document.getElementById("header")!;
const main = document.getElementById("main")!;
const status = document.getElementById("status")!;

let session: Session | null = null;
let folderScreen: FolderScreen | null = null;
let keyTimer = 0;
let minutesTimer = 0;

const thumbnails = new Thumbnails(() => keyEnded());

/** Says something in the live region. */
function say(text: string): void {
  status.textContent = text;
}

/** Empties the page of everything that belongs to a user. */
function empty(): void {
  folderScreen?.stop();
  folderScreen = null;
  thumbnails.clear();
  clearTimeout(keyTimer);
  clearInterval(minutesTimer);
  bar.replaceChildren();
  main.replaceChildren();
  say("");
}

/** Asks who is logged in and shows the screen that follows. */
async function start(notice = ""): Promise<void> {
  try {
    session = await fetchSession();
  } catch (error) {
    empty();
    main.replaceChildren(unreachableScreen(refusalText(error)));
    return;
  }
  if (session === null) showAccess(notice);
  else if (session.key_expires === null) showRaise();
  else showFolder();
}

function unreachableScreen(text: string): HTMLElement {
  return element(
    "form",
    {
      className: "card",
      onsubmit: (event: Event) => {
        event.preventDefault();
        start();
      },
    },
    element("h1", {}, messages.title),
    element("p", { role: "alert" }, text),
    element("button", { type: "submit", className: "primary" }, messages.retry),
  );
}

function showAccess(notice = ""): void {
  session = null;
  empty();
  document.title = messages.title;
  main.replaceChildren(accessScreen(notice, () => start()));
  main.querySelector("input")?.focus();
}

function showHeader(): void {
  clearInterval(minutesTimer);
  if (session === null) return;
  const { content, update } = header(session, {
    logOut: leave,
    passwordChanged: () => showAccess(messages.passwordChanged),
  });
  bar.replaceChildren(content);
  minutesTimer = setInterval(update, MINUTES_MS);
}

function showRaise(): void {
  empty();
  showHeader();
  const form = raiseForm(messages.raiseFor, () => start(), sessionEnded);
  main.replaceChildren(
    element("div", { className: "card" }, element("h1", {}, messages.title), form),
  );
  form.querySelector("button")?.focus();
}

function showFolder(): void {
  showHeader();
  watchKey();
  if (folderScreen === null) {
    folderScreen = new FolderScreen(thumbnails, {
      keyEnded: () => keyEnded(),
      pictureFailed: async () => {
        try {
          if (!await isKeyLive()) keyEnded();
        } catch (error) {
          say(refusalText(error));
        }
      },
    });
    main.replaceChildren(folderScreen.root);
  }
  thumbnails.resume();
  folderScreen.go(readPlace(location.hash));
}

/** Notices by itself when the key ends. */
function watchKey(): void {
  clearTimeout(keyTimer);
  if (!session?.key_expires) return;
  const left = session.key_expires * 1000 - Date.now();
  keyTimer = setTimeout(() => keyEnded(), Math.min(LONGEST_TIMER_MS, Math.max(0, left) + 500));
}

/** The key has ended: nothing more is asked for, and the place stays until it is raised again. */
async function keyEnded(): Promise<void> {
  thumbnails.pause();
  folderScreen?.stop();
  if (main.querySelector(".ended") !== null) return;
  const banner = element("div", { className: "ended", role: "alert" });
  main.prepend(banner);
  let isKnown = true;
  try {
    session = await fetchSession();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    isKnown = false;
  }
  if (session === null) return sessionEnded();
  if (isKnown && session.key_expires !== null) {
    // It was raised elsewhere meanwhile.
    banner.remove();
    showHeader();
    return resume();
  }
  showHeader();
  banner.append(raiseForm(messages.keyEnded, async () => {
    session = await fetchSession();
    banner.remove();
    showHeader();
    resume();
  }, sessionEnded));
}

/** Goes on where the key ended. */
function resume(): void {
  watchKey();
  thumbnails.resume();
  folderScreen?.reload();
}

function sessionEnded(): void {
  showAccess(messages.sessionEnded);
}

async function leave(): Promise<void> {
  try {
    await logOut();
  } catch (error) {
    return say(refusalText(error));
  }
  history.replaceState(null, "", "#/");
  showAccess(messages.loggedOut);
}

document.documentElement.lang = language;
// The viewer can be left by Back only where it was opened from its folder.
main.addEventListener("click", (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a.picture");
  if (link === null || event.defaultPrevented) return;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
    return;
  }
  event.preventDefault();
  history.pushState({ fromFolder: true }, "", link.hash);
  folderScreen?.go(readPlace(link.hash));
});
addEventListener("hashchange", () => {
  if (folderScreen !== null && main.querySelector(".ended") === null) {
    folderScreen.go(readPlace(location.hash));
  }
});
// A page restored by Back shows nothing before the session is known to be alive.
addEventListener("pagehide", () => document.body.classList.add("away"));
addEventListener("pageshow", async (event) => {
  if (event.persisted) await start(messages.sessionEnded);
  document.body.classList.remove("away");
});
await start();
