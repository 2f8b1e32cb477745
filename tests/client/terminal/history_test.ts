/** history.json. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  History,
  HISTORY_FILE_LIMIT,
  HISTORY_LENGTH,
} from "../../../lib/client/terminal/history.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

Deno.test("lines are kept for the next run, each once, the latest last", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "history.json");
  const history = new History(path);
  for (const answer of ["a", "b", "", "a", "a"]) history.add("image", answer);
  history.add("username", "1");
  assertEquals(new History(path).answers("image"), ["b", "a"]);
  assertEquals(new History(path).answers("username"), ["1"]);
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("the number of kept lines is limited, and a damaged file is replaced", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "history.json");
  Deno.writeTextFileSync(path, "{ damaged");
  const history = new History(path);
  for (let i = 0; i <= HISTORY_LENGTH; i++) history.add("image", `${i}`);
  assertEquals(history.answers("image").length, HISTORY_LENGTH);
  assertEquals(history.answers("image")[0], "1");
});

Deno.test("lines that are not history entries are left out, and a file that is too large is not read", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "history.json");
  const file = '{"username": "1", "image": ["a", 5, "b"]}';
  const answers = () => {
    const history = new History(path);
    return [history.answers("username"), history.answers("image")];
  };
  Deno.writeTextFileSync(path, file.padEnd(HISTORY_FILE_LIMIT));
  assertEquals(answers(), [[], ["a", "b"]]);
  Deno.writeTextFileSync(path, file.padEnd(HISTORY_FILE_LIMIT + 1));
  assertEquals(answers(), [[], []]);
});

Deno.test("if nothing can be written, lines are kept while the client runs", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(join(folder.path, "file"), "");
  const history = new History(join(folder.path, "file", "history.json"));
  history.add("image", "a");
  assertEquals(history.answers("image"), ["a"]);
});
