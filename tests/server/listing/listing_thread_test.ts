/** The Worker that makes lists. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  FolderUnavailable,
  type ListingMessage,
  type ListingOrder,
  type ListingStart,
  ListingThread,
  type ListingThreadOptions,
} from "../../../lib/server/listing/listing_thread.ts";
import { CurrentFolder } from "../../../lib/server/listing/current_folder.ts";

const FIRST = { folder: "", after: null, limit: 1000 };

/** A Worker that replies what the test says. */
class FakeWorker {
  onmessage: ((event: MessageEvent<ListingMessage>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  start: ListingStart | null = null;
  readonly orders: ListingOrder[] = [];
  isTerminated = false;

  postMessage(message: ListingStart | ListingOrder): void {
    if ("root" in message) this.start = message;
    else this.orders.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  says(data: ListingMessage): void {
    this.onmessage!(new MessageEvent("message", { data }));
  }

  /** Replies to the newest order. */
  replies(reply: { result: null | string } | { error: string }): void {
    this.says({ id: this.orders.at(-1)!.id, ...reply });
  }

  /** Has loaded, and from now on hangs in a folder. */
  hangsIn(folder: string): void {
    new CurrentFolder(this.start!.current).path = folder;
    this.says("started");
  }

  /** The folders and names that it was asked for. */
  get asked(): string[] {
    return this.orders.map((order) => order.kind === "page" ? order.request.folder : order.name);
  }
}

function fakeThread(options: Omit<ListingThreadOptions, "makeWorker"> = {}) {
  const workers: FakeWorker[] = [];
  let onWorker = Promise.withResolvers<void>();
  const thread = new ListingThread("images", {
    ...options,
    makeWorker() {
      workers.push(new FakeWorker());
      onWorker.resolve();
      onWorker = Promise.withResolvers();
      return workers.at(-1) as unknown as Worker;
    },
  });
  /** Waits until so many Workers were made. */
  const made = async (count: number) => {
    while (workers.length < count) await onWorker.promise;
  };
  return { thread, workers, made };
}

const page = (folder: string) => ({ ...FIRST, folder });

Deno.test("the Worker can be there before the first list, and does not outlive the thread", () => {
  const { thread, workers } = fakeThread();
  thread.warm();
  thread.warm();
  thread.page(FIRST).catch(() => {});
  assertEquals(workers.map(({ asked }) => asked), [[""]]);
  thread.close();
  assert(workers[0].isTerminated);
  thread.warm();
  assertEquals(workers.length, 1);
  const failing = new ListingThread("images", {
    makeWorker() {
      throw new Error("no Worker");
    },
  });
  failing.warm();
  failing.close();
});

Deno.test("a real Worker makes pages and finds names in another normalization", async () => {
  const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
  const thread = new ListingThread(join(directory, "images"));
  try {
    assertEquals(await thread.page(FIRST), null);
    const nfd = "caf\u00e9.jpg".normalize("NFD");
    await Deno.mkdir(join(directory, "images"));
    await Deno.writeTextFile(join(directory, "images", nfd), "");
    const [page, again] = await Promise.all([thread.page(FIRST), thread.page(FIRST)]);
    const { images } = JSON.parse(new TextDecoder().decode(page!.bytes));
    assertEquals(images[0].url, nfd);
    assertEquals(again, page);
    assertEquals(await thread.equivalentName("caf\u00e9.jpg"), nfd);
    assertEquals(await thread.equivalentName("caf\u00e8.jpg"), null);
  } finally {
    thread.close();
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("names of ASCII alone need no Worker", async () => {
  const { thread, workers } = fakeThread();
  assertEquals(await thread.equivalentName("sea.jpg"), null);
  assertEquals(workers.length, 0);
});

Deno.test("a failed job rejects, and the Worker goes on", async () => {
  const { thread, workers } = fakeThread();
  const failed = assertRejects(() => thread.page(FIRST), Error, "out of reach");
  workers[0].replies({ error: "out of reach" });
  await failed;
  const next = thread.page(FIRST);
  workers[0].replies({ result: null });
  assertEquals([await next, workers.length], [null, 1]);
  thread.close();
});

Deno.test("if the Worker ends, all its jobs reject, and the next job starts another Worker", async () => {
  const { thread, workers } = fakeThread();
  const failed = Promise.all([
    assertRejects(() => thread.page(FIRST), Error, "no memory"),
    assertRejects(() => thread.page(page("coast")), Error, "no memory"),
  ]);
  workers[0].onerror!(new ErrorEvent("error", { message: "no memory", cancelable: true }));
  await failed;
  const next = thread.page(FIRST);
  assertEquals([workers.length, workers[1].start?.root], [2, "images"]);
  workers[1].replies({ result: null });
  assertEquals(await next, null);
  const last = assertRejects(() => thread.page(FIRST), Error, "stops");
  thread.close();
  await last;
  assert(workers.every(({ isTerminated }) => isTerminated));
});

Deno.test("a Worker that cannot be started fails the job, and leaves nothing to close", async () => {
  const makeWorker = () => {
    throw new Error("no thread");
  };
  const thread = new ListingThread("images", { makeWorker });
  await assertRejects(() => thread.page(FIRST), Error, "no thread");
  thread.close();
  // Reports a rejection that nobody handles.
  await new Promise((resolve) => setTimeout(resolve, 0));
});

Deno.test("a folder that hangs takes its own lists along, and no other", async () => {
  const { thread, workers, made } = fakeThread({ hangMs: 1 });
  const dead = thread.page(page("nas/2024"));
  const top = thread.page(page(""));
  workers[0].hangsIn("nas");
  await made(2);
  // The list of the folder around it is made anew, without what is in it.
  assertEquals(workers[1].asked, [""]);
  assertEquals(workers[1].orders[0].avoid, ["nas"]);
  workers[1].replies({ result: null });
  assertEquals(await top, null);
  // What is within it waits with it, what only begins like it does not.
  const within = thread.page(page("nas/2025"));
  const beside = thread.page(page("nas2"));
  assertEquals(workers.map(({ asked }) => asked.at(-1)), ["nas/2025", "nas2"]);
  workers[1].replies({ result: null });
  assertEquals(await beside, null);
  // It is back, and in its place: replies to what others did since are nobody's.
  for (const { id } of workers[0].orders) workers[0].says({ id, result: null });
  assertEquals([await dead, await within], [null, null]);
  const last = thread.page(page(""));
  assertEquals(workers[0].asked.at(-1), "");
  assertEquals(workers[0].orders.at(-1)!.avoid, []);
  workers[0].replies({ result: null });
  assertEquals(await last, null);
  thread.close();
});

Deno.test("a Worker that has made lists and then hangs is noticed", async () => {
  const { thread, workers, made } = fakeThread({ hangMs: 1 });
  const list = thread.page(page("coast"));
  workers[0].says("started");
  workers[0].replies({ result: null });
  assertEquals(await list, null);
  new CurrentFolder(workers[0].start!.current).path = "nas";
  const dead = assertRejects(() => thread.page(page("nas")), Error, "stops");
  const other = thread.page(page("coast"));
  await made(2);
  workers[1].replies({ result: null });
  assertEquals(await other, null);
  thread.close();
  await dead;
});

Deno.test("a folder that cannot be read in time fails", async () => {
  const { thread } = fakeThread({ timeLimitMs: 1 });
  await assertRejects(() => thread.page(page("nas")), FolderUnavailable, `"nas" cannot be read`);
  thread.close();
});

Deno.test("if as many Workers hang as there may be, other lists fail at once", async () => {
  const { thread, workers, made } = fakeThread({ hangMs: 1, maxWorkers: 2 });
  const dead = ["nas", "usb"].map((folder) =>
    assertRejects(() => thread.page(page(folder)), Error, "stops")
  );
  workers[0].hangsIn("nas");
  await made(2);
  const other = assertRejects(() => thread.page(page("coast")), FolderUnavailable, "all Workers");
  workers[1].hangsIn("usb");
  await other;
  assertEquals(workers.length, 2);
  thread.close();
  await Promise.all(dead);
});

Deno.test("a Worker that still loads does not hang", async () => {
  const { thread, workers } = fakeThread({ hangMs: 1 });
  const list = thread.page(FIRST);
  // A later timer than that which finds out.
  await new Promise((resolve) => setTimeout(resolve, 5));
  workers[0].says("started");
  workers[0].replies({ result: null });
  assertEquals([await list, workers.length], [null, 1]);
  thread.close();
});

Deno.test("a name is looked up while a list is made, by a Worker that then ends", async () => {
  const { thread, workers } = fakeThread({ idleMs: 1 });
  const list = thread.page(FIRST);
  const name = thread.equivalentName("\u00e9.jpg");
  assertEquals(workers.map(({ asked }) => asked), [[""], ["\u00e9.jpg"]]);
  const ended = Promise.withResolvers<void>();
  workers[1].terminate = () => ended.resolve();
  workers[1].replies({ result: "e\u0301.jpg" });
  assertEquals(await name, "e\u0301.jpg");
  await ended.promise;
  workers[0].replies({ result: null });
  assertEquals(await list, null);
  // One that makes no list looks it up itself.
  const again = thread.equivalentName("\u00e9.jpg");
  assertEquals([workers.length, workers[0].asked.at(-1)], [2, "\u00e9.jpg"]);
  workers[0].replies({ result: null });
  assertEquals(await again, null);
  thread.close();
});
