/** What keys do in the browser, on a screen within the test's own process; and its numbered list. */
import { assert, assertEquals } from "@std/assert";
import { browseImages } from "../../../lib/client/browser/mod.ts";
import { chooseByNumber, LISTED } from "../../../lib/client/browser/numbered_list.ts";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import { byteSize } from "../../../lib/text/byte_size.ts";
import type { Session } from "../../../lib/client/session.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";
import { runClient } from "../support/client_run.ts";
import { photoRoutes, photos } from "../support/photo_routes.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { response, startWireServer, type WireRequest } from "../support/wire_server.ts";

const { en } = CATALOGUES;
const sample = Deno.readFileSync(new URL("../../../images/image.jpg", import.meta.url));
const png = Deno.readFileSync(new URL("../../picture/fixtures/rgb8.png", import.meta.url));
const text = new TextEncoder().encode("no picture");

/** A server, a client with a raised privilege there, and its terminal in the browser. */
async function scene(
  images: Record<string, Uint8Array>,
  { folder = "", pages, size, graphics = "blocks", saveDirectory, before = () => {} }: {
    size?: { readonly columns: number; readonly rows: number };
    graphics?: "blocks" | "auto";
    folder?: string;
    /** Where images are saved. */
    saveDirectory?: string;
    /** What is listed, in place of the images. */
    pages?: readonly unknown[];
    /** What happens before a request is answered; a response takes the place of the right one. */
    before?: (request: WireRequest) => void | Uint8Array | Promise<void>;
  } = {},
) {
  const data = temporaryFolder();
  const routes = photoRoutes({ ...photos(images), users: new Map([["1", "1"]]) });
  const server = startWireServer(async (request, conn) => {
    const other = await before(request);
    if (other) return other;
    if (pages !== undefined && request.target.startsWith("/list")) {
      const { after } = Object.fromEntries(new URLSearchParams(request.target.split("?")[1]));
      return response("200 OK", JSON.stringify(pages[Number(after ?? 0)]));
    }
    return await routes(request, conn);
  });
  const at = ["127.0.0.1", `${server.port}`, "--lang", "en", "--graphics", graphics];
  await runClient(at, { data: data.path }, "2\n1\n1\n3\n");
  const terminal = new FakeTerminal([...at, "browse", folder], {
    data: data.path,
    saveDirectory,
    ...size,
  });
  return {
    terminal,
    server,
    data: data.path,
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      data[Symbol.dispose]();
    },
  };
}

/** Images of names that sort as they are given. */
const named = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, text] as const));

/** Fifteen images: more than the twelve of a sheet of 80 × 24, four across and three down. */
const MANY = named(...Array.from({ length: 15 }, (_, i) => `${i + 10}.jpg`));

Deno.test("the selection moves over the sheet, and the sheet with it", async () => {
  await using here = await scene(MANY);
  const { terminal } = here;
  await terminal.shows("[10.jpg]", "21.jpg", "15 images");
  const steps: [keys: string, selected: string][] = [
    ["\x1b[C", "11"],
    ["l", "12"],
    ["\x1b[D", "11"],
    ["h", "10"],
    ["h", "10"],
    ["\x1b[B", "14"],
    ["j", "18"],
    ["k", "14"],
    ["\x1b[A", "10"],
    ["k", "10"],
    ["G", "24"],
    ["\x1b[H", "10"],
    ["\x1b[F", "24"],
    ["g", "10"],
    [" ", "22"],
    ["\x1b[5~", "10"],
    ["\x1b[6~", "22"],
    ["l", "23"],
    // Up and down stay in their column, and below the last row there is nothing.
    ["l", "24"],
    ["j", "24"],
    ["k", "20"],
    ["l", "21"],
    ["j", "24"],
    ["h", "23"],
    ["j\x1b[D", "22"],
    ["jl", "23"],
    ["\x1b[H", "10"],
    ["l", "11"],
    ["k\x1b[C", "12"],
    ["G", "24"],
    ["h", "23"],
  ];
  for (const [keys, selected] of steps) {
    await terminal.press(keys, `[${selected}.jpg]`);
    assertEquals(terminal.screen.join("").match(/\[\d\d\.jpg\]/g), [`[${selected}.jpg]`]);
  }
  assert(!terminal.screen.join("").includes("10.jpg"), "the first row has left");
  // Drawn piece by piece, it is as if drawn at once; a window of another size has its own sheet.
  const drawn = terminal.screen;
  await terminal.press("t", "▸ 23.jpg");
  await terminal.press("t", "[23.jpg]");
  assertEquals(terminal.screen, drawn);
  terminal.resize(40, 12);
  await terminal.press("t", "▸ 23.jpg", "15.jpg");
  assert(terminal.screen[11].trim() !== "", "the keys");
  await terminal.press("t", "[23.jpg]");
  terminal.types("q");
  assertEquals(await terminal.ended(), 0);
});

