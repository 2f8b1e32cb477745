/**
 * Builds the two programs into self-contained executables.
 *
 *     deno run -A tools/build/compile.ts             build/server and build/client for this machine
 *     deno run -A tools/build/compile.ts --release [PLATFORM…]
 *                                                    an archive for every platform, or for these
 *
 * `DENO_COMPILER` names another Deno executable to compile with.
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { completionScript } from "../../lib/client/completion.ts";
import { SHELLS } from "../../lib/client/options.ts";
import { VERSION } from "../../lib/version.ts";
import { manPages } from "./man.ts";
import { npmPackages } from "./npm_packages.ts";

/** The platforms that `deno compile` can target. */
const PLATFORMS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

/**
 * Each program with the permissions it is given. Ports, addresses and directories are named on the
 * command line at run time, so net, read and write cannot be narrowed further here; there is no run
 * and no ffi, and `--no-prompt` makes anything else a refusal instead of a question.
 */
const PROGRAMS = {
  // PG*: the PostgreSQL client looks there for what the URL leaves out, e.g. PGPASSWORD.
  // networkInterfaces: the server says at its start at which addresses it can be opened.
  // getPriority, setPriority: scaling images gives way to serving.
  server: [
    "--allow-net",
    "--allow-read",
    "--allow-write",
    "--allow-env=SOCKETPROGRAM_SERVER_*,PG*,IMAGESCRIPT_WASM_SIMD",
    "--allow-sys=networkInterfaces,getPriority,setPriority",
  ],
  client: [
    "--allow-net",
    "--allow-read",
    "--allow-write",
    "--allow-env=SERVER_IP,NO_COLOR,COLORTERM,TERM,TMUX,LC_ALL,LC_MESSAGES,LANG,SSH_CONNECTION," +
    "SOCKETPROGRAM_DATA,XDG_DATA_HOME,HOME,LOCALAPPDATA,IMAGESCRIPT_WASM_SIMD",
  ],
} as const;

/**
 * The codecs stay packages, because each reads its WebAssembly from beside itself. All other code
 * is bundled into one module first, which starts in half the time and leaves out what is not used.
 */
const CODECS = [
  "imagescript/jpeg",
  "@jsquash/avif/decoder",
  "@jsquash/avif/wasm",
  "@jsquash/webp/decoder",
  "@jsquash/webp/wasm",
  "libheif/decoder",
  "libheif/wasm",
];

/** What goes in of the packages, by name; of the others, which the bundle holds, nothing does. */
const PACKAGE_PARTS: Record<string, readonly string[]> = {
  imagescript: [
    "package.json",
    "LICENSE.MIT",
    "wasm/node/jpeg.js",
    "wasm/any/jpeg.wasm",
  ],
  "@jsquash/avif": [
    "package.json",
    "LICENSE",
    "codec/dec/avif_dec.js",
    "codec/dec/avif_dec.wasm",
  ],
  "@jsquash/webp": [
    "package.json",
    "LICENSE",
    "codec/LICENSE.codec.md",
    "codec/dec/webp_dec.js",
    "codec/dec/webp_dec.wasm",
  ],
  "libheif-js": [
    "package.json",
    "LICENSE",
    "libheif-wasm/LICENSE",
    "libheif-wasm/libheif.js",
    "libheif-wasm/libheif.wasm",
  ],
};

const compiler = Deno.env.get("DENO_COMPILER") ?? Deno.execPath();
const root = join(import.meta.dirname!, "..", "..");

/** Runs the compiler and returns what it printed. Ends this program when it fails. */
async function deno(args: string[], output: "piped" | "inherit"): Promise<string> {
  const result = await new Deno.Command(compiler, {
    args,
    cwd: root,
    stdout: output,
    stderr: "inherit",
  }).output();
  if (!result.success) {
    console.error(`deno ${args[0]} failed`);
    Deno.exit(1);
  }
  return output === "piped" ? new TextDecoder().decode(result.stdout) : "";
}

/** Every file or folder below `folder` that holds nothing of `kept`, the highest ones only. */
async function unused(folder: string, kept: readonly string[]): Promise<string[]> {
  const out: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const path = join(folder, name);
    const inside = kept
      .filter((part) => part.startsWith(name + "/"))
      .map((part) => part.slice(name.length + 1));
    if (kept.includes(name)) continue;
    if (inside.length > 0) out.push(...await unused(path, inside));
    else out.push(path);
  }
  return out;
}

/** What is bundled: the programs, and the Workers, each of which is looked for beside them. */
const BUNDLES = {
  server: "server.ts",
  client: "client.ts",
  worker: "lib/picture/codecs/worker.ts",
  painting_worker: "lib/client/painting/painting_worker.ts",
  scaling_worker: "lib/server/thumbnails/scaling_worker.ts",
  listing_worker: "lib/server/listing/listing_worker.ts",
  survey_worker: "lib/server/images/survey_worker.ts",
} as const;

