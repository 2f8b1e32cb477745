import { createHash } from "node:crypto";
import { assertEquals, assertRejects } from "@std/assert";
import { Journal } from "../../../../lib/accounts/store/json/journal.ts";
import type { FileUser } from "../../../../lib/accounts/store/json/users_file.ts";
import { StoreUnusable } from "../../../../lib/accounts/store/store.ts";
import { SimulatedDisk } from "../../support/simulated_disk.ts";

const PATH = "/data/users.json";
const FILE = `${PATH}.journal.1`;
const user = (pw: string): FileUser => ({ pw, expiryTime: 0, revokedAt: 0 });
const added = (name: string) => ({ name, before: null, after: user(name) });

/** A journal file with a batch for each of these names. */
async function written(...names: string[]): Promise<string> {
  const disk = new SimulatedDisk();
  const journal = new Journal(disk, PATH);
  for (const name of names) await journal.append([added(name)]);
  return disk.text(FILE);
}

/** The users that a journal file adds, and the length of its torn end. */
async function replayed(text: string): Promise<[names: string[], torn: number]> {
  const disk = new SimulatedDisk();
  disk.put(FILE, text);
  const users = new Map<string, FileUser>();
  const dropped = await new Journal(disk, PATH).replay(users);
  return [[...users.keys()], dropped[0]?.tail.length ?? 0];
}

Deno.test("an incomplete last line of a journal is torn, and so is one with NULs", async () => {
  const whole = await written("alice", "bob");
  const one = await written("alice");
  assertEquals(await replayed(whole), [["alice", "bob"], 0]);
  assertEquals(await replayed(""), [[], 0]);
  for (let length = one.length; length < whole.length; length++) {
    assertEquals(await replayed(whole.slice(0, length)), [["alice"], length - one.length]);
  }
  for (const end of ["\0", "\0\n", "x\0\n", "x\0x\n"]) {
    assertEquals(await replayed(one + end), [["alice"], end.length]);
  }
});

Deno.test("a damaged line of a journal stops the start, unless it is the last and torn", async () => {
  const one = await written("alice");
  for (const end of ["x\n", "\n", "\0\nx", "\0\n\n", "x\ny", "\0\n\0\n"]) {
    await assertRejects(() => replayed(one + end), StoreUnusable, "line 3: the checksum is wrong");
  }
  for (const text of ["\n", "x\n", "\n\0"]) {
    await assertRejects(() => replayed(text), StoreUnusable, "line 1: the checksum is wrong");
  }
});

Deno.test("the journal goes on with the number after the last", async () => {
  const disk = new SimulatedDisk();
  for (const name of ["3", "12", "x", "012", "12.torn"]) disk.put(`${PATH}.journal.${name}`, "");
  const journal = new Journal(disk, PATH);
  await journal.replay(new Map());
  assertEquals(journal.sealed, [`${PATH}.journal.3`, `${PATH}.journal.12`]);
  assertEquals(journal.empty, false);
  await journal.append([added("alice")]);
  assertEquals(journal.length, disk.text(`${PATH}.journal.13`).length);
  assertEquals(journal.seal().length, 3);
  assertEquals(journal.length, 0);
  await journal.append([added("bob")]);
  assertEquals(disk.names.includes(`${PATH}.journal.14`), true);
});

Deno.test("the rest of a failed append is cut off before the next append, even if cutting failed at first", async () => {
  const disk = new SimulatedDisk();
  const open = disk.open.bind(disk);
  let isCut = true;
  let cuts = 0;
  disk.open = async (path, options) => {
    const file = await open(path, options);
    const truncate = (length?: number) => {
      cuts++;
      return isCut ? file.truncate(length) : Promise.reject(new Error("cannot truncate"));
    };
    return { ...file, truncate };
  };
  const journal = new Journal(disk, PATH);
  await journal.append([added("alice")]);
  const before = disk.text(FILE);
  for (isCut of [true, false]) {
    cuts = 0;
    disk.bytesLeft = 20;
    await assertRejects(() => journal.append([added("bob")]), Error, "No space left");
    assertEquals(cuts, 1);
    if (isCut) assertEquals(disk.text(FILE), before);
  }
  // The rest is still there: nothing can be appended before it is cut off.
  await assertRejects(() => journal.append([added("bob")]), Error, "cannot truncate");
  isCut = true;
  disk.bytesLeft = Infinity;
  await journal.append([added("bob")]);
  assertEquals(await replayed(disk.text(FILE)), [["alice", "bob"], 0]);
  cuts = 0;
  await journal.append([added("carol")]);
  assertEquals(cuts, 0);
});

Deno.test("a journal of another format is refused, with its version if it has one", async () => {
  const length = (await written("alice")).indexOf(" ");
  const withHeader = (header: string) =>
    `${createHash("sha256").update(header).digest("base64url").slice(0, length)} ${header}\n`;
  for (
    const [header, sentence] of [
      ['{"journal":"users.json","version":7}', "has format 7 of a later version of this program"],
      ['{"journal":"users.json","version":12,"x":1}', "has format 12 of a later version"],
      ['{"journal":"other.json","version":7}', "is not a journal of users.json"],
      ["[]", "is not a journal of users.json"],
    ]
  ) {
    await assertRejects(() => replayed(withHeader(header)), StoreUnusable, `${FILE} ${sentence}`);
  }
});
