/**
 * Writes THIRD_PARTY_NOTICES: what the two executables contain of others, and under which licences.
 *
 *     deno task notices            writes the file
 *     deno task notices --check    compares it with what deno.lock gives; exits 1 if they differ
 */
import { join } from "@std/path";
import { npmPackages } from "./npm_packages.ts";

const root = join(import.meta.dirname!, "..", "..");
const target = join(root, "THIRD_PARTY_NOTICES");

/**
 * Packages of deno.lock that no executable contains: tests, types, and what the codecs do not load.
 */
const NOT_SHIPPED = [
  "@types/node",
  "@xmldom/xmldom",
  "axe-core",
  "fast-check",
  "playwright-core",
  "pure-rand",
  "undici-types",
  "wasm-feature-detect",
];

/** What is shipped of a package, and the files of it or of tools/build/licences that say so. */
interface Notice {
  readonly contents: string;
  readonly files: readonly string[];
}

const own = (name: string) => join(root, "tools", "build", "licences", `${name}.txt`);

/** The packages that need more words than a bundled module. */
const NOTICES: Readonly<Record<string, Notice>> = {
  imagescript: {
    contents: "the JPEG codec in WebAssembly, under the MIT licence that the package offers",
    files: ["LICENSE.MIT"],
  },
  "@jsquash/avif": {
    contents: "the AVIF decoder: libavif and its AV1 decoder in WebAssembly",
    files: ["LICENSE"],
  },
  "@jsquash/webp": {
    contents: "the WebP decoder: libwebp in WebAssembly",
    files: ["LICENSE", "codec/LICENSE.codec.md"],
  },
  "libheif-js": {
    contents:
      "the HEIC decoder: libheif and libde265 in WebAssembly. To replace it by a version of " +
      "your own, change the package's file libheif-wasm/libheif.wasm and build from source",
    files: ["LICENSE", "libheif-wasm/LICENSE"],
  },
  exifreader: {
    contents: "the reader of Exif. The source form of what is in the executables is the npm " +
      "package of this name and version",
    files: ["LICENSE"],
  },
  photoswipe: { contents: "the viewer of the web page", files: ["LICENSE"] },
  postgres: { contents: "the client for PostgreSQL", files: [own("unlicense")] },
  "deno-std": {
    contents: "parts of Deno's standard library, by the Deno authors, as packed for npm by Óscar " +
      "Otero. Its licence is that of Deno, above",
    files: [],
  },
};

const RULE = "=".repeat(78);

async function section(title: string, contents: string, files: readonly string[]) {
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(file)));
  return [RULE, title, "", `Contents: ${contents}.`, ...texts.flatMap((text) => ["", text.trim()])]
    .join("\n") + "\n";
}

/** The notice of a package that is bundled as source and has its licence in one file. */
async function plainNotice(name: string, folder: string): Promise<Notice> {
  for await (const { name: file } of Deno.readDir(folder)) {
    if (/^licen[cs]e(?:\.md|\.txt)?$/i.test(file)) return { contents: "modules", files: [file] };
  }
  throw new Error(`${name} of deno.lock has no licence file: add it to NOTICES or NOT_SHIPPED`);
}

async function notices(): Promise<string> {
  const parts = [
    "SocketProgram is under the MIT licence (file LICENSE). Its executables contain the following\n" +
    "software of others. The texts are those of the packages.\n",
    await section(
      "Deno",
      "the runtime. It contains Rust packages whose licence texts are not in this\n" +
        "file. Listed after Deno's licence are those that Deno's executable names by the\n" +
        "paths of its source. The list is not exact: the runtime in an executable is a\n" +
        "part of what is listed, other platforms have other packages, and some packages\n" +
        "leave no path. The complete list is the Cargo.lock of this version of Deno",
      [own("deno"), own("deno_crates")],
    ),
    await section("V8", "the JavaScript and WebAssembly engine in Deno", [own("v8")]),
  ];
  for (const { name, version, folder } of await npmPackages(root, Deno.execPath())) {
    if (NOT_SHIPPED.includes(name)) continue;
    const notice = NOTICES[name] ?? await plainNotice(name, folder);
    const { license } = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
    const files = notice.files.map((file) => file.startsWith(root) ? file : join(folder, file));
    parts.push(await section(`${name} ${version} (${license})`, notice.contents, files));
  }
  return parts.join("\n").replaceAll("\r\n", "\n");
}

const text = await notices();
if (Deno.args[0] === "--check") {
  const isCurrent = await Deno.readTextFile(target).then((held) => held === text, () => false);
  if (!isCurrent) {
    console.error("THIRD_PARTY_NOTICES is out of date: deno task notices");
    Deno.exit(1);
  }
} else {
  await Deno.writeTextFile(target, text);
}
