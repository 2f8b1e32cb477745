/** What the server prints at its start. */
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { surveyImages, surveyInWorker } from "../../lib/server/images/survey.ts";
import { openUrls, startReport, surveyLines } from "../../lib/server/start_report.ts";
import { parseOptions } from "../../lib/server/options.ts";
import { temporaryDirectory } from "../e2e/support/programs.ts";

const INTERFACES = [
  { family: "IPv4", address: "127.0.0.1" },
  { family: "IPv6", address: "::1" },
  { family: "IPv6", address: "fe80::7" },
  { family: "IPv6", address: "FEBF::7" },
  { family: "IPv4", address: "192.0.2.7" },
  { family: "IPv6", address: "2001:db8::7" },
  { family: "IPv6", address: "2001:db8::1" },
  { family: "IPv4", address: "192.0.2.7" },
] as const;

Deno.test("the start report has each address at which the server can be opened", () => {
  assertEquals(openUrls({ host: null, tls: null }, 80, INTERFACES), [
    "http://localhost:80/",
    "http://192.0.2.7:80/",
    "http://[2001:db8::7]:80/",
    "http://[2001:db8::1]:80/",
  ]);
  const tls = { certFile: "c", keyFile: "k" };
  assertEquals(openUrls({ host: "0.0.0.0", tls }, 443, INTERFACES), [
    "https://localhost:443/",
    "https://192.0.2.7:443/",
  ]);
  assertEquals(openUrls({ host: "0:0::0", tls: null }, 80, INTERFACES).length, 4);
  assertEquals(openUrls({ host: "::1", tls: null }, 1, INTERFACES), ["http://[::1]:1/"]);
});

Deno.test("the report says where users are, without what may hold a password", () => {
  const report = (...args: string[]) => {
    const options = parseOptions(["80", ...args]);
    return options.command === "serve" ? startReport(options, 80, INTERFACES) : "";
  };
  assertStringIncludes(report(), "  Users   users.json in the data directory\n");
  assertStringIncludes(report("--users", "postgres://u:secret@db/x"), "  Users   in PostgreSQL\n");
});

Deno.test({
  name: "images are counted, and names that Windows cannot have are named",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using root = await temporaryDirectory();
    for (const folder of ["a", "a/b", "nul", ".hidden"]) await Deno.mkdir(join(root.path, folder));
    for (
      const file of ["1.jpg", "a/2.PNG", "a/b/3.gif", "a?b.jpg", "a/con.jpg", "notes.txt", ".4.jpg"]
    ) {
      await Deno.writeTextFile(join(root.path, file), "");
    }
    const survey = surveyImages(root.path);
    const refusedNames = survey.refusedNames.toSorted();
    assertEquals({ ...survey, refusedNames }, {
      images: 3,
      folders: 2,
      isPartial: false,
      refused: 3,
      refusedNames: ["a/con.jpg", "a?b.jpg", "nul"],
    });
    assertEquals(surveyLines({ ...survey, refusedNames, refused: 7 }, 1), [
      "serving 3 images in 3 folders to 1 user",
      "warning: not served, because Windows does not allow such names: " +
      '"a/con.jpg", "a?b.jpg", "nul" and 4 more',
    ]);
    const entries = [...Deno.readDirSync(root.path)].length + 3 + 1; // those of a, of a/b
    assertEquals(surveyImages(root.path, entries).isPartial, false);
    assertEquals(surveyImages(root.path, entries - 1).isPartial, true);
    assertEquals(surveyImages(root.path, 2).isPartial, true);
    assertEquals(surveyLines({ ...survey, refused: 0, refusedNames: [] }, 1).length, 1);
    assertMatch(surveyLines({ ...survey, refusedNames }, 1)[1], /"nul"$/);
    for (const name of ["com1", "com2", "com3"]) await Deno.mkdir(join(root.path, name));
    const { refused, refusedNames: quoted } = surveyImages(root.path);
    assertEquals([refused, quoted.length], [6, 5]);
    assertEquals(surveyImages(join(root.path, "none")).images, 0);
  },
});

Deno.test("a Worker that cannot count the images fails the counting, and is ended", async () => {
  const ended: string[] = [];
  const worker = {
    onerror: (_: ErrorEvent) => {},
    postMessage(root: string) {
      const error = new ErrorEvent("error", { message: `no ${root}`, cancelable: true });
      queueMicrotask(() => {
        this.onerror(error);
        ended.push(error.defaultPrevented ? "goes on" : "ends the process");
      });
    },
    terminate: () => ended.push("terminated"),
  };
  await assertRejects(
    () => surveyInWorker("images", () => worker as unknown as Worker),
    Error,
    "no images",
  );
  assertEquals(ended, ["goes on", "terminated"]);
});
