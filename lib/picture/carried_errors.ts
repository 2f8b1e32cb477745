/** The errors that cells have handed on: to the right, and to three cells of the row below. */
export class CarriedErrors {
  #here: Float32Array;
  #below: Float32Array;

  /** @param columns cells of a row */
  constructor(columns: number) {
    // A cell to spare on either side takes what would fall off the edge.
    this.#here = new Float32Array((columns + 2) * 3);
    this.#below = new Float32Array((columns + 2) * 3);
  }

  /** What a cell has to make up for, in one component. */
  at(column: number, component: number): number {
    return this.#here[(column + 1) * 3 + component];
  }

  /** Hands on what a cell could not show. Limited, so that an unreachable colour leaves no trail. */
  spread(column: number, component: number, error: number): void {
    const limited = SPREAD * Math.max(-LIMIT, Math.min(LIMIT, error));
    const at = (column + 1) * 3 + component;
    this.#here[at + 3] += limited * 7 / 16;
    this.#below[at - 3] += limited * 3 / 16;
    this.#below[at] += limited * 5 / 16;
    this.#below[at + 3] += limited / 16;
  }

  /** Goes on with the row below. */
  nextRow(): void {
    [this.#here, this.#below] = [this.#below, this.#here.fill(0)];
  }
}

/** How much of an error is handed on. A little less than all of it keeps edges and dark areas clean. */
const SPREAD = 0.75;

/** The largest error of a component that is handed on. */
const LIMIT = 64;