Deno.test("folders are opened and left, and the one that was left is selected", async () => {
  await using here = await scene(named("a/b/c.jpg", "a/d.jpg", "y/e.jpg", "z.jpg"));
  const { terminal } = here;
  await terminal.shows("[a/]", "z.jpg");
  await terminal.press("\r", "[b/]", "d.jpg");
  assert(terminal.screen[0].startsWith(" a  "));
  await terminal.press("\r", "[c.jpg]");
  assert(terminal.screen[0].startsWith(" a/b  "));
  await terminal.press("u", "[b/]");
  await terminal.press("\x7f", "[a/]");
  assert(terminal.screen[0].startsWith(" /  "));
  await terminal.press("l", "[y/]");
  await terminal.press("\r", "[e.jpg]");
  await terminal.press("u", "[y/]", en.browserKeys);
  // Nothing is above the first folder.
  await terminal.press("ul", "[z.jpg]");
  assertEquals(here.server.requests.filter(({ target }) => target.startsWith("/list")).length, 7);
});

Deno.test("a search shows what it finds, and its end everything", async () => {
  await using here = await scene(named("apple.jpg", "Banana.jpg", "cherry.jpg"));
  const { terminal } = here;
  await terminal.shows("[Banana.jpg]", en.browserSearch);
  await terminal.press("/", "/▏");
  await terminal.press("AP", "/AP▏", "[apple.jpg]");
  await terminal.hides("Banana", "cherry");
  await terminal.press("\x7f", "/A▏", "Banana");
  // Keys that move have no meaning in a word.
  await terminal.press("\x1b[5~zz", "/Azz▏", en.browserNoMatch);
  await terminal.press("\r", "/Azz ".trim());
  await terminal.hides("▏");
  await terminal.press("\x1b", "cherry", en.browserSearch);
  await terminal.press("/\x1b[200~cher\x1b[201~\t", "/cher", "[cherry.jpg]");
  await terminal.hides("▏", "apple");
  await terminal.press("/", "/cher▏");
  await terminal.press("\x1b", en.browserSearch, "apple", "Banana", "cherry");
  await terminal.press("/xy\x15", "/▏", "apple", "Banana", "cherry");
  await terminal.press("\x7f", en.browserSearch);
  await terminal.hides("▏");
});

Deno.test("a list of names has their sizes and dates, and other orders", async () => {
  await using here = await scene({}, {
    pages: [{
      folders: [{ name: "none", images: null }, { name: "no", images: 0 }, {
        name: "some",
        images: 7,
      }],
      images: [
        { url: "a.jpg", type: "image/jpeg", bytes: 1024, modified: 1e9 },
        { url: "b.jpg", type: "image/jpeg", bytes: 5, modified: null },
        { url: "c.jpg", type: "image/jpeg", bytes: 2048, modified: 1.5e9 },
      ],
      next: null,
    }],
  });
  const { terminal } = here;
  await terminal.shows("[none/]", "3 images · 3.00 KiB");
  await terminal.press("t", "▸ none/");
  const lines = () =>
    terminal.screen.slice(1, 7).map((line) =>
      line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, "(when)").replace(/\s+/g, " ")
    );
  const folders = ["▸ none/", " no/", " some/ 7"];
  const [a, b, c] = [" a.jpg 1.00 KiB (when)", " b.jpg 5 B", " c.jpg 2.00 KiB (when)"];
  assertEquals(lines(), [...folders, a, b, c]);
  await terminal.press("j", "▸ no/");
  await terminal.press("r", en.browserSorted("date"), "▸ none/");
  assertEquals(lines(), [...folders, c, a, b]);
  await terminal.press("r", en.browserSorted("size"));
  assertEquals(lines(), [...folders, c, a, b]);
  await terminal.press("jr", en.browserSorted("name"), "▸ none/");
  assertEquals(lines(), [...folders, a, b, c]);
  await terminal.press("G", "▸ c.jpg");
  await terminal.press("t", "[c.jpg]");
  assert(terminal.screen.join("\n").includes(" 7"));
});

