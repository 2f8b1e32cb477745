/** Painting in Workers: what they give, how many there are, and what becomes of a dead one. */
import { assertEquals } from "@std/assert";
import { type OpenPicture, Painter } from "../../../lib/client/painting/painter.ts";
import { type PaintStyle, pixelsFor } from "../../../lib/client/painting/paint.ts";
import type { PaintRequest, PaintResult } from "../../../lib/client/painting/protocol.ts";

const PNG = Deno.readFileSync(new URL("../../picture/fixtures/rgb8.png", import.meta.url));
const BOX = { columns: 8, rows: 4 };

/** A Worker that responds when the test says so. */
class FakeWorker {
  readonly requests: PaintRequest[] = [];
  onmessage: (event: { data: unknown }) => void = () => {};
  onerror: (event: { preventDefault(): void }) => void = () => {};
  isEnded = false;
  postMessage(request: PaintRequest): void {
    this.requests.push(request);
  }
  terminate(): void {
    this.isEnded = true;
  }
  /** The kinds of what it was asked to do. */
  get kinds(): string[] {
    return this.requests.map(({ order }) => order.kind);
  }
  /** Responds to the oldest request that has no response yet. */
  respond(result: PaintResult): void {
    const { number } = this.requests.shift()!;
    this.onmessage({ data: { number, result } });
  }
}

const OPENED = { kind: "opened", size: { width: 2, height: 2 } } as const;
const NOTHING = { kind: "undrawn" } as const;

function fakes() {
  const workers: FakeWorker[] = [];
  const makeWorker = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  };
  return { workers, painter: new Painter({ openingWorkers: 2, makeWorker }) };
}

/** Lets what has been resolved go on. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("a Worker paints bytes and opened files, whole and in part; null for what is damaged", async () => {
  const painter = new Painter();
  try {
    painter.style = { symbols: "half", colors: "truecolor", graphics: null };
    const painted = await painter.paint(PNG, BOX);
    assertEquals(painted!.columns, 8);
    assertEquals(painted!.rows.every((row) => row.startsWith("\x1b[")), true);
    assertEquals(await painter.paint(new Uint8Array(9), BOX), null);
    const opened = await painter.open(PNG.slice(), () => true);
    assertEquals(await opened!.paint(BOX), painted);
    const { width, height } = opened!.size;
    const part = { x: 0, y: 0, width: width / 2, height: height / 2 };
    assertEquals((await opened!.paintPart({ ...BOX, part }))!.rows.length, 4);
    painter.style = { symbols: "half", colors: "none", graphics: null };
    const plain = await opened!.paintPart({ columns: 3, rows: 2, part });
    assertEquals([plain!.rows.map((row) => row.length), plain!.columns], [[3, 3], 3]);
    opened!.close();
    painter.style = {
      symbols: "half",
      colors: "truecolor",
      graphics: { protocol: "kitty", cellWidth: 10, cellHeight: 20 },
    };
    const [one, other] = await Promise.all([painter.paint(PNG, BOX), painter.paint(PNG, BOX)]);
    assertEquals(one!.pixels!.id! + 1, other!.pixels!.id);
    assertEquals(one!.rows[0], " ".repeat(one!.columns));
    assertEquals(await painter.open(new Uint8Array(9), () => true), null);
  } finally {
    painter.close();
  }
});

Deno.test("files that are left while they are decoded occupy no more Workers than there may be", async () => {
  const { workers, painter } = fakes();
  const open = async (isWanted = () => true) => {
    const opening = painter.open(new Uint8Array(1), isWanted);
    await turn();
    return opening;
  };
  const openNow = async (worker: number): Promise<OpenPicture> => {
    const opening = painter.open(new Uint8Array(1), () => true);
    await turn();
    workers[worker].respond(OPENED);
    return (await opening)!;
  };
  const one = await openNow(1), other = await openNow(2);
  const painting = one.paint(BOX);
  one.close();
  one.close();
  let isSecondWanted = true;
  const second = open(() => isSecondWanted), third = open();
  await turn();
  assertEquals(workers.length, 3, "the first is for thumbnails");
  isSecondWanted = false;
  assertEquals(workers[1].kinds, ["whole", "close"]);
  workers[1].respond(NOTHING);
  workers[1].respond(NOTHING);
  assertEquals(await painting, null);
  await turn();
  assertEquals(workers[1].kinds, ["open"], "what was asked for last");
  workers[1].respond(OPENED);
  const opened = await third;
  opened!.close();
  await turn();
  workers[1].respond(NOTHING);
  assertEquals(await second, null, "it was not wanted any more");
  other.close();
  painter.close();
  assertEquals(workers.map(({ isEnded }) => isEnded), [true, true, true]);
  assertEquals(await open(), null);
});

Deno.test("a Worker that dies has not drawn its pictures, and another takes its place", async () => {
  const { workers, painter } = fakes();
  const [one, two] = [painter.paint(PNG, BOX), painter.paint(PNG, BOX)];
  workers[0].onerror({ preventDefault() {} });
  assertEquals([await one, await two], [null, null]);
  const three = painter.paint(PNG, BOX);
  workers[1].respond({ kind: "painted", painted: { rows: ["x"], columns: 1 } });
  assertEquals(await three, { rows: ["x"], columns: 1 });
  for (const worker of [2, 3, 4]) {
    const opening = painter.open(new Uint8Array(1), () => true);
    await turn();
    workers[worker].onerror({ preventDefault() {} });
    assertEquals(await opening, null);
    await turn();
  }
  painter.close();
});

Deno.test("a picture is painted from as many pixels as its box of cells can show", () => {
  const blocks: PaintStyle = { symbols: "block", colors: "truecolor", graphics: null };
  const box = { columns: 200, rows: 50 };
  assertEquals(pixelsFor(box, blocks, null), { width: 1600, height: 800 });
  assertEquals(pixelsFor(box, blocks, { width: 3000, height: 2000 }), { width: 1200, height: 800 });
  const kitty: PaintStyle = {
    ...blocks,
    graphics: { protocol: "kitty", cellWidth: 20, cellHeight: 40 },
  };
  assertEquals(pixelsFor(box, kitty, null), { width: 2037, height: 1019 });
  assertEquals(pixelsFor({ columns: 20, rows: 5 }, kitty, null), { width: 400, height: 200 });
});
