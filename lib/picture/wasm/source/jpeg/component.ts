/**
 * A component of a JPEG (ITU-T T.81, A.1.1), and how small its blocks become.
 *
 * A picture for the terminal needs far fewer values than the file has pixels, and the mean over a
 * part of a block is a weighted sum of the block's coefficients: so no pixel is ever computed. Each
 * coefficient that is there adds its own small picture, shrunk to the few values that a block comes
 * to.
 */
import { AreaAverager } from "../areas.ts";
import { Huffman } from "./huffman.ts";

/** Coefficients of a block. */
export const BLOCK = 64;

/**
 * Blocks whose AC coefficients add up to less than this are smooth: together they move no pixel by
 * more than a level of brightness, for a coefficient's cosines reach a quarter of it.
 */
export const SMOOTH: i32 = 4;

/** cos(k π / 16). */
const COSINE = memory.data<f64>([
  1,
  0.98078528040323044913,
  0.92387953251128675613,
  0.83146961230254523708,
  0.70710678118654752440,
  0.55557023301960222474,
  0.38268343236508977173,
  0.19509032201612826785,
  0,
]);

/** A part of a component, in blocks, whole or not. */
export class Part {
  constructor(
    readonly left: f64,
    readonly top: f64,
    readonly width: f64,
    readonly height: f64,
  ) {}
}

/** The luma, or one of the two chromas. */
export class Component {
  id: i32 = 0;
  /** Sampling factors (A.1.1). */
  horizontal: i32 = 1;
  vertical: i32 = 1;
  /** The address of its quantization table: 16-bit integers in zigzag order. */
  steps: usize = 0;
  dc!: Huffman;
  ac!: Huffman;
  /** The DC coefficient of the block before (F.2.1.3.1). */
  prediction: i32 = 0;
  /** Values that a block comes to, across and down; 1, 2, 4 or 8. */
  across: i32 = 1;
  down: i32 = 1;
  /** Bytes of a picture: the values of a block, rounded up to whole vectors. */
  size: i32 = 16;
  /** For each coefficient in zigzag order, what a 1 of it adds to each value, 32-bit floats. */
  basisImages: usize = 0;
  /**
   * For each coefficient in zigzag order, how much a 1 of it can move a sample, in quarters of a
   * level; of one whose image is blank, enough to be rough. 16-bit integers.
   */
  weights: usize = 0;
  /** The last coefficient that the scan has, and how many of their lowest bits it leaves out. */
  lastCoefficient: i32 = BLOCK - 1;
  lowBit: i32 = 0;
  /** The values of a row of MCUs, row by row. */
  band: usize = 0;
  bandWidth: i32 = 0;
  bandHeight: i32 = 0;
  areas!: AreaAverager;

  /**
   * Decides how small the blocks become, and makes room for them.
   *
   * @param mcus MCUs in a row
   * @param blocksAcross blocks that the picture spans, whole or not
   * @param blocksDown the same, down
   * @param part what is averaged of it
   * @param across areas to average over, across
   * @param down areas, down
   * @param minColumns how many values there must be, across, before averaging, if there are as many
   * @param minRows the same, down
   */
  plan(
    mcus: i32,
    blocksAcross: f64,
    blocksDown: f64,
    part: Part,
    across: i32,
    down: i32,
    minColumns: i32,
    minRows: i32,
  ): void {
    this.across = valuesOfBlock(blocksAcross, minColumns);
    this.down = valuesOfBlock(blocksDown, minRows);
    this.size = (this.across * this.down + 3 >> 2) * 16;
    this.bandWidth = mcus * this.horizontal * this.across;
    this.bandHeight = this.vertical * this.down;
    this.band = heap.alloc(this.bandWidth * this.bandHeight * 4 + 16);
    const height = part.height * this.down;
    // What a band finishes, and a row or two that another component had not yet finished before.
    const capacity = <i32> (this.bandHeight * down / height) + 3;
    this.areas = new AreaAverager(
      this.bandWidth,
      part.left * this.across,
      part.top * this.down,
      part.width * this.across,
      height,
      1,
      across,
      down,
      min(capacity, down),
    );
    this.makeBasisImages();
  }

  /**
   * What a coefficient of 1 adds to each value of its block: the mean, over the samples that the
   * value stands for, of the coefficient's cosines (A.3.3), times its quantization step.
   */
  private makeBasisImages(): void {
    const across = this.across, down = this.down;
    let picture = heap.alloc(BLOCK * this.size);
    let step = this.steps;
    let weight = heap.alloc(BLOCK * 2);
    this.basisImages = picture;
    this.weights = weight;
    memory.fill(picture, 0, BLOCK * this.size);
    // In zigzag order (figure A.6): diagonal by diagonal, the first to the lower left.
    for (let diagonal = 0; diagonal < 15; diagonal++) {
      for (let i = max(0, diagonal - 7); i <= min(diagonal, 7); i++) {
        const u = (diagonal & 1) === 0 ? i : diagonal - i, v = diagonal - u;
        const scale = <f64> (<i32> load<u16>(step) << this.lowBit) / 4;
        let largest: f64 = 0;
        for (let y = 0; y < down; y++) {
          for (let x = 0; x < across; x++) {
            const value = scale * meanCosine(x, across, u) * meanCosine(y, down, v);
            largest = Math.max(largest, Math.abs(value));
            store<f32>(picture + (y * across + x) * 4, <f32> value);
          }
        }
        store<u16>(weight, largest > 1e-9 ? load<u16>(step) : <u16> SMOOTH);
        picture += this.size;
        weight += 2;
        step += 2;
      }
    }
  }

  /** The rows of a band, once all its blocks are there. */
  addBand(): void {
    const end = this.band + this.bandWidth * this.bandHeight * 4;
    for (let row = this.band; row < end; row += this.bandWidth * 4) this.areas.addRow(row);
  }
}

/**
 * How many values of a block along an axis make `minimum` in all: exactly, or with a quarter to
 * spare. Where a value lies in two areas it is shared between them as if it were even, so the more
 * there are, the sharper.
 */
function valuesOfBlock(blocks: f64, minimum: i32): i32 {
  let count = 1;
  while (count < 8 && blocks * count !== minimum && blocks * count < minimum * 1.25) count <<= 1;
  return count;
}

/** The mean of C(u) cos((2p + 1) u π / 16) over the samples p of part `i` of `parts`. */
function meanCosine(i: i32, parts: i32, u: i32): f64 {
  if (u === 0) return load<f64>(COSINE + 4 * 8); // √½
  const count = 8 / parts;
  let sum: f64 = 0;
  for (let p = i * count; p < (i + 1) * count; p++) {
    const angle = (2 * p + 1) * u & 31;
    const folded = angle > 16 ? 32 - angle : angle;
    sum += folded > 8 ? -load<f64>(COSINE + (16 - folded) * 8) : load<f64>(COSINE + folded * 8);
  }
  return sum / count;
}
