/**
 * What the painting Worker is sent, and what it sends back.
 */
import type { Size } from "../../picture/mod.ts";
import type { Box, Painted, PaintStyle, PictureWindow } from "./paint.ts";

/** How something is painted. */
interface Look {
  readonly style: PaintStyle;
  /** What the kitty protocol is to name the picture by. */
  readonly id: number;
}

/** Something to do. */
export type PaintOrder =
  /** Paint a file, no larger than a box. */
  | ({ readonly kind: "paint"; readonly bytes: Uint8Array; readonly box: Box } & Look)
  /** Keep a file in place of the one before, to paint it several times. */
  | { readonly kind: "open"; readonly bytes: Uint8Array }
  /** Forget the file that was opened. */
  | { readonly kind: "close" }
  /** Paint the file that was opened, no larger than a box. */
  | ({ readonly kind: "whole"; readonly box: Box } & Look)
  /** Paint a part of the file that was opened. */
  | ({ readonly kind: "part"; readonly window: PictureWindow } & Look);

/** An order as it is sent. */
export interface PaintRequest {
  /** What the response names it by. */
  readonly number: number;
  readonly order: PaintOrder;
}

/** The response to a request. */
export interface PaintResponse {
  readonly number: number;
  readonly result: PaintResult;
}

/** What an order gives. */
export type PaintResult =
  | { readonly kind: "painted"; readonly painted: Painted }
  /** Pixels of the picture that was opened, upright. */
  | { readonly kind: "opened"; readonly size: Size }
  /** The picture cannot be drawn, or there is nothing to draw. */
  | { readonly kind: "undrawn" };