Deno.test("a folder without images says so, and its keys do nothing", async () => {
  await using here = await scene({});
  const { terminal } = here;
  await terminal.shows(en.browserEmpty, "0 images");
  await terminal.press("jlG \rsi/x", "/x▏", en.browserNoMatch);
  await terminal.press("\x1bt", en.browserEmpty);
});

Deno.test("an image is saved where the client runs, or a sentence says why not", async () => {
  using folder = temporaryFolder();
  const working = `${folder.path}/working`, saved = (name: string) => `${working}/${name}`;
  const images = { "f/a.png": png, "f/b.png": png };
  await using here = await scene(images, { folder: "f", saveDirectory: working });
  const { terminal } = here;
  await terminal.shows("[a.png]");
  await terminal.press("s", en.imageWritten("a.png", byteSize(png.length)));
  assertEquals(Deno.readFileSync(saved("a.png")), png);
  await terminal.press("l", "[b.png]", en.browserKeys);
  await terminal.press("\r", en.browserViewKeys);
  await terminal.press("s", en.imageWritten("b.png", byteSize(png.length)));
  assertEquals(Deno.readFileSync(saved("b.png")), png);
  Deno.writeTextFileSync(saved("b.png"), "another");
  await terminal.press("s", en.imageWritten("b (2).png", byteSize(png.length)));
  assertEquals(Deno.readTextFileSync(saved("b.png")), "another");
  assertEquals([...Deno.readDirSync(working)].length, 3);
  // A file stands where the directory was.
  Deno.removeSync(working, { recursive: true });
  Deno.writeTextFileSync(working, "");
  await terminal.press("s", en.outputFileFailed("b.png", "").slice(0, 12));
  await terminal.press("qu", "[f/]");
  await terminal.press("si/", "/▏");
});

Deno.test("a panel says what the list and the file know, until a key is pressed", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const pages = [{
    folders: [],
    images: [
      { url: "a.png", type: "image/png", bytes: 9, modified: 1e9, width: 30, height: 20 },
      { url: "b.png", type: "", bytes: 7, modified: null, width: null, height: 20 },
      { url: "c.jpg", type: "image/jpeg", bytes: 7, modified: null, width: 30, height: null },
    ],
    next: null,
  }];
  await using here = await scene({ "a.png": png, "c.jpg": sample.slice(0, 3) }, {
    pages,
    before: ({ target }) => target === "/images?url=a.png" ? held : undefined,
  });
  const { terminal } = here;
  const { browserFacts: facts } = en;
  await terminal.shows("[a.png]");
  assert(terminal.written.includes("30×20") && !terminal.written.includes("null"));
  // A thumbnail that comes while a panel is open is drawn after it.
  await terminal.hides("30×20");
  await terminal.press(
    "i",
    "30×20 · image/png · 9 B",
    facts.size,
    facts.changed,
    en.browserLoading,
  );
  release();
  await terminal.shows(en.browserNoFacts);
  await terminal.hides(en.browserLoading);
  await terminal.press("x", en.browserKeys);
  await terminal.hides(en.browserNoFacts);
  await terminal.press("li", en.imageNotFound("b.png"), "7 B");
  await terminal.hides(facts.changed);
  assert(terminal.screen.some((row) => row.includes(`${facts.size}   7 B  `)), "no empty parts");
  await terminal.press("x", "[b.png]");
  await terminal.press("li", en.browserNoFacts, "image/jpeg · 7 B");
  await terminal.press("x", "[c.jpg]");
});

