import { OrderedKeys, type KeySet } from './ordered-keys.js';

/** A sorted set based on another one with some keys added and removed; the base stays unchanged. */
export class OverlayKeys implements KeySet {
  readonly #added = new OrderedKeys();
  readonly #removed = new Set<string>();

  constructor(private readonly base: KeySet) {}

  get size(): number {
    return this.base.size + this.#added.size - this.#removed.size;
  }

  get bytes(): number {
    return this.base.bytes;
  }

  add(key: string): void {
    if (!this.#removed.delete(key)) this.#added.add(key);
  }

  delete(key: string): void {
    if (this.#added.count(key, `${key}\0`) > 0) this.#added.delete(key);
    else this.#removed.add(key);
  }

  take(): never {
    throw new Error('a view is not filled anew');
  }

  fill(): never {
    throw new Error('a view is not filled anew');
  }

  pieces(): never {
    throw new Error('a view is not kept');
  }

  load(): never {
    throw new Error('a view is not filled anew');
  }

  count(from: string, to: string): number {
    let count = this.base.count(from, to) + this.#added.count(from, to);
    for (const key of this.#removed) if (key >= from && key < to) count -= 1;
    return Math.max(0, count);
  }

  *range(from: string, to: string, reverse = false): Generator<string> {
    const [added, existing] = [this.#added.range(from, to, reverse), this.base.range(from, to, reverse)];
    let next = added.next();
    for (const key of existing) {
      while (next.done !== true && (reverse ? next.value > key : next.value < key)) {
        yield next.value;
        next = added.next();
      }
      if (!this.#removed.has(key)) yield key;
    }
    for (; next.done !== true; next = added.next()) yield next.value;
  }
}
