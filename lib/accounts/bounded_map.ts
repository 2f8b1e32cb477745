/** A map that forgets what was set longest ago when it is full. */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, V>();

  /** @param capacity how many entries it holds */
  constructor(readonly capacity: number) {}

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    // Deleted first, so that the order is that of the latest setting.
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
