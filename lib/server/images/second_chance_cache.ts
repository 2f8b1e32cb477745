/** Things kept in memory under names, within a bound. */

/** A thing with what it costs, and whether it was asked for lately. */
interface Entry<Value> {
  readonly value: Value;
  readonly cost: number;
  used: boolean;
}

/**
 * A cache that holds at most so much cost. What must go is chosen by second chance: the oldest first,
 * but whatever was asked for since its last chance gets another. A hit costs one flag, where least
 * recently used would cost moving the entry.
 */
export class SecondChanceCache<Value> {
  readonly #capacity: number;
  /** In the order in which they get their chance. */
  readonly #entries = new Map<string, Entry<Value>>();
  #cost = 0;

  /** @param capacity the most that the costs may add up to */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What the entries add up to. */
  get cost(): number {
    return this.#cost;
  }

  /** The thing of this name. */
  get(name: string): Value | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  /** Keeps a thing, in place of another of its name; one that costs more than there is room is not kept. */
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

  /** Forgets the thing of this name. */
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
