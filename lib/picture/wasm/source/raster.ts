/**
 * Averages of decoded pixels, of 8 bits a component.
 */
import { AreaAverager } from "./areas.ts";

let areas!: AreaAverager;
let rowLength: i32 = 0;
/** The row at hand as floats. */
let row: usize = 0;

/**
 * Begins with a raster.
 *
 * @param channels bytes a pixel
 */
export function openAreas(width: i32, height: i32, channels: i32, across: i32, down: i32): void {
  areas = new AreaAverager(width, 0, 0, width, height, channels, across, down, down);
  rowLength = width * channels;
  row = heap.alloc((rowLength + 4) * 4);
}

/** Takes the next rows, which stand at an address one after the other. */
export function addRows(from: usize, count: i32): void {
  for (let y = 0; y < count; y++) {
    for (let i = 0; i < rowLength; i++) store<f32>(row + i * 4, load<u8>(from++));
    areas.addRow(row);
  }
}

/** The address of the averages: a 32-bit float for each component. */
export function areaAverages(): usize {
  return areas.averages;
}
