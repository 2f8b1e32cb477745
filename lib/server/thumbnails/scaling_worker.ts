/**
 * The Worker that scales images: plans, asks whether there is memory for it, scales.
 *
 * @module
 */
import { decodeBase64 } from "@std/encoding/base64";
import { PictureError, planScaling, scalePicture } from "../../picture/mod.ts";
import { runInBackground } from "../background_thread.ts";
import type { ScalingMessage, ScalingOrder } from "./scaling_pool.ts";

/** The Worker's side of its channel; the DOM types that declare it are not loaded. */
const channel = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ScalingOrder>) => void) | null;
  postMessage(message: ScalingMessage, transfer?: Transferable[]): void;
};

runInBackground();

let proceed: () => void = () => {};

channel.onmessage = ({ data }) => {
  if (data === "proceed") proceed();
  else if (data === "warm") warm();
  else carryOut(data.bytes, data.box);
};

/** A JPEG of 16 × 16 grey pixels, as small as one gets. */
const SAMPLE = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdA" +
  "SFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2Nj" +
  "Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAQABADASIAAhEBAxEB/8QAFQABAQAA" +
  "AAAAAAAAAAAAAAAAAAH/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAAAP/EABQR" +
  "AQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AIAD/9k=";

/** Scales a sample, so that the modules of WebAssembly for JPEGs are there for the first image. */
async function warm(): Promise<void> {
  const bytes = decodeBase64(SAMPLE);
  const plan = planScaling(bytes, 1);
  if (plan === null || plan === "fits") return;
  // Small JPEGs are decoded, large ones averaged.
  for (const isAveraged of [true, false]) await scalePicture(bytes, { ...plan, isAveraged });
}

async function carryOut(bytes: Uint8Array<ArrayBuffer>, box: number): Promise<void> {
  channel.postMessage({ kind: "begun" });
  channel.postMessage(...await scale(bytes, box));
}

async function scale(
  bytes: Uint8Array<ArrayBuffer>,
  box: number,
): Promise<[ScalingMessage, Transferable[]]> {
  try {
    const plan = planScaling(bytes, box);
    if (plan === "fits") return [{ kind: "fits" }, []];
    if (plan === null) return [{ kind: "unscalable" }, []];
    const mayProceed = new Promise<void>((resolve) => proceed = resolve);
    channel.postMessage({ kind: "planned", memoryBytes: plan.memoryBytes });
    await mayProceed;
    const picture = await scalePicture(bytes, plan);
    return [{ kind: "scaled", picture }, [picture.bytes.buffer]];
  } catch (error) {
    if (error instanceof PictureError) return [{ kind: "unscalable" }, []];
    return [{ kind: "failed", reason: String(error) }, []];
  }
}
