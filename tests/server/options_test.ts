/** The server's command line. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseOptions, UsageError } from "../../lib/server/options.ts";

Deno.test("a port is enough: everything else has its default", () => {
  assertEquals(parseOptions(["8080"]), {
    command: "serve",
    port: 8080,
    host: null,
    dataDirectory: ".",
    imagesDirectory: "images",
    users: null,
    keyTtlSeconds: 3600,
    quiet: false,
    logConnections: false,
    logBytes: 64 * 1024 * 1024,
    thumbnailBytes: 512 * 1024 * 1024,
    page: true,
    proxies: [],
    tls: null,
    hstsSeconds: null,
    limits: {},
  });
});

Deno.test("each option is parsed, before or after the port", () => {
  const text =
    "--host ::1 --data d --key-ttl 2 --quiet --no-page 0 --log-connections --log-size 10M --thumbnail-cache 3G --tls-cert c --tls-key=k " +
    "--users postgres://db/x --max-connections 5 --max-per-address 4 --handshake-timeout 7 --head-timeout 3 " +
    "--body-timeout 2 --idle-timeout 1 --write-timeout 6 --proxy 127.0.0.1 --proxy ::1 --hsts 0";
  assertEquals(parseOptions(text.split(" ")), {
    command: "serve",
    port: 0,
    host: "::1",
    dataDirectory: "d",
    imagesDirectory: "d/images",
    users: "postgres://db/x",
    keyTtlSeconds: 2,
    quiet: true,
    logConnections: true,
    logBytes: 10 * 1024 * 1024,
    thumbnailBytes: 3 * 1024 ** 3,
    page: false,
    proxies: ["127.0.0.1", "::1"],
    tls: { certFile: "c", keyFile: "k" },
    hstsSeconds: 0,
    limits: {
      connections: 5,
      connectionsPerAddress: 4,
      handshakeTimeoutMs: 7000,
      headTimeoutMs: 3000,
      bodyTimeoutMs: 2000,
      idleTimeoutMs: 1000,
      writeTimeoutMs: 6000,
    },
  });
  const own = parseOptions(["1", "--data", "d", "--images", "/pictures"]);
  assert(own.command === "serve");
  assertEquals(own.imagesDirectory, "/pictures");
});

Deno.test("the administrator's commands keep their words, numbers included", () => {
  assertEquals(parseOptions(["user", "remove", "007", "--data", "d"]), {
    command: "user",
    words: ["remove", "007"],
    dataDirectory: "d",
    users: null,
  });
  for (const line of ["--help", "-h", "help", "8080 -h"]) {
    assertEquals(parseOptions(line.split(" ")), { command: "help" });
  }
  assertEquals(parseOptions(["80", "--licenses"]), { command: "licenses" });
  for (const line of ["--version", "-V", "8080 --version"]) {
    assertEquals(parseOptions(line.split(" ")), { command: "version" });
  }
});

Deno.test("--check asks the server that the other options describe", () => {
  const plain = { command: "check", port: 8080, host: null, isTls: false } as const;
  assertEquals(parseOptions(["--check", "8080"]), plain);
  assertEquals(
    parseOptions("--check 8080 --host ::1 --tls-cert c".split(" ")),
    { ...plain, host: "::1", isTls: true },
  );
});

Deno.test("--thumbnail-cache is bytes, or K, M or G of them, or 0 for none", () => {
  for (
    const [text, bytes] of [["0", 0], ["5000", 5000], ["1k", 1024], ["1024G", 1024 ** 4]] as const
  ) {
    const options = parseOptions(["1", "--thumbnail-cache", text]);
    assertEquals(options.command === "serve" && options.thumbnailBytes, bytes);
  }
  for (const text of ["-1", "1T", "M", "1025G", "1.5M"]) {
    assertThrows(
      () => parseOptions(["1", `--thumbnail-cache=${text}`]),
      UsageError,
      "--thumbnail-cache must be",
    );
  }
});

Deno.test("--log-size is bytes, or K, M or G of them", () => {
  const sizes = { "4096": 4096, "4K": 4096, "64m": 64 * 1024 ** 2, "1024G": 1024 ** 4 };
  for (const [text, bytes] of Object.entries(sizes)) {
    const options = parseOptions(["1", "--log-size", text]);
    assertEquals(options.command === "serve" && options.logBytes, bytes);
  }
  for (const text of ["0", "4095", "3K", "1025G", "10T", "1.5M", "M", "-1", "10MB", "1e9"]) {
    assertThrows(() => parseOptions(["1", `--log-size=${text}`]), UsageError, "--log-size must be");
  }
});

Deno.test("the largest number of each option is taken, one more is not", () => {
  const largest = {
    "key-ttl": 315_360_000,
    "hsts": 315_360_000,
    "max-connections": 1_000_000,
    "max-per-address": 1_000_000,
    "handshake-timeout": 3600,
    "head-timeout": 3600,
    "body-timeout": 3600,
    "idle-timeout": 86_400,
    "write-timeout": 3600,
  };
  for (const [name, number] of Object.entries(largest)) {
    const parse = (value: number) => parseOptions(["1", "--proxy", "::1", `--${name}=${value}`]);
    assertEquals(parse(number).command, "serve");
    assertThrows(() => parse(number + 1), UsageError, `--${name} must be a whole number`);
  }
  assertEquals(parseOptions(["65535"]).command, "serve");
  assertEquals(parseOptions(["--check", "1"]).command, "check");
});

Deno.test("wrong usage is a sentence", () => {
  const wrong: [string, string][] = [
    ["", "The port is missing."],
    ["x", "The port must be"],
    ["1e3", "The port must be"],
    ["0x50", "The port must be"],
    ["65536", "The port must be"],
    ["99999999", "The port must be"],
    ["localhost no-port x", "The port must be"],
    ["--nonsense 1", "There is no option --nonsense."],
    ["-1", "There is no option"],
    ["80 81", 'There is an unexpected argument "81".'],
    ["80 --nope", "There is no option --nope."],
    ["80 --qiet", "There is no option --qiet. Did you mean --quiet?"],
    ["80 --datta=x", "There is no option --datta. Did you mean --data?"],
    ["80 --max-conn 5", "There is no option --max-conn. Did you mean --max-connections?"],
    ["80 -x", "There is no option -x."],
    ["usr list", 'not "usr". Did you mean user?'],
    ["hlep", 'not "hlep". Did you mean help?'],
    ["--check 0", "The port must be a number from 1"],
    ["--check", "--check needs a value."],
    ["80 --check 80", 'There is an unexpected argument "80".'],
    ["80 --data", "--data needs a value."],
    ["80 --data --quiet", "--data needs a value."],
    ["80 --key-ttl 0", "--key-ttl must be a whole number from 1"],
    ["80 --key-ttl 1.5", "--key-ttl must be"],
    ["80 --head-timeout soon", "--head-timeout must be"],
    ["80 --proxy nginx", "--proxy must be an IP address"],
    ["80 --proxy 127.0.0.256", "--proxy must be an IP address"],
    ["80 --proxy ::1::2", "--proxy must be an IP address"],
    ["80 --proxy 127.0.0.1:80", "--proxy must be an IP address"],
    ["80 --proxy", "--proxy must be an IP address"],
    ["80 --tls-cert c", "must be given together"],
    ["80 --hsts 60", "--hsts needs --tls-cert and --tls-key, or a --proxy"],
    ["80 --proxy ::1 --hsts soon", "--hsts must be a whole number from 0"],
    ["80 --users mysql://db", "postgres://"],
  ];
  for (const [line, sentence] of wrong) {
    assertThrows(() => parseOptions(line.split(" ").filter(Boolean)), UsageError, sentence);
  }
});

Deno.test("a wrong --users is not repeated: it may hold a password", () => {
  const error = assertThrows(() => parseOptions(["1", "--users", "pg://u:secret@db"]), UsageError);
  assertEquals(error.message.includes("secret"), false);
});

Deno.test("the environment has what the command line leaves out", () => {
  const variables: Record<string, string> = {
    SOCKETPROGRAM_SERVER_PORT: "80",
    SOCKETPROGRAM_SERVER_KEY_TTL: "5",
    SOCKETPROGRAM_SERVER_DATA: "d",
    SOCKETPROGRAM_SERVER_PROXY: "::1, 10.0.0.1",
    SOCKETPROGRAM_SERVER_QUIET: "yes",
    SOCKETPROGRAM_SERVER_NO_PAGE: "0",
    SOCKETPROGRAM_SERVER_HOST: "",
    SOCKETPROGRAM_SERVER_MAX_CONNECTIONS: "7",
  };
  const parse = (...args: string[]) => parseOptions(args, (name) => variables[name]);
  const served = parse();
  assert(served.command === "serve");
  assertEquals(
    [served.port, served.keyTtlSeconds, served.imagesDirectory, served.host, served.limits],
    [80, 5, "d/images", null, { connections: 7 }],
  );
  assertEquals([served.proxies, served.quiet, served.page], [["::1", "10.0.0.1"], true, true]);
  const other = parse("81", "--key-ttl", "6", "--proxy", "::2");
  assert(other.command === "serve");
  assertEquals([other.port, other.keyTtlSeconds, other.proxies], [81, 6, ["::2"]]);
  assertEquals(parse("user", "list"), {
    command: "user",
    words: ["list"],
    dataDirectory: "d",
    users: null,
  });
  for (const [words, quiet] of [["1 true YES on", true], ["0 false No off", false]] as const) {
    for (const word of words.split(" ")) {
      const options = parseOptions(["1"], (name) => name.endsWith("_QUIET") ? word : undefined);
      assertEquals(options.command === "serve" && options.quiet, quiet, word);
    }
  }
  assertThrows(() => parse("1", "--key-ttl", "0"), UsageError, "--key-ttl must be");
  for (
    const [name, value, sentence] of [
      ["PROXY", "::1,proxy", 'must be an IP address, not "proxy".'],
      ["QUIET", "perhaps", 'must be 1 or 0, not "perhaps".'],
      ["KEY_TTL", "0", "must be a whole number from 1 to 315360000."],
      ["USERS", "mysql://secret", "must be a URL that begins with postgres://."],
    ]
  ) {
    const variable = `SOCKETPROGRAM_SERVER_${name}`;
    assertThrows(
      () => parseOptions(["1"], (asked) => asked === variable ? value : undefined),
      UsageError,
      `${variable} ${sentence}`,
    );
  }
});
