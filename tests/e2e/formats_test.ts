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
  const client = (...command: string[]) =>
    runClient(home.path, ["127.0.0.1", String(server.port), ...command]);
  for (const name of names) {
    const { code, stdout, stderr } = await client("image", name, "--colors", "truecolor");
    assertEquals(code, 0, `${name}: ${stderr}`);
    assert(stdout.includes("\x1b[48;2;"), `${name} is drawn: ${stderr}`);
  }
});
