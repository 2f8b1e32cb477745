import type { GifFrame } from "imagescript/gif";
import type { Raster, Rgb } from "../../pixels/raster.ts";

/** A GIF at one moment: the screen with all frames so far placed on it. */
export interface GifMoment {
  /** The screen. The next moment is painted over it: use it before asking for that. */
  readonly raster: Raster;
  /** Milliseconds until the next moment. */
  readonly delayMs: number;
}

/** The disposal methods (GIF89a, 23.c.iv), as the codec numbers them: not as the file does. */
const RESTORE_PREVIOUS = 2, RESTORE_BACKGROUND = 3;

/** Where a delay of 0 or 10 ms is asked for, browsers wait this long, and authors rely on it. */
const USUAL_DELAY = 100;

/** The codec, loaded: one is enough for all the times an animation is played. */
export type GifCodec = Awaited<
  ReturnType<(typeof import("imagescript/gif"))["default"]["init"]>
>;

/** Loads the codec. */
export async function loadGifCodec(): Promise<GifCodec> {
  return await (await import("imagescript/gif")).default.init();
}

/**
 * Decodes a GIF frame by frame, one at a time, and places each on the screen as its disposal method
 * says. Transparent pixels show the background.
 *
 * @throws {Error} where the codec cannot make sense of the bytes
 */
export function* gifMoments(
  codec: GifCodec,
  bytes: Uint8Array,
  background: Rgb,
): Generator<GifMoment> {
  const decoder = new codec.Decoder(bytes);
  const { width, height } = decoder;
  const screen = new Uint8Array(width * height * 3);
  fill(screen, width, { x: 0, y: 0, width, height }, background);
  let failed = false;
  const next = (): GifFrame | null => {
    try {
      return decoder.frame();
    } catch (error) {
      failed = true; // and the decoder has freed itself
      throw error;
    }
  };
  try {
    for (let frame = next(); frame !== null; frame = next()) {
      const area = clip(frame, width, height);
      const before = frame.dispose === RESTORE_PREVIOUS ? cut(screen, width, area) : null;
      place(screen, width, frame, area);
      yield {
        raster: { width, height, channels: 3, data: screen },
        delayMs: frame.delay > 1 ? frame.delay * 10 : USUAL_DELAY,
      };
      if (before !== null) paste(screen, width, area, before);
      else if (frame.dispose === RESTORE_BACKGROUND) fill(screen, width, area, background);
    }
  } finally {
    if (!failed) decoder.free();
  }
}

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The part of a frame that lies on the screen. */
function clip({ x, y, width, height }: GifFrame, across: number, down: number): Area {
  return {
    x,
    y,
    width: Math.max(0, Math.min(width, across - x)),
    height: Math.max(0, Math.min(height, down - y)),
  };
}

/** Paints the opaque pixels of a frame; a GIF knows no half transparency. */
function place(screen: Uint8Array, across: number, frame: GifFrame, area: Area): void {
  for (let row = 0; row < area.height; row++) {
    let to = ((area.y + row) * across + area.x) * 3;
    let from = row * frame.width * 4;
    for (let column = 0; column < area.width; column++, to += 3, from += 4) {
      if (frame.buffer[from + 3] === 0) continue;
      screen[to] = frame.buffer[from];
      screen[to + 1] = frame.buffer[from + 1];
      screen[to + 2] = frame.buffer[from + 2];
    }
  }
}

function fill(screen: Uint8Array, across: number, area: Area, [red, green, blue]: Rgb): void {
  for (let row = 0; row < area.height; row++) {
    let to = ((area.y + row) * across + area.x) * 3;
    for (let column = 0; column < area.width; column++) {
      screen[to++] = red;
      screen[to++] = green;
      screen[to++] = blue;
    }
  }
}

function cut(screen: Uint8Array, across: number, area: Area): Uint8Array {
  const piece = new Uint8Array(area.width * area.height * 3);
  for (let row = 0; row < area.height; row++) {
    const from = ((area.y + row) * across + area.x) * 3;
    piece.set(screen.subarray(from, from + area.width * 3), row * area.width * 3);
  }
  return piece;
}

function paste(screen: Uint8Array, across: number, area: Area, piece: Uint8Array): void {
  for (let row = 0; row < area.height; row++) {
    const from = row * area.width * 3;
    screen.set(
      piece.subarray(from, from + area.width * 3),
      ((area.y + row) * across + area.x) * 3,
    );
  }
}
