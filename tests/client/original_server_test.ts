/** This client against the original server, byte for byte. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUES } from "../../lib/client/language/language.ts";
import { runClient } from "./support/client_run.ts";
import { startOriginalServer } from "./support/original_server.ts";
import { temporaryFolder } from "./support/temporary_folder.ts";

const { ko } = CATALOGUES;
const sample = Deno.readFileSync(new URL("../../images/image.jpg", import.meta.url));

Deno.test("the menu walks the whole flow with the original server", async () => {
  using folder = temporaryFolder();
  await using server = startOriginalServer({ "image.jpg": sample });
  const answers = ["1", "1", "1", "1", "1", "1", "2", "1", "1", "4", "3", "3", "4", "image.jpg"];
  answers.push("4", "image.jpg", "4", "none.jpg", "99");
  const { code, stdout, stderr } = await runClient(
    ["127.0.0.1", `${server.port}`],
    { data: folder.path },
    answers.join("\n") + "\n",
  );
  assertEquals([code, stderr], [0, ""]);
  const cached = join(folder.path, "web_cash", "image.jpg");
  for (
    const sentence of [
      ko.registered("1"),
      ko.userExists("1"),
      ko.loggedIn("1"),
      ko.noKey,
      ko.privilegeChanged,
      ko.privilegeAlready,
      ko.imageFetched(cached, "130 KiB"),
      ko.imageFromCache(cached),
      ko.imageNotFound("none.jpg"),
    ]
  ) assertStringIncludes(stdout, sentence);
  assertEquals(stdout.split("만료 시각: 2").length, 3);
  assertEquals(Deno.readFileSync(cached), sample);
  // Every request was taken whole by one receive, and the second view asked for no image.
  assert(server.received.every((request) => request.endsWith("}")));
  assertEquals(server.received.filter((request) => request.startsWith("GET")).length, 2);
  assertEquals(server.dead, false);
});

Deno.test("the commands walk the same way, each on its own connection", async () => {
  using folder = temporaryFolder();
  await using server = startOriginalServer({ "image.jpg": sample });
  const run = (...command: string[]) =>
    runClient(["127.0.0.1", `${server.port}`, ...command], { data: folder.path }, "pw\n");
  for (
    const command of [
      ["register", "김", "--password-stdin"],
      ["login", "김", "--password-stdin"],
      ["privilege"],
      ["image", "image.jpg", "--json"],
      ["image", "image.jpg", "--json"],
    ]
  ) {
    const { code, stderr } = await run(...command);
    assertEquals([command[0], code], [command[0], 0], stderr);
  }
  assertEquals(server.received.filter((request) => request.startsWith("GET")).length, 1);
  // The original looks for cookies where the original client puts them.
  assertStringIncludes(server.received.at(-1)!, "\r\nSet-Cookie: key=ABCD\r\n");
  assertEquals(server.dead, false);
});

Deno.test("lost cookies do not end the original server, which an unknown user crashes", async () => {
  using folder = temporaryFolder();
  await using server = startOriginalServer({});
  const { code, stderr } = await runClient(
    ["127.0.0.1", `${server.port}`, "privilege"],
    { data: folder.path },
  );
  assertEquals([code, stderr], [1, ko.loginRequired + "\n"]);
  assertEquals(server.received, []);
});
