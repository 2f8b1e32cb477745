import { assertEquals, assertThrows } from "@std/assert";
import { CATALOGUES, languageOf } from "../../lib/client/language/language.ts";
import { join } from "@std/path";
import { defaultDataDirectory, surroundings } from "../../lib/client/data_directory.ts";
import { languageAsked, type Options, parseOptions, UsageError } from "../../lib/client/options.ts";

const options = (...args: string[]) => parseOptions(args) as Options;

Deno.test("host and port alone mean the menu, with the defaults of the contract", () => {
  const { server, command, dataDir, language, picture, ...rest } = options("localhost", "8080");
  assertEquals(server.origin, "http://localhost:8080");
  assertEquals([command, dataDir, language], [null, null, null]);
  assertEquals(picture.graphics, "auto");
  assertEquals(rest, {
    debug: false,
    json: false,
    passwordStdin: false,
    caFile: null,
    output: null,
  });
});

Deno.test("each command of the contract, whatever its argument looks like", () => {
  const command = (...words: string[]) => options("h", "1", ...words).command;
  assertEquals(command("register", "1"), { name: "register", username: "1" });
  assertEquals(command("login", "007"), { name: "login", username: "007" });
  assertEquals(command("privilege"), { name: "privilege" });
  assertEquals(command("image", "a/b.jpg"), { name: "image", images: ["a/b.jpg"] });
  assertEquals(command("image", "--", "-x.jpg"), { name: "image", images: ["-x.jpg"] });
  assertEquals(command("image", "a", "b/*"), { name: "image", images: ["a", "b/*"] });
  assertEquals(command("list"), { name: "list", folder: "" });
  for (const folder of ["a/b", "./a/b/", "/a/b"]) {
    assertEquals(command("list", folder), { name: "list", folder: "a/b" });
  }
  assertEquals(command("passwd", "1"), { name: "passwd", username: "1" });
  for (const name of ["logout", "status"]) assertEquals(command(name) as unknown, { name });
  assertEquals(options("h", "1", "image", "a", "--output", "-").output, "-");
  assertEquals(parseOptions(["completion", "bash"]), { completion: "bash" });
});

Deno.test("options may stand anywhere, with = or a space", () => {
  const { dataDir, debug, json, picture, server, caFile, command } = options(
    "--data=d",
    "--tls",
    "h",
    "443",
    "--ca",
    "ca.pem",
    "image",
    "--debug",
    "a.jpg",
    "--width",
    "1000",
    "--height=20",
    "--symbols",
    "half",
    "--colors=256",
    "--graphics",
    "sixel",
    "--json",
  );
  assertEquals([dataDir, debug, json, caFile, server.tls], ["d", true, true, "ca.pem", true]);
  assertEquals(command, { name: "image", images: ["a.jpg"] });
  assertEquals(picture, {
    width: 1000,
    height: 20,
    symbols: "half",
    colors: "256",
    graphics: "sixel",
  });
});

Deno.test("help and version need nothing else, in each of their forms", () => {
  for (const word of ["--help", "-h", "help"]) assertEquals(parseOptions([word]), "help");
  assertEquals(parseOptions(["localhost", "8080", "help"]), "help");
  for (const word of ["--version", "-V"]) assertEquals(parseOptions([word]), "version");
});

Deno.test("the server may also be written host:port or as a URL", () => {
  const origin = (...args: string[]) => options(...args).server.origin;
  assertEquals(origin("localhost:8080"), "http://localhost:8080");
  assertEquals(origin("[::1]:8080"), "http://[::1]:8080");
  assertEquals(origin("::1", "8080"), "http://[::1]:8080");
  assertEquals(origin("http://photos.example:8080/"), "http://photos.example:8080");
  assertEquals(origin("http://photos.example"), "http://photos.example:80");
  assertEquals(origin("HTTPS://[::1]"), "https://[::1]:443");
  assertEquals(origin("--tls", "photos.example:8443"), "https://photos.example:8443");
  assertEquals(options("h:1", "image", "a.jpg").command, { name: "image", images: ["a.jpg"] });
  assertEquals(options("https://h", "logout").command, { name: "logout" });
});

Deno.test("completion may be the name of a host", () => {
  const { server, command } = options("completion", "8080", "status");
  assertEquals([server.origin, command as unknown], ["http://completion:8080", { name: "status" }]);
  const sentence = (...args: string[]) =>
    assertThrows(() => parseOptions(args), UsageError).sentence(CATALOGUES.en);
  for (const args of [[], ["csh"], ["bash", "x"]]) {
    assertEquals(sentence("completion", ...args).includes("bash, zsh, fish"), true);
  }
});

