/** What menu and commands have in common, with a terminal and a server of the test's own. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Failure } from "../../lib/client/failure.ts";
import { CATALOGUES } from "../../lib/client/language/language.ts";
import { COMPLETED_NAMES, Session, type SessionParts } from "../../lib/client/session.ts";

const { en } = CATALOGUES;

/** A session in which the test answers the questions. */
function scene(
  { answers = [], isTerminal = false, canEdit = false, list }: {
    answers?: (string | null)[];
    isTerminal?: boolean;
    canEdit?: boolean;
    list?: (folder: string, after: string | null) => unknown;
  },
) {
  const said: string[] = [];
  const edited: { history?: readonly string[]; complete?: (text: string) => Promise<string[]> }[] =
    [];
  const kept: [string, string][] = [];
  const next = () => Promise.resolve(answers.shift() ?? null);
  const parts = {
    options: { server: { origin: "http://h:80" } },
    messages: en,
    screen: {
      say: (text: string) => void said.push(`${text}\n`),
      ask: (text: string) => void said.push(text),
    },
    input: {
      isTerminal,
      canEdit,
      line: next,
      secret: async (_question: string, ask: () => unknown) => {
        await ask();
        return await next();
      },
      edit: (question: typeof edited[number]) => {
        edited.push(question);
        return next();
      },
    },
    history: {
      answers: (name: string) => [`earlier ${name}`],
      add: (name: string, answer: string) => void kept.push([name, answer]),
    },
    server: {
      list: (folder: string, after: string | null) => Promise.resolve(list?.(folder, after)),
    },
  } as unknown as SessionParts;
  return { session: new Session(parts), said, edited, kept };
}

Deno.test("over a pipe a question is printed, and its line ended; a terminal does that itself", async () => {
  for (const isTerminal of [false, true]) {
    const { session, said, kept } = scene({ answers: ["1"], isTerminal });
    assertEquals(await session.ask("? ", "image"), "1");
    assertEquals([said, kept], [isTerminal ? ["? "] : ["? ", "\n"], []]);
    assertEquals(await session.ask("? "), null);
  }
});

Deno.test("an edited answer is kept under its name, and Tab completes images alone", async () => {
  const { session, said, edited, kept } = scene({ answers: ["a", "b", "c", null], canEdit: true });
  assertEquals(await session.ask("? ", "image"), "a");
  assertEquals(await session.ask("? ", "username"), "b");
  assertEquals(await session.ask("? "), "c");
  assertEquals(said, ["\n", "\n", "\n"]);
  assertEquals(await session.ask("? ", "image"), null);
  assertEquals([said.length, kept], [3, [["image", "a"], ["username", "b"]]]);
  assertEquals(edited.map(({ history }) => history), [
    ["earlier image"],
    ["earlier username"],
    [],
    ["earlier image"],
  ]);
  assertEquals(edited.map(({ complete }) => complete !== undefined), [true, false, false, true]);
});

Deno.test("a new password is asked for twice on a terminal, once over a pipe", async () => {
  const ask = (answers: (string | null)[], isTerminal = true) => {
    const { session } = scene({ answers, isTerminal });
    return session.askNewPassword("? ");
  };
  assertEquals(await ask(["a", "a"]), "a");
  assertEquals(await ask(["a", "b"], false), "a");
  assertEquals(await ask(["a", null]), null);
  assertEquals(await ask([null, "a"]), null);
  assertEquals(await ask(["", "a"]), "");
  const failure = await assertRejects(() => ask(["a", "b"]), Failure);
  assertEquals(failure.token, "PASSWORDS_DIFFER");
});

