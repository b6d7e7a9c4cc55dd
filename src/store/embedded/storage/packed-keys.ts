import { RID_BYTES } from './index-entry.js';

const COUNT_BYTES = 4;

/**
 * Sorted index entries in one buffer: their number, where each ends, and their bytes. They take a third of
 * the memory of strings and are used exactly as read from disk.
 */
export class PackedKeys {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static of(entries: readonly string[]): PackedKeys {
    const head = COUNT_BYTES * (entries.length + 1);
    const out = Buffer.allocUnsafeSlow(entries.reduce((sum, { length }) => sum + length, head));
    out.writeUInt32LE(entries.length, 0);
    let at = head;
    for (const [index, entry] of entries.entries()) {
      at += out.write(entry, at, 'latin1');
      out.writeUInt32LE(at, COUNT_BYTES * (index + 1));
    }
    return new PackedKeys(out);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get length(): number {
    return this.#bytes.readUInt32LE(0);
  }

  get first(): string {
    return this.#entry(0);
  }

  get last(): string {
    return this.#entry(this.length - 1);
  }

  #end(index: number): number {
    return index < 0 ? COUNT_BYTES * (this.length + 1) : this.#bytes.readUInt32LE(COUNT_BYTES * (index + 1));
  }

  #entry(index: number): string {
    return this.#bytes.toString('latin1', this.#end(index - 1), this.#end(index));
  }

  entries(): string[] {
    return Array.from({ length: this.length }, (_, index) => this.#entry(index));
  }

  #rid(index: number): number {
    return this.#bytes.readUIntBE(this.#end(index) - RID_BYTES, RID_BYTES);
  }

  *rids(): Generator<number> {
    for (let index = 0; index < this.length; index += 1) yield this.#rid(index);
  }

  #hasAny(rids: ReadonlySet<number>): boolean {
    const { length } = this;
    for (let index = 0; index < length; index += 1) if (rids.has(this.#rid(index))) return true;
    return false;
  }

  /** Leaves out the entries of some documents. */
  without(omitted: ReadonlySet<number>): PackedKeys {
    if (omitted.size === 0 || !this.#hasAny(omitted)) return this;
    return PackedKeys.of(this.entries().filter((_, index) => !omitted.has(this.#rid(index))));
  }
}
