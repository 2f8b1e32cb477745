import { decode } from "./formats/decode.ts";
import { average, type Grid } from "./pixels/grid.ts";
import type { PictureHeader } from "./formats/header.ts";
import { averageJpeg } from "./formats/jpeg/averages.ts";
import type { Rgb, Size } from "./pixels/raster.ts";

/**
 * Averages a still picture, or the first frame of a moving one, over a grid of equal areas.
 *
 * @param areas areas across and down, in the file's own orientation
 * @param minimum the pixels to look at if the picture has as many
 * @throws {PictureError} where the codec cannot make sense of the bytes
 */
export async function averagesOf(
  bytes: Uint8Array,
  header: PictureHeader,
  areas: Size,
  minimum: Size,
  background: Rgb,
): Promise<Grid> {
  const direct = header.type === "jpeg" ? averageJpeg(bytes, areas, minimum) : null;
  return direct ??
    average(await decode(bytes, header, minimum, background), areas.width, areas.height);
}
