/** Where Deno's cache has the npm packages of `deno.lock`. */
import { join } from "@std/path";

/** A package of `deno.lock`. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Its folder in the cache. */
  readonly folder: string;
}

/**
 * Returns the packages that are in the cache, in the order of the lock file.
 *
 * @param root the project
 * @param deno the Deno executable whose cache it is
 */
export async function npmPackages(root: string, deno: string): Promise<NpmPackage[]> {
  const info = await new Deno.Command(deno, { args: ["info", "--json"], cwd: root }).output();
  if (!info.success) throw new Error("deno info failed");
  const { npmCache } = JSON.parse(new TextDecoder().decode(info.stdout));
  const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock")));
  const found: NpmPackage[] = [];
  for await (const registry of Deno.readDir(npmCache)) {
    for (const id of Object.keys(lock.npm)) {
      const [, name, version] = id.match(/^(.+)@([^@_]+)/)!;
      const folder = join(npmCache, registry.name, name, version);
      const exists = await Deno.lstat(folder).then(() => true, () => false);
      if (exists) found.push({ name, version, folder });
    }
  }
  return found;
}
