/**
 * Averages over the areas of a regular grid, from rows that come one after the other.
 */

/** How far beyond a sample rounding may put the end of an area. */
const ROUNDING: f64 = 1e-9;

/**
 * Takes the rows of one plane, of one or more interleaved components, and averages them over a
 * grid. A sample that two areas share counts in both by the part that lies in each: the result is
 * the exact area average for any two sizes, larger or smaller.
 */
export class AreaAverager {
  /**
   * The averages of the rows of areas that are finished and were not dropped: `across * channels`
   * each.
   */
  readonly averages: usize;
  /** How many rows those are. */
  ready: i32 = 0;
  private readonly sums: usize;
  /** Values in a row. */
  private readonly length: i32;
  /** For each column of areas: first and last sample, and the parts of those two that it covers. */
  private readonly spans: usize;
  private rowsSeen: f64 = 0;
  private rowsDone: i32 = 0;

  /**
   * @param samples samples in a row; those outside of the grid are not looked at
   * @param left samples to the left of the grid, whole or not
   * @param top rows above the grid, whole or not
   * @param width samples that the grid spans, whole or not
   * @param height rows that the grid spans, whole or not
   * @param capacity rows of areas that there is room for
   */
  constructor(
    samples: i32,
    private readonly left: f64,
    private readonly top: f64,
    private readonly width: f64,
    private readonly height: f64,
    private readonly channels: i32,
    private readonly across: i32,
    private readonly down: i32,
    private readonly capacity: i32,
  ) {
    this.length = samples * channels;
    // Vectors of four reach over the end of a row.
    this.sums = heap.alloc((this.length + 4) * 4);
    this.averages = heap.alloc((across * capacity * channels + 4) * 4);
    this.spans = heap.alloc(across * 16);
    const step = width / across;
    for (let i = 0; i < across; i++) {
      const start = left + i * step, end = left + Math.min((i + 1) * step, width);
      const first = Math.floor(start), last = Math.max(first, Math.ceil(end - ROUNDING) - 1);
      const at = this.spans + i * 16;
      store<i32>(at, <i32> first);
      store<i32>(at, <i32> last, 4);
      store<f32>(at, <f32> (Math.min(first + 1, end) - start), 8);
      store<f32>(at, <f32> (end - last), 12);
    }
    memory.fill(this.sums, 0, this.length * 4);
  }

  /** Averages over the same grid, of another plane. */
  another(): AreaAverager {
    const samples = this.length / this.channels;
    return new AreaAverager(
      samples,
      this.left,
      this.top,
      this.width,
      this.height,
      this.channels,
      this.across,
      this.down,
      this.capacity,
    );
  }

  /**
   * Takes the next row.
   *
   * @param row the address of its 32-bit floats, and of up to three more that may be read
   */
  addRow(row: usize): void {
    const down = this.down;
    const top = this.rowsSeen++ - this.top, step = this.height / down;
    if (top + 1 <= 0) return;
    while (this.rowsDone < down) {
      const start = Math.max(top, this.rowsDone * step);
      const end = (this.rowsDone + 1) * step;
      this.addPart(row, <f32> (Math.min(end, top + 1) - start));
      // The last area ends with the picture, whatever rounding says.
      const isLast = this.rowsDone === down - 1 && top + 1 >= this.height - ROUNDING;
      if (end > top + 1 && !isLast) return;
      this.finishAreas(<f32> (1 / (step * (this.width / this.across))));
    }
  }

  /** Skips rows outside of the grid. */
  skipRows(count: i32): void {
    this.rowsSeen += count;
  }

  /** Drops the first of the rows that are ready, so that there is room for more. */
  drop(rows: i32): void {
    this.ready -= rows;
    const bytes = this.across * this.channels * 4;
    memory.copy(this.averages, this.averages + rows * bytes, this.ready * bytes);
  }

  private addPart(row: usize, part: f32): void {
    const weight = f32x4.splat(part);
    const sums = this.sums;
    const end = row + this.length * 4;
    for (let from = row, to = sums; from < end; from += 16, to += 16) {
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(weight, v128.load(from))));
    }
  }

  private finishAreas(scale: f32): void {
    const channels = this.channels, across = this.across, sums = this.sums;
    const values = across * channels;
    let to = this.averages + this.ready * values * 4;
    this.rowsDone++;
    this.ready++;
    // An area is a sample across.
    if (this.width === across && this.left === Math.floor(this.left)) {
      const from = sums + <usize> this.left * channels * 4;
      for (let i = 0; i < values * 4; i += 16) {
        v128.store(to + i, f32x4.mul(v128.load(from + i), f32x4.splat(scale)));
      }
      memory.fill(sums, 0, this.length * 4);
      return;
    }
    for (let x = 0; x < across; x++) {
      const span = this.spans + x * 16;
      const first = load<i32>(span), last = load<i32>(span, 4);
      for (let c = 0; c < channels; c++, to += 4) {
        let from = sums + (first * channels + c) * 4;
        let sum = load<f32>(from) * load<f32>(span, 8);
        for (let i = first + 1; i < last; i++) {
          from += channels * 4;
          sum += load<f32>(from);
        }
        if (last > first) sum += load<f32>(from + 4 * channels) * load<f32>(span, 12);
        store<f32>(to, sum * scale);
      }
    }
    memory.fill(sums, 0, this.length * 4);
  }
}
