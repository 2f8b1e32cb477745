/** A cache in memory with a bounded total cost. */

/** A value with its cost, and whether it was used since it was last spared. */
interface Entry<Value> {
  readonly value: Value;
  readonly cost: number;
  used: boolean;
}

/**
 * A cache whose entries cost at most `capacity` in total. Evicts by second chance: the oldest entry
 * first, unless it was used since it was last spared. A hit only sets a flag; least recently used
 * would have to move the entry.
 */
export class SecondChanceCache<Value> {
  readonly #capacity: number;
  /** In the order in which they are considered for eviction. */
  readonly #entries = new Map<string, Entry<Value>>();
  #cost = 0;

  /** @param capacity largest total cost, in the unit of the costs */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The total cost of the entries. */
  get cost(): number {
    return this.#cost;
  }

  /** Returns the value of a name, or undefined. */
  get(name: string): Value | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  /**
   * Stores a value, replacing one of the same name. A value that exceeds the capacity is dropped.
   */
  set(name: string, value: Value, cost: number): void {
    this.delete(name);
    if (cost > this.#capacity) return;
    for (const [oldName, old] of this.#entries) {
      if (this.#cost + cost <= this.#capacity) break;
      this.delete(oldName);
      if (old.used) this.#add(oldName, { ...old, used: false });
    }
    this.#add(name, { value, cost, used: false });
  }

  /** Removes the value of a name. */
  delete(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#cost -= entry.cost;
  }

  #add(name: string, entry: Entry<Value>): void {
    this.#entries.set(name, entry);
    this.#cost += entry.cost;
  }
}
