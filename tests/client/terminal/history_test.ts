/** history.json. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { History, HISTORY_LENGTH } from "../../../lib/client/terminal/history.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

Deno.test("answers are kept for the next run, each once, the latest last", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "history.json");
  const history = new History(path);
  for (const answer of ["a", "b", "", "a", "a"]) history.add("image", answer);
  history.add("username", "1");
  assertEquals(new History(path).answers("image"), ["b", "a"]);
  assertEquals(new History(path).answers("username"), ["1"]);
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("no more than so many answers are kept, and a damaged file begins anew", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "history.json");
  Deno.writeTextFileSync(path, "{ damaged");
  const history = new History(path);
  for (let i = 0; i <= HISTORY_LENGTH; i++) history.add("image", `${i}`);
  assertEquals(history.answers("image").length, HISTORY_LENGTH);
  assertEquals(history.answers("image")[0], "1");
});

Deno.test("where nothing can be written, answers last as long as the client runs", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(join(folder.path, "file"), "");
  const history = new History(join(folder.path, "file", "history.json"));
  history.add("image", "a");
  assertEquals(history.answers("image"), ["a"]);
});