/** The Workers that each program starts, itself or through another. */
const WORKERS = {
  server: ["worker", "scaling_worker", "listing_worker", "survey_worker"],
  client: ["worker", "painting_worker"],
} as const;

/** Where a bundle goes: within the project, whose import map the codecs need. */
const bundle = (name: keyof typeof BUNDLES) => join("build", "bundle", `${name}.js`);

async function makeBundles() {
  for (const [name, source] of Object.entries(BUNDLES)) {
    await deno([
      "bundle",
      "--quiet",
      "--frozen",
      ...CODECS.flatMap((codec) => ["--external", codec]),
      "--output",
      bundle(name as keyof typeof BUNDLES),
      source,
    ], "inherit");
  }
}

async function compile(program: keyof typeof PROGRAMS, output: string, target?: string) {
  await deno([
    "compile",
    "--quiet",
    "--no-check",
    "--no-prompt",
    "--frozen",
    ...PROGRAMS[program],
    ...WORKERS[program].flatMap((worker) => ["--include", bundle(worker)]),
    ...["--include", "THIRD_PARTY_NOTICES"],
    ...excluded.flatMap((path) => ["--exclude", path]),
    ...(target === undefined ? [] : ["--target", target]),
    "--output",
    output,
    bundle(program),
  ], "inherit");
  const { size } = await Deno.stat(output);
  console.log(`${output}  ${(size / 1e6).toFixed(1)} MB`);
}

/** Runs a program of the system. Ends this one when it fails. */
async function run(program: string, args: string[], cwd: string) {
  const { success } = await new Deno.Command(program, { args, cwd, stderr: "inherit" }).output();
  if (success) return;
  console.error(`${program} failed`);
  Deno.exit(1);
}

/** The SHA-256 of a file in hexadecimal. */
async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/** Copies a folder with everything in it. */
async function copyFolder(from: string, to: string) {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const copy = isDirectory ? copyFolder : Deno.copyFile;
    await copy(join(from, name), join(to, name));
  }
}

/**
 * Writes what an archive holds beside the programs, the sample images included: a server that is
 * started there has something to show.
 */
async function writeCompanions(folder: string) {
  await copyFolder(join(root, "images"), join(folder, "images"));
  for (const file of ["LICENSE", "THIRD_PARTY_NOTICES", "README.md", "README.ko.md"]) {
    await Deno.copyFile(join(root, file), join(folder, file));
  }
  await Deno.mkdir(join(folder, "man"), { recursive: true });
  for (const [file, source] of manPages()) {
    await Deno.writeTextFile(join(folder, "man", file), source);
  }
  await Deno.mkdir(join(folder, "completions"), { recursive: true });
  const completions = { bash: "client.bash", zsh: "_client", fish: "client.fish" } as const;
  for (const shell of SHELLS) {
    const path = join(folder, "completions", completions[shell]);
    await Deno.writeTextFile(path, completionScript(shell));
  }
}

/**
 * An archive for every platform, with both programs, and `SHA256SUMS` in the form that
 * `sha256sum --check` reads. Needs GNU tar, and zip for Windows.
 */
async function release(folder: string, platforms: readonly string[]) {
  const sums: string[] = [];
  for (const platform of platforms) {
    const isWindows = platform.includes("windows");
    const name = `socketprogram-${VERSION}-${platform}`;
    await Deno.mkdir(join(folder, name), { recursive: true });
    for (const program of Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]) {
      await compile(program, join(folder, name, program + (isWindows ? ".exe" : "")), platform);
    }
    await writeCompanions(join(folder, name));
    const archive = name + (isWindows ? ".zip" : ".tar.gz");
    if (isWindows) await run("zip", ["-qrX", archive, name], folder);
    else {
      // The same files give the same archive, whoever packs them and when.
      const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
      await run("tar", [...same, "-czf", archive, name], folder);
    }
    await Deno.remove(join(folder, name), { recursive: true });
    sums.push(`${await sha256(join(folder, archive))}  ${archive}\n`);
  }
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), sums.join(""));
}

await deno(["cache", "--quiet", "--frozen", ...Object.values(BUNDLES)], "inherit");
const excluded: string[] = [];
for (const { name, folder } of await npmPackages(root, compiler)) {
  const parts = PACKAGE_PARTS[name];
  if (parts === undefined) excluded.push(folder);
  else excluded.push(...await unused(folder, parts));
}

await Deno.mkdir(join(root, "build", "bundle"), { recursive: true });
await makeBundles();
if (Deno.args[0] === "--release") {
  const folder = join(root, "build", "release");
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const wanted = Deno.args.slice(1);
  await release(folder, wanted.length > 0 ? wanted : PLATFORMS);
} else {
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  await compile("server", join("build", `server${suffix}`));
  await compile("client", join("build", `client${suffix}`));
}
