import { PackedKeys } from './packed-keys.js';

const CHUNK = 512;
/** Overhead of a string in addition to its characters, in bytes. */
const KEY_OVERHEAD = 24;

/** A sorted set of strings, as indexes use it. */
export interface KeySet {
  readonly size: number;
  /** Approximate memory the keys take, in bytes. */
  readonly bytes: number;
  add(key: string): void;
  delete(key: string): void;
  load(keys: string[]): void;
  take(keys: readonly string[]): void;
  /** Replaces the content with sorted pieces. */
  fill(pieces: readonly PackedKeys[]): void;
  /**
   * The whole content in sorted pieces. The set can change in the meantime, but keys added at its end are
   * left out.
   */
  pieces(): Generator<PackedKeys>;
  count(from: string, to: string): number;
  range(from: string, to: string, reverse?: boolean): Generator<string>;
}

/**
 * A sorted set of strings in chunks of at most 512: an insertion moves only one chunk, a lookup takes two
 * binary searches, and counting a range adds up chunk lengths.
 */
export class OrderedKeys implements KeySet {
  /** Chunks not accessed yet are still as read from disk. */
  #chunks: Chunk[] = [];
  #size = 0;
  /** Incremented by every change, so that a range being read can find its place again. */
  #changes = 0;
  /** Approximate memory the keys take, in bytes. */
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#size;
  }

  /** Replaces the content; sorts once, which is much faster than adding keys one by one. */
  load(keys: string[]): void {
    this.take(keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  }

  /** Replaces the content with keys that are already sorted. */
  take(keys: readonly string[]): void {
    this.#chunks = [];
    // Three quarters full, so that the next insertions do not split the chunks immediately.
    const fill = (CHUNK * 3) / 4;
    for (let i = 0; i < keys.length; i += fill) this.#chunks.push(keys.slice(i, i + fill));
    this.#size = keys.length;
    this.#changes += 1;
    this.#bytes = keys.reduce((sum, { length }) => sum + length + KEY_OVERHEAD, 0);
  }

  fill(pieces: readonly PackedKeys[]): void {
    this.#chunks = [...pieces];
    this.#size = pieces.reduce((sum, { length }) => sum + length, 0);
    this.#bytes = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#changes += 1;
  }

  *pieces(): Generator<PackedKeys> {
    const end = this.#keysAt(this.#chunks.length - 1)?.at(-1) ?? '';
    for (let last = ''; last < end;) {
      let at = this.#chunkFor(last);
      let piece = pieceAfter(this.#chunks[at], last);
      if (piece?.length === 0) {
        at += 1;
        piece = pieceAfter(this.#chunks[at], last);
      }
      if (!piece || piece.length === 0) return;
      last = piece.last;
      yield piece;
    }
  }

  /** The chunk as strings. */
  #keysAt(at: number): string[] | undefined {
    const chunk = this.#chunks[at];
    if (!(chunk instanceof PackedKeys)) return chunk;
    const keys = chunk.entries();
    this.#chunks[at] = keys;
    this.#bytes += keys.length * KEY_OVERHEAD;
    return keys;
  }

  add(key: string): void {
    this.#changes += 1;
    const at = this.#chunkFor(key);
    const chunk = this.#keysAt(at);
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
    const chunk = this.#keysAt(at);
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
    let count = lowerBound(this.#keysAt(last) ?? [], to) - lowerBound(this.#keysAt(first) ?? [], from);
    for (let at = first; at < last; at += 1) count += this.#chunks[at]?.length ?? 0;
    return count;
  }

  /** Keys with `from <= key < to` in order, or in reverse. The set can change in the meantime. */
  range(from: string, to: string, reverse = false): Generator<string> {
    return reverse ? this.#descending(from, to) : this.#ascending(from, to);
  }

  *#ascending(from: string, to: string): Generator<string> {
    let changes = this.#changes;
    let at = this.#chunkFor(from);
    let index = lowerBound(this.#keysAt(at) ?? [], from);
    for (;;) {
      const chunk = this.#keysAt(at);
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
      index = lowerBound(this.#keysAt(at) ?? [], key);
      if (this.#keysAt(at)?.[index] === key) index += 1;
    }
  }

  *#descending(from: string, to: string): Generator<string> {
    let changes = this.#changes;
    let at = this.#chunkFor(to);
    let index = lowerBound(this.#keysAt(at) ?? [], to) - 1;
    while (at >= 0) {
      const key = this.#keysAt(at)?.[index];
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
      index = lowerBound(this.#keysAt(at) ?? [], key) - 1;
    }
  }

  /** Index of the last chunk whose first key is not above `key`; 0 if there is none. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      const first = chunk instanceof PackedKeys ? chunk.first : chunk?.[0];
      if (first !== undefined && first <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Keys mostly arrive in order, so a chunk that overflows at its end is left full. */
  #split(at: number, chunk: string[], insertedAt: number): void {
    const cut = insertedAt === chunk.length - 1 ? CHUNK : CHUNK / 2;
    this.#chunks.splice(at + 1, 0, chunk.splice(cut));
  }
}

type Chunk = string[] | PackedKeys;

/** The part of a chunk after a key. */
function pieceAfter(chunk: Chunk | undefined, key: string): PackedKeys | undefined {
  if (!chunk) return undefined;
  if (chunk instanceof PackedKeys && (key === '' || chunk.first > key)) return chunk;
  const keys = chunk instanceof PackedKeys ? (chunk.last > key ? chunk.entries() : []) : chunk;
  const at = lowerBound(keys, key);
  return PackedKeys.of(keys.slice(key !== '' && keys[at] === key ? at + 1 : at));
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
