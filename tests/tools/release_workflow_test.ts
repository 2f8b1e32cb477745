/** The release's workflow tries every archive, pins its actions, and lets one job write. */
import { assert, assertEquals } from "@std/assert";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test("the archive of every platform is tried on that platform", async () => {
  const [, list] = (await read("tools/build/compile.ts")).match(/PLATFORMS = \[(.*?)\]/s)!;
  const platforms = list.match(/[\w-]+(?=")/g)!;
  const workflow = await read(".github/workflows/release.yml");
  const tried = Array.from(workflow.matchAll(/platform: ([\w-]+) \}/g), ([, platform]) => platform);
  assertEquals(tried.toSorted(), platforms.toSorted());
});

Deno.test("every action is pinned by commit", async () => {
  let actions = 0;
  for (const file of ["ci.yml", "release.yml"]) {
    for (const [, action] of (await read(`.github/workflows/${file}`)).matchAll(/uses: (.*)/g)) {
      assert(/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action), action);
      actions++;
    }
  }
  assert(actions > 5, `only ${actions} actions were found`);
});

Deno.test("only the job that publishes may write", async () => {
  assert(!(await read(".github/workflows/ci.yml")).includes(": write"));
  const [before, publish] = (await read(".github/workflows/release.yml")).split("\n  publish:\n");
  assert(before.includes("\npermissions:\n  contents: read\n"));
  assert(!before.includes(": write"));
  assert(publish.includes("contents: write"));
});