Deno.test("? shows all keys, over the sheet and over an image", async () => {
  await using here = await scene({ "a.png": png });
  const { terminal } = here;
  await terminal.shows("[a.png]");
  await terminal.press("?", "PgUp");
  await terminal.press("x", "[a.png]", en.browserKeys);
  await terminal.hides("PgUp");
  await terminal.press("\r", en.browserViewKeys);
  await terminal.press("?", "PgUp");
  await terminal.press("x", en.browserViewKeys);
  await terminal.hides("PgUp", "[a.png]");
});

/** A server's pages: images alone, of these names. */
const listed = (next: string | null, ...urls: string[]) => ({
  folders: [],
  images: urls.map((url) => ({ url, type: "image/png", bytes: 9, modified: 1e9 })),
  next,
});

Deno.test("images are looked through one after the other, folders left out", async () => {
  await using here = await scene({
    "a/x.png": png,
    "b.png": png,
    "c.png": text,
    "d.png": png,
  });
  const { terminal } = here;
  const viewed = (name: string) =>
    here.server.requests.some(({ target }) =>
      target.startsWith("/images") && target.includes(`url=${encodeURIComponent(name)}`)
    );
  await terminal.shows("[a/]", "d.png");
  await terminal.press("l", "[b.png]");
  await terminal.press("\r", en.browserViewKeys);
  // There is no image before the first.
  terminal.types("p\x1b[D");
  await terminal.press("n", en.browserUndrawn);
  await terminal.press("l", en.browserViewKeys);
  await terminal.press("q", "[d.png]");
  await terminal.press("\r", en.browserViewKeys);
  await terminal.press(" ?", "PgUp");
  await terminal.press("x", en.browserViewKeys);
  await terminal.press("\x1b[A", en.browserUndrawn);
  await terminal.press("\x1b[5~", en.browserViewKeys);
  await terminal.press("\x1b", "[b.png]");
  await terminal.press("\r", en.browserViewKeys);
  await terminal.press("\x1b[6~", en.browserUndrawn);
  await terminal.press("h", en.browserViewKeys);
  await terminal.press("\x1b[B", en.browserUndrawn);
  await terminal.press("k\r", "[b.png]");
  await terminal.press("G\r", en.browserViewKeys);
  await terminal.press("\x7f", "[d.png]", en.browserKeys);
  assertEquals(["b.png", "c.png", "d.png", "a/x.png"].map(viewed), [true, true, true, false]);
});

Deno.test("an image is zoomed, and takes the last line if asked to", async () => {
  await using here = await scene({ "a.jpg": sample, "b.jpg": sample });
  const { terminal } = here;
  const zoomKeys = en.browserZoomKeys.slice(0, 30);
  await terminal.shows("[a.jpg]");
  await terminal.press("\r", en.browserViewKeys);
  // It has all rows but the last.
  await terminal.until((screen) => !screen.split("\n").includes(""), "a picture");
  const whole = terminal.screen;
  assert(!whole[0].includes("images"), "nothing is left of the sheet");
  await terminal.press("+", zoomKeys);
  await terminal.until((screen) => screen.split("\n")[11] !== whole[11], "a part");
  const part = terminal.screen;
  terminal.types("l");
  await terminal.until((screen) => screen.split("\n")[11] !== part[11], "the next part");
  const right = terminal.screen;
  terminal.types("j");
  await terminal.until((screen) => screen.split("\n")[11] !== right[11], "the part below");
  await terminal.press("=-_", en.browserViewKeys);
  await terminal.press("=", zoomKeys);
  await terminal.press("0", en.browserViewKeys);
  await terminal.until((screen) => !screen.split("\n").includes(""), "a picture");
  terminal.types("f");
  await terminal.hides(en.browserViewKeys);
  await terminal.until((screen) => screen.split("\n")[23].trim() !== "", "a picture in every row");
  // It stays so for the next one, and a sentence takes the line for the moment.
  terminal.types("n");
  await terminal.until((screen) => screen.split("\n")[23].trim() !== "", "a picture in every row");
  await terminal.press("f", en.browserViewKeys);
});

