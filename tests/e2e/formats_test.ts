/** Formats whose decoders are loaded for a file that needs them, in the real client. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { admitVisitors, keepCookies } from "../support/visitors.ts";
import { runClient, startServer, temporaryDirectory } from "./support/programs.ts";

const fixtures = new URL("../picture/fixtures/", import.meta.url);

Deno.test("the client draws each format, compiled or not", async () => {
  await using home = await temporaryDirectory();
  await Deno.mkdir(join(home.path, "images"));
  const names = ["baseline.jpg", "rgb8.png", "interlaced.gif", "lzw.tif", "lossy.webp"]
    .concat(["plain.avif", "plain.heic"]);
  for (const name of names) {
    await Deno.copyFile(new URL(name, fixtures), join(home.path, "images", name));
  }
  const [alice] = await admitVisitors(home.path, "alice");
  await using server = await startServer(home.path);
  await keepCookies(home.path, server.port, alice);
  const at = ["127.0.0.1", String(server.port)];
  const args = [...at, "image", ...names, "--colors", "truecolor"];
  const { code, stdout, stderr } = await runClient(home.path, args);
  assertEquals(code, 0, stderr);
  // They are of one size: equally many rows are drawn of each.
  const rows = stdout.split("\n").filter((row) => row.includes("\x1b[48;2;"));
  assert(rows.length > 0 && rows.length % names.length === 0, `${rows.length} rows: ${stderr}`);
});
