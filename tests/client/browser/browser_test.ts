/** The browser on a pseudo-terminal and in a pipe, against a server of the contract. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import { withExif } from "../support/exif.ts";
import { hasPseudoTerminal, startOnTerminal } from "../support/client_process.ts";
import { runClient } from "../support/client_run.ts";
import { startOriginalServer } from "../support/original_server.ts";
import { photoRoutes, photos } from "../support/photo_routes.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { response, startWireServer, type WireRequest } from "../support/wire_server.ts";

const { ko } = CATALOGUES;
const sample = Deno.readFileSync(new URL("../../../images/image.jpg", import.meta.url));

/** The sample, as taken by a camera whose name would change the colour of the terminal. */
const photograph = withExif(sample, { image: { 0x0110: "ILCE\x1b-7M3" } });

const ALBUM = {
  "a.jpg": photograph,
  "b.gif": new TextEncoder().encode("broken"),
  "여행/바다.jpg": sample,
  "여행/산.jpg": sample,
};

/** @param before what happens before a request is answered */
async function scene(
  images: Record<string, Uint8Array> = ALBUM,
  before: (request: WireRequest) => Promise<void> | undefined = () => undefined,
) {
  const folder = temporaryFolder();
  const routes = photoRoutes({ ...photos(images), users: new Map([["1", "1"]]) });
  const server = startWireServer(async (request, conn) => {
    await before(request);
    return await routes(request, conn);
  });
  const address = ["127.0.0.1", `${server.port}`];
  // Else the terminal is asked, and `script` does not reply.
  const at = [...address, "--graphics", "blocks"];
  await runClient(at, { data: folder.path }, "2\n1\n1\n3\n");
  return {
    server,
    address,
    at,
    data: folder.path,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const terminalTest = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, ignore: !hasPseudoTerminal });

terminalTest(
  "a sheet of thumbnails is looked through with keys, and the screen is given back",
  async () => {
    await using here = await scene();
    const client = startOnTerminal([...here.at, "browse"], { data: here.data }, "; stty -a");
    await client.shows("\x1b[?1049h");
    await client.shows("[여행/]");
    await client.shows("\x1b[38;2;");
    await client.types("\x1b[C");
    await client.shows("[a.jpg]");
    await client.types("\r");
    await client.shows("←→");
    await client.types("i");
    await client.shows("640×480 · image/jpeg · 130 KiB");
    await client.shows("ILCE\\x1b-7M3");
    await client.types("x");
    await client.shows(ko.browserViewKeys);
    await client.types("+");
    await client.shows(ko.browserZoomKeys);
    await client.types("\x1b[C");
    await client.shows("\x1b[38;2;");
    await client.types("0");
    await client.shows(ko.browserViewKeys);
    await client.types("f");
    await client.shows("\x1b[24;1H ");
    await client.types("q");
    await client.shows("[a.jpg]");
    await client.types("\x1b[D\r");
    await client.shows("[바다.jpg]");
    await client.types("/산\r");
    await client.shows("[산.jpg]");
    await client.types("\x1b");
    // What was found stays selected among the others.
    await client.shows("바다.jpg");
    await client.shows("[산.jpg]");
    await client.types("u");
    await client.shows("[여행/]");
    await client.types("?");
    await client.shows("PgUp");
    await client.shows(ko.browserBack);
    await client.types("x");
    await client.shows("[여행/]");
    await client.types("q");
    await client.shows("\x1b[?25h\x1b[?1049l");
    await client.shows(" echo ");
    assertEquals((await client.ended()).code, 0);
  },
);

