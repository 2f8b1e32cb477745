import { decode } from "./decode.ts";
import { average, type Grid } from "./grid.ts";
import type { PictureHeader } from "./header.ts";
import { averageJpeg } from "./jpeg_averages.ts";
import type { Rgb, Size } from "./raster.ts";

/**
 * Averages a still picture, or the first frame of a moving one, over a grid of equal areas.
 *
 * @param areas areas across and down, in the file's own orientation
 * @param least the pixels that are looked at at least, where there are as many
 * @throws {PictureError} where the codec cannot make sense of the bytes
 */
export async function averagesOf(
  bytes: Uint8Array,
  header: PictureHeader,
  areas: Size,
  least: Size,
  background: Rgb,
): Promise<Grid> {
  const direct = header.type === "jpeg" ? averageJpeg(bytes, areas, least) : null;
  return direct ??
    average(await decode(bytes, header, least, background), areas.width, areas.height);
}
