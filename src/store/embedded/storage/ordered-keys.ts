const CHUNK = 512;
/** What a string takes beside its characters, bytes. */
const KEY_OVERHEAD = 24;

/** A sorted set of strings, as indexes use it. */
export interface KeySet {
  readonly size: number;
  /** About what the keys take in memory. */
  readonly bytes: number;
  add(key: string): void;
  delete(key: string): void;
  load(keys: string[]): void;
  take(keys: readonly string[]): void;
  count(from: string, to: string): number;
  range(from: string, to: string, reverse?: boolean): Generator<string>;
}

/**
 * A sorted set of strings in chunks of at most 512: insertion moves one chunk only, lookups are two
 * binary searches, and counting a range adds chunk lengths.
 */
export class OrderedKeys implements KeySet {
  #chunks: string[][] = [];
  #size = 0;
  /** Grows with every change, so that a range that is being read finds its place again. */
  #changes = 0;
  /** About what the keys take in memory. */
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#size;
  }

  /** Replaces the content; sorts once, which is much faster than adding one by one. */
  load(keys: string[]): void {
    this.take(keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  }

  /** Replaces the content by keys that are sorted already. */
  take(keys: readonly string[]): void {
    this.#chunks = [];
    // Filled to three quarters, so that the next insertions do not split at once.
    const fill = (CHUNK * 3) / 4;
    for (let i = 0; i < keys.length; i += fill) this.#chunks.push(keys.slice(i, i + fill));
    this.#size = keys.length;
    this.#changes += 1;
    this.#bytes = keys.reduce((sum, { length }) => sum + length + KEY_OVERHEAD, 0);
  }

  add(key: string): void {
    this.#changes += 1;
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([key]);
      this.#size += 1;
      this.#bytes += key.length + KEY_OVERHEAD;
      return;
    }
    const index = lowerBound(chunk, key);
    if (chunk[index] === key) return;
    chunk.splice(index, 0, key);
    this.#size += 1;
    this.#bytes += key.length + KEY_OVERHEAD;
    if (chunk.length > CHUNK) this.#split(at, chunk, index);
  }

  delete(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    const index = chunk ? lowerBound(chunk, key) : 0;
    if (!chunk || chunk[index] !== key) return;
    chunk.splice(index, 1);
    this.#changes += 1;
    this.#size -= 1;
    this.#bytes -= key.length + KEY_OVERHEAD;
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Number of keys with `from <= key < to`. */
  count(from: string, to: string): number {
    if (from >= to) return 0;
    const first = this.#chunkFor(from);
    const last = this.#chunkFor(to);
    let count = lowerBound(this.#chunks[last] ?? [], to) - lowerBound(this.#chunks[first] ?? [], from);
    for (let at = first; at < last; at += 1) count += this.#chunks[at]?.length ?? 0;
    return count;
  }

  /** Keys with `from <= key < to` in order, or in reverse; the set may change meanwhile. */
  range(from: string, to: string, reverse = false): Generator<string> {
    return reverse ? this.#descending(from, to) : this.#ascending(from, to);
  }

  *#ascending(from: string, to: string): Generator<string> {
    let changes = this.#changes;
    let at = this.#chunkFor(from);
    let index = lowerBound(this.#chunks[at] ?? [], from);
    for (;;) {
      const chunk = this.#chunks[at];
      if (!chunk) return;
      const key = chunk[index];
      if (key === undefined) {
        at += 1;
        index = 0;
        continue;
      }
      if (key >= to) return;
      yield key;
      index += 1;
      if (changes === this.#changes) continue;
      changes = this.#changes;
      at = this.#chunkFor(key);
      index = lowerBound(this.#chunks[at] ?? [], key);
      if (this.#chunks[at]?.[index] === key) index += 1;
    }
  }

  *#descending(from: string, to: string): Generator<string> {
    let changes = this.#changes;
    let at = this.#chunkFor(to);
    let index = lowerBound(this.#chunks[at] ?? [], to) - 1;
    while (at >= 0) {
      const key = this.#chunks[at]?.[index];
      if (key === undefined) {
        at -= 1;
        index = (this.#chunks[at]?.length ?? 0) - 1;
        continue;
      }
      if (key < from) return;
      yield key;
      index -= 1;
      if (changes === this.#changes) continue;
      changes = this.#changes;
      at = this.#chunkFor(key);
      index = lowerBound(this.#chunks[at] ?? [], key) - 1;
    }
  }

  /** Index of the last chunk whose first key is not above `key`; 0 when there is none. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = this.#chunks[middle]?.[0];
      if (first !== undefined && first <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Keys mostly arrive in order: a chunk that overflows at its end is left full. */
  #split(at: number, chunk: string[], insertedAt: number): void {
    const cut = insertedAt === chunk.length - 1 ? CHUNK : CHUNK / 2;
    this.#chunks.splice(at + 1, 0, chunk.splice(cut));
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = keys[middle];
    if (value !== undefined && value < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