terminalTest(
  "an empty answer at 4 opens the sheet, and leaving it leads back to the menu",
  async () => {
    await using here = await scene();
    const client = startOnTerminal(here.at, { data: here.data });
    await client.shows("> ");
    await client.types("4\r");
    await client.shows(ko.askUrl);
    await client.types("\r");
    await client.shows("\x1b[?1049h");
    await client.shows("[여행/]");
    await client.types("q");
    await client.shows("\x1b[?1049l");
    await client.shows("> ");
    // So does a folder, as Tab completes it.
    await client.types("4\r");
    await client.shows(ko.askUrl);
    await client.types("./여행/\r");
    await client.shows("[바다.jpg]");
    await client.types("q");
    await client.shows("\x1b[?1049l");
    await client.shows("> ");
    await client.types("99\r");
    await client.shows(ko.goodbye);
    assertEquals((await client.ended()).code, 0);
  },
);

terminalTest("in a terminal that draws pixels, each picture is deleted by its id", async () => {
  await using here = await scene();
  const client = startOnTerminal([...here.address, "browse", "여행"], { data: here.data });
  await client.shows("\x1b[c");
  await client.types("\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;22c");
  const sent: string[] = [];
  const shows = async (command: string) => {
    await client.shows(`\x1b_G${command},q=2,i=`);
    const [id] = client.screen.slice(client.seen).match(/^\d+/)!;
    sent.push(id);
    return id;
  };
  const sea = await shows("a=T,f=100"), hill = await shows("a=T,f=100");
  assertNotEquals(sea, hill);
  await client.types("t");
  await client.shows("\x1b[?1049h");
  await client.types("t");
  await shows("a=T,f=100");
  await shows("a=T,f=100");
  await client.types("i");
  await shows("a=d,d=i");
  await shows("a=d,d=i");
  await client.shows("640×480");
  await client.types("x\r");
  // The view is the last that is sent: its PNG is as wide as the screen.
  await client.shows(ko.browserViewKeys);
  await client.types("q");
  await client.shows(ko.browserKeys);
  await client.types("q");
  await client.shows("\x1b[?1049l");
  assertEquals((await client.ended()).code, 0);
  assertEquals(leftOver(client.screen), []);
});

terminalTest("sixels need the size of a cell: without it, pictures are characters", async () => {
  await using here = await scene();
  const client = startOnTerminal([...here.address, "browse", "여행"], { data: here.data });
  await client.shows("\x1b[c");
  await client.types("\x1b[?62;4;22c");
  await client.shows("\x1b[38;2;");
  await client.types("q");
  const { code, stdout } = await client.ended();
  assertEquals([code, stdout.includes("\x1bP0;1;0q")], [0, false]);
});

/** The pictures that a terminal of kitty's protocol still has. */
function leftOver(screen: string): string[] {
  const had = new Set<string>();
  // deno-lint-ignore no-control-regex -- the commands of the protocol
  for (const [, keys] of screen.matchAll(/\x1b_G([^;\x1b]*)/g)) {
    const id = /(?:^|,)i=(\d+)/.exec(keys)?.[1];
    if (id === undefined || keys.includes("a=q")) continue;
    if (keys.startsWith("a=T")) had.add(id);
    else if (keys.includes("d=I")) had.delete(id);
  }
  return [...had];
}

terminalTest("what is selected stays so while a list by size still arrives", async () => {
  const rest = Promise.withResolvers<void>();
  const bytes = (length: number) => new Uint8Array(length);
  await using here = await scene(
    { "a.jpg": bytes(1), "b.jpg": bytes(2), "c.jpg": bytes(3), "d.jpg": bytes(9) },
    ({ target }) => target.includes("after=") ? rest.promise : undefined,
  );
  const client = startOnTerminal([...here.at, "browse"], { data: here.data });
  await client.shows("[a.jpg]");
  await client.types("rr");
  await client.shows("[c.jpg]");
  await client.types("\x1b[C");
  await client.shows("[b.jpg]");
  rest.resolve();
  await client.shows(ko.browserCounts(4, "15 B"));
  await client.shows("[b.jpg]");
  await client.types("\x1b[C");
  await client.shows("[a.jpg]");
  await client.types("q");
  assertEquals((await client.ended()).code, 0);
});

