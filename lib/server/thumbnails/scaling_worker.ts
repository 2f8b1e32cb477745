/**
 * The Worker that scales images: plans, asks whether there is memory for it, scales.
 *
 * @module
 */
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
  else carryOut(data.bytes, data.box);
};

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
