/** A map of bounded size. */

/** A map that drops the entry set longest ago when it is full. */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, V>();

  /** @param capacity maximum number of entries */
  constructor(readonly capacity: number) {}

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    // Deleting first moves the entry to the end of the order.
    this.#map.delete(key);
    if (this.#map.size >= this.capacity) {
      const oldest = this.#map.keys().next();
      if (!oldest.done) this.#map.delete(oldest.value);
    }
    this.#map.set(key, value);
  }

  delete(key: K): void {
    this.#map.delete(key);
  }
}
