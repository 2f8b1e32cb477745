/**
 * Error diffusion (Floyd and Steinberg, 1976): the error of a cell is spread to the cell on its
 * right and to three cells of the row below.
 */

/**
 * How much of an error is handed on. A little less than all of it keeps edges and dark areas clean.
 */
const SPREAD: f32 = 0.75;

/** The largest error of a component that is handed on. */
const LIMIT: f32 = 64;

/**
 * A row of errors, a colour each, with a cell to spare on either side for what would fall off the
 * edge.
 */
let here: usize = 0;
let below: usize = 0;
let bytes: i32 = 0;

/** Begins with rows of so many cells. */
export function openErrors(columns: i32): void {
  bytes = (columns + 2) * 16;
  here = heap.alloc(bytes);
  below = heap.alloc(bytes);
  memory.fill(here, 0, bytes);
  memory.fill(below, 0, bytes);
}

/** The error that a cell has to compensate for. */
export function carriedTo(column: i32): v128 {
  return v128.load(here + (column + 1) * 16);
}

/** Hands on what a cell could not show. Limited, so that an unreachable colour leaves no trail. */
export function spread(column: i32, error: v128): void {
  const limit = f32x4.splat(LIMIT);
  const limited = f32x4.mul(
    f32x4.max(f32x4.neg(limit), f32x4.min(limit, error)),
    f32x4.splat(SPREAD / 16),
  );
  const at = (column + 1) * 16;
  add(here + at + 16, limited, 7);
  add(below + at - 16, limited, 3);
  add(below + at, limited, 5);
  add(below + at + 16, limited, 1);
}

function add(at: usize, error: v128, sixteenths: f32): void {
  v128.store(at, f32x4.add(v128.load(at), f32x4.mul(error, f32x4.splat(sixteenths))));
}

/** Moves on to the row below. */
export function nextRow(): void {
  const done = here;
  here = below;
  below = done;
  memory.fill(below, 0, bytes);
}
