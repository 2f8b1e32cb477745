import { assertEquals, assertRejects } from "@std/assert";
import type { OpenFile } from "../../../../lib/accounts/store/atomic_file.ts";
import { lockDirectory } from "../../../../lib/accounts/store/json/directory_lock.ts";
import { StoreInUse } from "../../../../lib/accounts/store/store.ts";
import { SimulatedDisk } from "../../support/simulated_disk.ts";

/** A disk that records which files are open, and whose locks are taken as `lock` says. */
class LockingDisk extends SimulatedDisk {
  readonly opened: string[] = [];

  constructor(readonly lock: (path: string) => Promise<void>) {
    super();
  }

  override async open(path: string, options: Deno.OpenOptions): Promise<OpenFile> {
    const file = await super.open(path, options);
    this.opened.push(path);
    return {
      ...file,
      lock: () => this.lock(path),
      close: () => void this.opened.splice(this.opened.indexOf(path), 1),
    };
  }
}

const FILE = "/data/users.json.lock";

Deno.test({
  name: "a lock holds the directory and the lock file, or the directory alone, until it is closed",
  ignore: Deno.build.os === "windows",
  async fn() {
    const disk = new LockingDisk(() => Promise.resolve());
    const both = await lockDirectory(disk, "/data");
    assertEquals(disk.opened, ["/data", FILE]);
    both.close();
    assertEquals(disk.opened, []);
    const directory = await lockDirectory(disk, "/data", false);
    assertEquals(disk.opened, ["/data"]);
    directory.close();
    assertEquals(disk.opened, []);
  },
});

Deno.test("a lock that fails leaves nothing locked; only that of a directory may", async () => {
  const cannot = (failing: string) => (path: string) =>
    path === failing ? Promise.reject(new Error("cannot lock")) : Promise.resolve();
  const failing = new LockingDisk(cannot(FILE));
  await assertRejects(() => lockDirectory(failing, "/data"), Error, "cannot lock");
  assertEquals(failing.opened, []);
  const network = new LockingDisk(cannot("/data"));
  const held = await lockDirectory(network, "/data");
  assertEquals(network.opened, [FILE]);
  held.close();
});

Deno.test("a lock that is acquired too late is released", async () => {
  const late = Promise.withResolvers<void>();
  const disk = new LockingDisk((path) => path === FILE ? late.promise : Promise.resolve());
  await assertRejects(() => lockDirectory(disk, "/data"), StoreInUse, "/data");
  assertEquals(disk.opened, [FILE]);
  late.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(disk.opened, []);
});