Deno.test("whatever ends the browser gives the screen back", async () => {
  for (const end of ["q", "\x04"]) {
    await using here = await scene(named("a.jpg"));
    await here.terminal.shows("[a.jpg]");
    here.terminal.types(end);
    assertEquals(await here.terminal.ended(), 0);
    assert(here.terminal.written.endsWith("\x1b[0m\x1b[?25h\x1b[?1049l"));
  }
  await using here = await scene(named("a.jpg"));
  await here.terminal.shows("[a.jpg]");
  await here.terminal[Symbol.asyncDispose]();
  assert(here.terminal.written.endsWith("\x1b[0m\x1b[?25h\x1b[?1049l"));
});

Deno.test("what fails is a sentence in the last line, until the next key", async () => {
  await using here = await scene({}, {
    pages: [{ ...listed(null, "a.png", "b.png"), folders: [{ name: "f", images: 1 }] }],
    before({ target }) {
      if (target.includes("folder=f")) throw new Error("closed");
    },
  });
  const { terminal } = here;
  await terminal.shows("[f/]", "b.png");
  await terminal.press("\r", en.connectionLost.slice(0, 60));
  assertEquals(terminal.screen[1].includes("┌"), true, "the sheet stays");
  await terminal.press("l", "[a.png]", en.browserKeys);
  await terminal.press("\r", en.imageNotFound("a.png"));
  await terminal.press("n", en.imageNotFound("b.png"));
  await terminal.press("q", "[b.png]", en.browserKeys);
  await terminal.press("s", en.imageNotFound("b.png"));
  await terminal.press("z", "[b.png]", en.browserKeys);
});

Deno.test("the rest of a list arrives while the sheet is looked at", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const names = (from: number) => Array.from({ length: 20 }, (_, i) => `${from + i}.png`);
  await using here = await scene({}, {
    pages: [listed("1", ...names(10)), listed("2", ...names(30)), listed(null, "x.png")],
    before: ({ target }) => target.includes("after=1") ? held : undefined,
  });
  const { terminal } = here;
  await terminal.shows("[10.png]", en.browserCounts(20, "180 B"));
  const { length } = terminal.written;
  release();
  await terminal.shows(en.browserCounts(41, "369 B"));
  assert(!terminal.written.slice(length).includes("\x1b[2J"), "nothing else is drawn anew");
  await terminal.press("G", "[x.png]");
});

Deno.test("a list that breaks off says so, and shows what it has", async () => {
  await using here = await scene({}, {
    pages: [listed("1", "a.png")],
    before({ target }) {
      if (target.includes("after=1")) throw new Error("closed");
    },
  });
  const { terminal } = here;
  await terminal.shows("[a.png]", en.connectionLost.slice(0, 60));
  await terminal.press("l", "[a.png]", en.browserKeys);
});

Deno.test("pixels stand in the middle of their tile and of the screen, and under no panel", async () => {
  await using here = await scene({ "a.png": png, "b.png": png }, { graphics: "auto" });
  const { terminal } = here;
  const middle = (all: number, part: number) => Math.floor((all - part) / 2);
  await terminal.until(() => terminal.pictures.length === 2, "two pictures");
  for (
    const [i, { row, column, columns, rows }] of terminal.pictures.toSorted((a, b) =>
      a.column - b.column
    ).entries()
  ) {
    const top = terminal.screen.findIndex((line) => line.includes("┌") || line.includes("┏")) + 1;
    const bottom = terminal.screen.findIndex((line) => line.includes("[a.png]")) + 1;
    const lefts = [...terminal.screen[top - 1]].flatMap((c, at) =>
      "┌┏".includes(c) ? [at + 1] : []
    );
    const right = [...terminal.screen[top - 1]].findIndex((c) => "┐┓".includes(c)) + 1;
    const width = right - lefts[0] - 1, height = bottom - top - 1;
    assertEquals(row, top + 1 + middle(height, rows));
    assertEquals(column, lefts[i] + 1 + middle(width, columns));
  }
  await terminal.press("?", "PgUp");
  assertEquals(terminal.pictures, []);
  await terminal.press("x", "[a.png]");
  await terminal.until(() => terminal.pictures.length === 2, "two pictures");
  await terminal.press("\r", en.browserViewKeys.slice(0, 20));
  await terminal.until(() => terminal.pictures.length === 1, "one picture");
  await terminal.until(() => {
    const [{ row, column, columns, rows }] = terminal.pictures;
    return row === 1 + middle(23, rows) && column === 1 + middle(80, columns) && rows > 12;
  }, "a picture in the middle");
  const { rows } = terminal.pictures[0];
  terminal.types("f");
  await terminal.until(() => terminal.pictures[0]?.rows === rows + 1, "one more row");
  terminal.types("f");
  await terminal.until(() => terminal.pictures[0]?.rows === rows, "a row for the keys");
  await terminal.press("q", "[a.png]");
  await terminal.until(() => terminal.pictures.length === 2, "two pictures");
  terminal.types("q");
  await terminal.ended();
  assertEquals(terminal.pictures, []);
  assert(!here.server.requests.some(({ target }) => target.includes("undefined")));
});