Deno.test("the language of the usage is the one that is asked for, if there is one", () => {
  const asked = (...args: string[]) => languageAsked(["h", "--bad", ...args]);
  assertEquals([asked("--lang", "ko"), asked("--lang=en")], ["ko", "en"]);
  assertEquals([asked("--lang", "fr"), asked()], [null, null]);
});

Deno.test("for a near miss a suggestion is made", () => {
  const sentence = (...args: string[]) =>
    assertThrows(() => parseOptions(args), UsageError).sentence(CATALOGUES.en);
  assertEquals(
    sentence("h", "1", "imgae"),
    "Unknown command: imgae. Did you mean image?",
  );
  assertEquals(sentence("h", "1", "--wdth=3"), "Unknown option: --wdth. Did you mean --width?");
  assertEquals(sentence("h", "1", "dance"), "Unknown command: dance.");
});

Deno.test("the data directory follows the environment, then the working directory, then the system", () => {
  const directory = (
    os: typeof Deno.build.os,
    variables: Record<string, string>,
    hasCookies = false,
  ) =>
    defaultDataDirectory({
      os,
      environment: { get: (name) => variables[name] },
      exists: (path) => hasCookies && path === "cookies.json",
    });
  const HOME = "/home/alice";
  assertEquals(directory("linux", { HOME, SOCKETPROGRAM_DATA: "here" }, true), "here");
  assertEquals(directory("linux", { HOME }, true), ".");
  assertEquals(directory("linux", { HOME }), "/home/alice/.local/share/socketprogram");
  assertEquals(directory("linux", { HOME, XDG_DATA_HOME: "/data" }), "/data/socketprogram");
  assertEquals(
    directory("linux", { HOME, XDG_DATA_HOME: "relative" }),
    "/home/alice/.local/share/socketprogram",
  );
  assertEquals(
    directory("darwin", { HOME }),
    "/home/alice/Library/Application Support/socketprogram",
  );
  assertEquals(directory("windows", { LOCALAPPDATA: "L" }), join("L", "socketprogram"));
  assertEquals(directory("linux", {}), ".");
  const { exists } = surroundings({ get: () => undefined });
  assertEquals(["/dev/null/file", import.meta.dirname!].map(exists), [false, false]);
  assertEquals(exists(import.meta.filename!), true);
});

Deno.test("every wrong usage has a sentence in both languages", () => {
  for (
    const args of [
      [],
      ["localhost"],
      ["localhost", "0"],
      ["localhost", "99999"],
      ["localhost", "no-port", "x"],
      ["99999999"],
      ["lo cal", "80"],
      ["localhost:"],
      ["localhost:0"],
      ["http://localhost:x"],
      ["http://localhost/images"],
      ["https://user@localhost"],
      ["h", "1", "--nonsense"],
      ["h", "1", "-x"],
      ["h", "1", "dance"],
      ["h", "1", "register"],
      ["h", "1", "register", "a", "b"],
      ["h", "1", "image"],
      ["h", "1", "privilege", "a"],
      ["h", "1", "--lang", "fr"],
      ["h", "1", "--lang"],
      ["h", "1", "--data"],
      ["h", "1", "--width", "0"],
      ["h", "1", "--width", "1001"],
      ["h", "1", "--height", "ten"],
      ["h", "1", "--symbols", "x"],
      ["h", "1", "--colors", "2"],
      ["h", "1", "--graphics", "x"],
      ["h", "1", "--json"],
      ["h", "1", "list", "a", "b"],
      ["h", "1", "status", "a"],
      ["h", "1", "list", "--output", "d"],
      ["h", "1", "image", "a", "--json", "--output", "-"],
      ["completion"],
      ["completion", "csh"],
      ["completion", "bash", "x"],
      ["h", "1", "--password-stdin"],
      ["h", "1", "image", "a", "--password-stdin"],
      ["h", "1", "--ca", "file"],
    ]
  ) {
    const error = assertThrows(() => parseOptions(args), UsageError, undefined);
    for (const messages of Object.values(CATALOGUES)) {
      assertEquals(typeof error.sentence(messages), "string", args.join(" "));
    }
  }
});

Deno.test("Korean where no locale is set or the first one starts with ko, else English", () => {
  const language = (variables: Record<string, string>) => languageOf((name) => variables[name]);
  assertEquals(language({}), "ko");
  assertEquals(language({ LANG: "en_US.UTF-8" }), "en");
  for (const LANG of ["C.UTF-8", "POSIX", "de_DE.UTF-8"]) assertEquals(language({ LANG }), "en");
  assertEquals(language({ LC_ALL: "ko_KR.UTF-8", LANG: "en_US.UTF-8" }), "ko");
  assertEquals(language({ LC_ALL: "", LC_MESSAGES: "en_GB", LANG: "ko_KR" }), "en");
});
