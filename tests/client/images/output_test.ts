/** Where images are written to. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { unusedPath } from "../../../lib/client/images/output.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

Deno.test("an image that is saved takes the place of no other file", () => {
  using folder = temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  for (const name of ["바다.jpg", "바다 (2).jpg", "바다 (3).jpg", "README", "README (2)"]) {
    const asked = path(name.replace(/ \(\d\)/, ""));
    assertEquals(unusedPath(asked), path(name));
    Deno.writeTextFileSync(path(name), "");
  }
  assertEquals(unusedPath(join(folder.path, "none", "a.jpg")), join(folder.path, "none", "a.jpg"));
});
