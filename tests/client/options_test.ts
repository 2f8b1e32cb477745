import { assertEquals, assertThrows } from "@std/assert";
import { CATALOGUES, languageOf } from "../../lib/client/language/language.ts";
import { type Options, parseOptions, UsageError } from "../../lib/client/options.ts";

const options = (...args: string[]) => parseOptions(args) as Options;

Deno.test("host and port alone mean the menu, with the defaults of the contract", () => {
  const { server, command, dataDir, language, picture, ...rest } = options("localhost", "8080");
  assertEquals(server.origin, "http://localhost:8080");
  assertEquals([command, dataDir, language], [null, ".", null]);
  assertEquals(picture.graphics, "auto");
  assertEquals(rest, { debug: false, json: false, passwordStdin: false, caFile: null });
});

Deno.test("each command of the contract, whatever its argument looks like", () => {
  const command = (...words: string[]) => options("h", "1", ...words).command;
  assertEquals(command("register", "1"), { name: "register", username: "1" });
  assertEquals(command("login", "007"), { name: "login", username: "007" });
  assertEquals(command("privilege"), { name: "privilege" });
  assertEquals(command("image", "a/b.jpg"), { name: "image", url: "a/b.jpg" });
  assertEquals(command("image", "--", "-x.jpg"), { name: "image", url: "-x.jpg" });
  assertEquals(command("logout"), { name: "logout" });
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
    "40",
    "--height=20",
    "--symbols",
    "half",
    "--colors=256",
    "--graphics",
    "sixel",
    "--json",
  );
  assertEquals([dataDir, debug, json, caFile, server.tls], ["d", true, true, "ca.pem", true]);
  assertEquals(command, { name: "image", url: "a.jpg" });
  assertEquals(picture, {
    width: 40,
    height: 20,
    symbols: "half",
    colors: "256",
    graphics: "sixel",
  });
});

Deno.test("--help and --version need nothing else", () => {
  assertEquals(parseOptions(["--help"]), "help");
  assertEquals(parseOptions(["--version"]), "version");
});

Deno.test("every wrong usage has a sentence in both languages", () => {
  for (
    const args of [
      [],
      ["localhost"],
      ["localhost", "0"],
      ["localhost", "99999"],
      ["lo cal", "80"],
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

Deno.test("English where the first of LC_ALL, LC_MESSAGES, LANG starts with en, else Korean", () => {
  const language = (variables: Record<string, string>) => languageOf((name) => variables[name]);
  assertEquals(language({}), "ko");
  assertEquals(language({ LANG: "en_US.UTF-8" }), "en");
  assertEquals(language({ LANG: "C.UTF-8" }), "ko");
  assertEquals(language({ LC_ALL: "ko_KR.UTF-8", LANG: "en_US.UTF-8" }), "ko");
  assertEquals(language({ LC_ALL: "", LC_MESSAGES: "en_GB", LANG: "ko_KR" }), "en");
});
