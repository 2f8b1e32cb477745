/**
 * The Worker that decodes and paints pictures for the browser, so that no key waits for one.
 */
import { CloseUp } from "../../picture/mod.ts";
import { paintPart, paintWhole } from "./paint.ts";
import type { PaintOrder, PaintRequest, PaintResponse, PaintResult } from "./protocol.ts";

/** What is used here of the global scope of a Worker. */
interface WorkerScope {
  onmessage: (event: MessageEvent<PaintRequest>) => void;
  postMessage(message: PaintResponse): void;
}

const scope = globalThis as unknown as WorkerScope;

/** The file that was opened last. */
let opened: { readonly bytes: Uint8Array; readonly closeUp: CloseUp } | null = null;

scope.onmessage = async ({ data: { number, order } }) => {
  let result: PaintResult = { kind: "undrawn" };
  try {
    result = await carryOut(order);
  } catch {
    // Whatever was thrown, the picture is at fault.
  }
  scope.postMessage({ number, result });
};

async function carryOut(order: PaintOrder): Promise<PaintResult> {
  switch (order.kind) {
    case "paint": {
      const { bytes, box, style, id } = order;
      return { kind: "painted", painted: await paintWhole(bytes, box, style, id) };
    }
    case "open": {
      const { bytes } = order;
      opened = null;
      const closeUp = new CloseUp(bytes);
      opened = { bytes, closeUp };
      return { kind: "opened", size: closeUp.size };
    }
    case "close":
      opened = null;
      return { kind: "undrawn" };
    case "whole": {
      const { box, style, id } = order;
      return { kind: "painted", painted: await paintWhole(opened!.bytes, box, style, id) };
    }
    case "part": {
      const { window, style, id } = order;
      return { kind: "painted", painted: await paintPart(opened!.closeUp, window, style, id) };
    }
  }
}