Deno.test("a list that arrives under an image is not drawn over it", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  await using here = await scene({ "a.png": png }, {
    pages: [listed("1", "a.png"), listed("2", "b.png"), listed(null, "c.png")],
    before: ({ target }) => target.includes("after=1") ? held : undefined,
  });
  const { terminal, server } = here;
  await terminal.shows("[a.png]", "1 image");
  await terminal.press("\r", en.browserViewKeys.slice(0, 20));
  const { length } = terminal.written;
  release();
  const isListed = () => server.requests.some(({ target }) => target.includes("after=2"));
  while (!isListed()) await server.asked(server.requests.length + 1);
  await terminal.press("?", "PgUp");
  assert(!terminal.written.slice(length).includes("b.png"));
  await terminal.press("x", en.browserViewKeys.slice(0, 20));
  await terminal.press("q", "[a.png]", "c.png", "3 images");
});

Deno.test("a folder that takes its time says so", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  await using here = await scene(named("f/a.jpg", "g/b.jpg"), {
    before: ({ target }) => target.includes("folder=f") ? held : undefined,
  });
  const { terminal } = here;
  await terminal.shows("[f/]", "g/");
  await terminal.press("\r", en.browserLoading);
  // Another one that is opened meanwhile is the one that is shown.
  await terminal.press("l", "[g/]");
  await terminal.press("\r", en.browserLoading);
  release();
  await terminal.shows("[b.jpg]");
  assert(!terminal.written.includes("a.jpg"));
});

Deno.test("the first image is reached from the second, and what follows is fetched ahead", async () => {
  await using here = await scene({ "a.png": png, "b.png": png });
  const { terminal, server } = here;
  await terminal.shows("[a.png]", "b.png");
  await terminal.press("\r", en.browserViewKeys.slice(0, 20));
  while (!server.requests.some(({ target }) => target.includes("url=b.png"))) {
    await server.asked(server.requests.length + 1);
  }
  terminal.types("n");
  await terminal.press("q", "[b.png]");
  await terminal.press("\r", en.browserViewKeys.slice(0, 20));
  terminal.types("k");
  await terminal.press("q", "[a.png]");
});

Deno.test("a privilege that ran out is said once, and P raises it again", async () => {
  let raises = 0;
  await using here = await scene({ "a.png": png, "b.png": png }, {
    before({ method, target }) {
      // The first time is before the browser.
      if (target === "/privilege" && ++raises === 2) {
        return response("403 Forbidden", "FORBIDDEN");
      }
      const isOver = raises < 3 && method === "GET" && target.startsWith("/images");
      return isOver ? response("401 Unauthorized", "INVALID_KEY") : undefined;
    },
  });
  const { terminal } = here;
  const start = (sentence: string) => sentence.slice(0, 24);
  await terminal.shows("[a.png]", start(en.browserNoKey));
  await terminal.press("P", start(en.forbidden));
  await terminal.press("\r", start(en.browserNoKey));
  await terminal.press("P", start(en.keyExpires("")));
  await terminal.until((screen) => /[▀▌]/.test(screen), "the image");
  await terminal.press("q", "[a.png]");
  await terminal.until((screen) => screen.split(/[▀▌]/).length > 12, "the thumbnails");
});

