/**
 * The groups of test files that `deno task test` runs, each in one isolate. `deno test` starts an
 * isolate for each file that it is given: that takes 0.1 s of processor time, and compiles again
 * what the file imports.
 */

const TESTS = new URL("../", import.meta.url);

/**
 * How the paths of each group's files begin, from `tests/`. A file belongs to the first group that
 * has its beginning; the last group takes the rest. The groups start in the order of their names: the
 * longest has a name that comes early, so that it is not left alone at the end.
 */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  browser: ["web/"],
  e2e_walk: ["e2e/walk_test.ts", "e2e/thumbnails_test.ts"],
  programs: ["server/program_test.ts", "server/listen/"],
  damage: ["picture/formats/damage_test.ts", "picture/formats/codecs_test.ts"],
  e2e: ["e2e/"],
  postgres: [
    "accounts/store/postgres/",
    "server/health_test.ts",
    "server/several_servers_test.ts",
  ],
  client_terminal: ["client/terminal/", "client/menu_test.ts", "client/browser/browser_test.ts"],
  picture_formats: ["picture/formats/"],
  http_server: ["http/server/"],
  thumbnails: ["server/thumbnails/"],
  picture: ["picture/"],
  server: ["server/"],
  client: ["client/"],
  json: ["accounts/store/json/"],
  http: ["http/"],
  rest: [""],
};

/** Returns the paths of all test files, from `tests/`, in order. */
export function testFiles(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, TESTS))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testFiles(`${folder}${name}/`);
    return name.endsWith("_test.ts") ? [folder + name] : [];
  }).sort();
}

/** Returns the name of the group that a test file belongs to. */
export function groupOf(path: string): string {
  const isIn = (beginnings: readonly string[]) =>
    beginnings.some((beginning) => path.startsWith(beginning));
  return Object.keys(GROUPS).find((name) => isIn(GROUPS[name]))!;
}

/**
 * Imports the test files of a group.
 *
 * @param url the group's module: `http.ts` imports the files of the group `http`
 */
export async function importGroup(url: string): Promise<void> {
  const group = url.slice(url.lastIndexOf("/") + 1, -".ts".length);
  for (const path of testFiles()) {
    if (groupOf(path) === group) await import(new URL(path, TESTS).href);
  }
}