terminalTest("Ctrl-C gives the screen back as well", async () => {
  await using here = await scene();
  const client = startOnTerminal([...here.at, "browse"], { data: here.data }, "; echo code $?");
  await client.shows("[여행/]");
  await client.types("\x03");
  // A picture may have been cut off: first its command is ended.
  await client.shows("\x1b\\\x1b[0m\x1b[?25h\x1b[?1049l");
  await client.shows("code 130");
  await client.ended();
});

terminalTest(
  "a server that goes away is a sentence in the last line, and keys still work",
  async () => {
    await using here = await scene();
    const client = startOnTerminal([...here.at, "browse"], { data: here.data });
    await client.shows("[여행/]");
    await client.shows("\x1b[38;2;");
    here.server.stop();
    await client.types("\r");
    await client.shows("127.0.0.1");
    await client.types("\x1b[C");
    await client.shows("[a.jpg]");
    await client.types("q");
    assertEquals((await client.ended()).code, 0);
  },
);

terminalTest("a privilege that expires is raised again with a key", async () => {
  const routes = photoRoutes({
    ...photos({ "a.jpg": photograph, "b.jpg": sample }),
    users: new Map([["1", "1"]]),
  });
  let hasExpired = false;
  using folder = temporaryFolder();
  await using server = startWireServer((request, connection) => {
    if (request.method === "PUT") hasExpired = false;
    const refused = response("401 Unauthorized", "INVALID_KEY");
    return hasExpired ? refused : routes(request, connection);
  });
  const at = ["127.0.0.1", `${server.port}`, "--graphics", "blocks"];
  await runClient(at, { data: folder.path }, "2\n1\n1\n3\n");
  const client = startOnTerminal([...at, "browse"], { data: folder.path });
  await client.shows("[a.jpg]");
  await client.shows("\x1b[38;2;");
  hasExpired = true;
  await client.types("\x1b[C\r");
  await client.shows(ko.browserNoKey);
  await client.types("P");
  await client.shows(ko.browserViewKeys);
  await client.types("q");
  await client.shows("[b.jpg]");
  await client.types("q");
  assertEquals((await client.ended()).code, 0);
});

terminalTest(
  "a server without a list is a sentence, and then the question for a name",
  async () => {
    await using server = startOriginalServer({ "image.jpg": sample });
    using folder = temporaryFolder();
    const at = ["127.0.0.1", `${server.port}`, "--graphics", "blocks"];
    const client = startOnTerminal(at, { data: folder.path });
    await client.types("1\r1\r1\r1\r2\r1\r1\r3\r4\r\r");
    await client.shows(ko.noList);
    await client.shows(ko.askUrl);
    await client.types("image.jpg\r");
    await client.shows("image.jpg (130 KiB)");
    await client.types("99\r");
    assertEquals((await client.ended()).code, 0);
  },
);

terminalTest("a terminal that cannot move its cursor gets a list and a question", async () => {
  await using here = await scene();
  const client = startOnTerminal(here.at, { data: here.data, env: { TERM: "dumb" } });
  await client.types("4\r\r");
  await client.shows("   1. 여행/");
  await client.shows(ko.askNumber);
  await client.types("여행\r");
  await client.shows("   2. 여행/산.jpg");
  await client.types("\r99\r");
  assertEquals((await client.ended()).code, 0);
});

Deno.test("in a pipe the browser is a numbered list and a question", async () => {
  await using here = await scene();
  const { code, stdout, stderr } = await runClient(
    [...here.at, "browse", "--width", "10"],
    { data: here.data },
    "1\n2\n",
  );
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "   1. 여행/\n   2. a.jpg  (130 KiB)\n   3. b.gif  (6 B)\n");
  assertStringIncludes(stderr, "   2. 여행/산.jpg");
  assertStringIncludes(stdout, "\x1b[38;2;");
  assert(stderr.includes("산.jpg (130 KiB)"), stderr);
});