Deno.test("keys that do not fit into a small window are shown in parts", async () => {
  await using here = await scene({ "a.png": png }, { size: { columns: 60, rows: 10 } });
  const { terminal } = here;
  await terminal.shows("[a.png]");
  await terminal.press("?", en.browserMore);
  const first = terminal.screen.join("\n");
  terminal.types(" ");
  await terminal.until((screen) => screen !== first, "another part");
  for (let part = 0; terminal.screen[9].includes(en.browserMore); part++) {
    assert(part < 9);
    const before = terminal.screen.join("\n");
    terminal.types(" ");
    await terminal.until((screen) => screen !== before, "another part");
  }
  await terminal.press(" ", "[a.png]");
  await terminal.hides(en.browserBack);
  for (const back of ["q", "\x1b"]) {
    await terminal.press("?", en.browserMore);
    await terminal.press(back, "[a.png]");
    await terminal.hides(en.browserMore);
  }
});

Deno.test("a terminal that has gone ends the browser", async () => {
  await using here = await scene(named("a.jpg"));
  const { terminal } = here;
  await terminal.shows("[a.jpg]");
  terminal.isBroken = true;
  // The first key is drawn in vain, and the next one finds that out.
  terminal.types("?");
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (let i = 0; i < 9; i++) terminal.types("?");
  await terminal.ended();
});

/** A choice from a numbered list of these pages. */
async function choose(pages: readonly unknown[], ...answers: (string | null)[]) {
  const said: string[] = [];
  let asked = 0;
  const session = {
    messages: en,
    screen: { say: (text: string) => Promise.resolve(void said.push(text)) },
    server: { list: () => Promise.resolve(pages[asked++]) },
    ask: () => Promise.resolve(answers.shift()!),
  } as unknown as Session;
  const chosen = await chooseByNumber(session, "");
  return { chosen, asked, said: said.join("\n") };
}

Deno.test("a numbered list takes a number, a name or nothing", async () => {
  const page = listed(null, "a.png", "b.png");
  assertEquals((await choose([page], "2")).chosen, "b.png");
  assertEquals((await choose([page], " 1 ")).chosen, "a.png");
  for (const name of ["c.png", "0", "3", "1234567"]) {
    assertEquals((await choose([page], name)).chosen, name);
  }
  for (const nothing of ["", " ", null]) assertEquals((await choose([page], nothing)).chosen, null);
  const { chosen, said } = await choose([listed(null)]);
  assertEquals([chosen, said], [null, en.browserEmpty]);
  const folder = { folders: [{ name: "f", images: 1 }], images: [], next: null };
  assertEquals((await choose([folder, page], "1", "2")).chosen, "b.png");
  const half = Array.from({ length: LISTED / 2 }, (_, i) => `${i}.png`);
  const long = await choose([listed("1", ...half), listed("2", ...half), page], "");
  assertEquals([long.asked, long.said.split("\n").length], [2, LISTED]);
});

Deno.test("a server that goes away while an image is awaited is a sentence below it", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  await using here = await scene({ "a.png": png, "b.png": png }, {
    before: ({ target }) => target.includes("url=b.png") ? held : undefined,
  });
  const { terminal, server } = here;
  await terminal.shows("[a.png]");
  await terminal.press("\r", en.browserViewKeys.slice(0, 20));
  await terminal.press("n", en.browserLoading);
  server.stop();
  await terminal.shows(`127.0.0.1:${server.port}`);
  await terminal.press("q", "[b.png]");
  terminal.types("q");
  assertEquals(await terminal.ended(), 0);
  release();
});

Deno.test("an image of the numbered list is asked for again, however old it is here", async () => {
  const asked: unknown[] = [];
  const session = {
    messages: en,
    input: { canEdit: false },
    screen: { say: () => Promise.resolve() },
    server: {
      checkKey: () => Promise.resolve(),
      list: () => Promise.resolve(listed(null, "a.png")),
    },
    ask: () => Promise.resolve("1"),
    find(...words: unknown[]) {
      asked.push(words);
      return Promise.resolve({ image: {}, url: "a.png" });
    },
    show: () => Promise.resolve(""),
  } as unknown as Session;
  await browseImages(session, "");
  assertEquals(asked, [["a.png", true]]);
});