Deno.test("Tab gives the folders and images that begin with what is typed, page by page", async () => {
  const pages: Record<string, unknown> = {
    "": { folders: [{ name: "sea" }], images: [{ url: "a.jpg" }], next: "a.jpg" },
    "a.jpg": { folders: [], images: [{ url: "sky.jpg" }, { url: "seal.jpg" }], next: null },
  };
  const asked: string[] = [];
  const { session, edited } = scene({
    answers: [""],
    canEdit: true,
    list(folder, after) {
      asked.push(folder);
      if (folder === "none") throw new Failure("FOLDER_NOT_FOUND", () => "");
      return folder === ""
        ? pages[after ?? ""]
        : { folders: [{ name: "deep" }], images: [{ url: "sea/1.jpg" }], next: null };
    },
  });
  await session.ask("? ", "image");
  const complete = edited[0].complete!;
  assertEquals(await complete("se"), ["sea/", "seal.jpg"]);
  assertEquals(await complete("sea/"), ["sea/deep/", "sea/1.jpg"]);
  assertEquals(await complete("none/x"), []);
  assertEquals(asked, ["", "", "sea", "none"]);
});

Deno.test("Tab looks through so many names of a folder, and no further page", async () => {
  let pages = 0;
  const { session, edited } = scene({
    answers: [""],
    canEdit: true,
    list: () => ({
      folders: [],
      images: Array.from({ length: COMPLETED_NAMES / 2 }, (_, i) => ({ url: `${i}` })),
      next: `${++pages}`,
    }),
  });
  await session.ask("? ", "image");
  await edited[0].complete!("");
  assertEquals(pages, 2);
});

Deno.test("a pattern that matches nothing is a name, and so is one in a folder that is missing", async () => {
  const page = { folders: [], images: [{ url: "a.jpg" }, { url: "b.jpg" }], next: null };
  const { session } = scene({ list: () => page });
  assertEquals(await session.expand("*.jpg"), ["a.jpg", "b.jpg"]);
  assertEquals(await session.expand("*.gif"), ["*.gif"]);
  assertEquals(await session.expand("c.jpg"), ["c.jpg"]);
  const failing = (token: string) =>
    scene({
      list() {
        throw new Failure(token as never, () => "");
      },
    }).session;
  assertEquals(await failing("FOLDER_NOT_FOUND").expand("f/*"), ["f/*"]);
  const failure = await assertRejects(() => failing("NO_KEY").expand("f/*"), Failure);
  assertEquals(failure.token, "NO_KEY");
});

Deno.test("a failure that is no missing image is not searched a name for", async () => {
  const { session } = scene({
    list: () => ({ folders: [], images: [{ url: "a.jpg" }], next: null }),
  });
  for (
    const [token, expected] of [["NO_KEY", "NO_KEY"], ["IMAGE_NOT_FOUND", en.didYouMean("a.jpg")]]
  ) {
    session.fetch = () => Promise.reject(new Failure(token as never, () => token));
    const failure = await assertRejects(() => session.find("A.JPG", true), Failure);
    assert(failure.sentence(en).endsWith(expected), failure.sentence(en));
  }
});

Deno.test("the status says until when the privilege is raised, if it still is", () => {
  const { session } = scene({});
  const now = Date.now() / 1000;
  const status = (keyExpiryTime: number | null) =>
    session.statusLine({ user: "1", expiryTime: null, keyExpiryTime });
  for (const over of [null, now - 1, now - 1000, 0]) assertEquals(status(over), en.status("1"));
  const raised = status(now + 3570);
  assert(raised.startsWith(en.statusRaised("1", "00:00", 60).split("00:00")[0]), raised);
  assert(/\b60\b/.test(raised), raised);
});

Deno.test("a raised privilege gives two sentences, and a logout says what it ended", () => {
  const { session } = scene({});
  assertEquals(
    session.privilegeSentences({ already: false, expiryTime: null }),
    `${en.privilegeChanged}\n${en.keyExpiryUnknown}`,
  );
  const again = session.privilegeSentences({ already: true, expiryTime: 1 });
  assert(again.startsWith(`${en.privilegeAlready}\n`) && !again.includes(en.keyExpiryUnknown));
  assertEquals(
    (["everywhere", "here", "nothing"] as const).map((ended) => session.logoutSentence(ended)),
    [en.loggedOut, en.loggedOutHere, en.nobodyLoggedIn],
  );
});
