/** The Worker that makes lists. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  type ListingOrder,
  type ListingReply,
  ListingThread,
} from "../../../lib/server/listing/listing_thread.ts";

const FIRST = { folder: "", after: null, limit: 1000 };

/** A Worker that replies what the test says. */
class FakeWorker {
  onmessage: ((event: MessageEvent<ListingReply>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly messages: (string | ListingOrder)[] = [];
  isTerminated = false;

  postMessage(message: string | ListingOrder): void {
    this.messages.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** Replies to the newest order. */
  replies(reply: { result: null } | { error: string }): void {
    const { id } = this.messages.at(-1) as ListingOrder;
    this.onmessage!(new MessageEvent("message", { data: { id, ...reply } }));
  }
}

function fakeThread() {
  const workers: FakeWorker[] = [];
  const thread = new ListingThread("images", () => {
    workers.push(new FakeWorker());
    return workers.at(-1) as unknown as Worker;
  });
  return { thread, workers };
}

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

Deno.test("a failed order rejects, and the Worker goes on", async () => {
  const { thread, workers } = fakeThread();
  const failed = assertRejects(() => thread.page(FIRST), Error, "out of reach");
  workers[0].replies({ error: "out of reach" });
  await failed;
  const next = thread.page(FIRST);
  workers[0].replies({ result: null });
  assertEquals([await next, workers.length], [null, 1]);
});

Deno.test("if the Worker ends, all that it had to do rejects, and the next order starts another", async () => {
  const { thread, workers } = fakeThread();
  const failed = Promise.all([
    assertRejects(() => thread.page(FIRST), Error, "no memory"),
    assertRejects(() => thread.equivalentName("\u00e9.jpg"), Error, "no memory"),
  ]);
  workers[0].onerror!(new ErrorEvent("error", { message: "no memory", cancelable: true }));
  await failed;
  const next = thread.page(FIRST);
  assertEquals([workers.length, workers[1].messages[0]], [2, "images"]);
  workers[1].replies({ result: null });
  assertEquals(await next, null);
  const last = assertRejects(() => thread.page(FIRST), Error, "stops");
  thread.close();
  await last;
  assert(workers.every(({ isTerminated }) => isTerminated));
});

Deno.test("a Worker that cannot be started fails the order, and leaves nothing for the stop", async () => {
  const thread = new ListingThread("images", () => {
    throw new Error("no thread");
  });
  await assertRejects(() => thread.page(FIRST), Error, "no thread");
  thread.close();
  // Reports a rejection that nobody handles.
  await new Promise((resolve) => setTimeout(resolve, 0));
});
