const PAGE = 4_096;

interface Page {
  readonly bits: Uint8Array;
  count: number;
}

/** An ordered set of record numbers, one bit each. */
export class RidSet {
  readonly #pages = new Map<number, Page>();
  /** The page numbers, in order. */
  #order: number[] | undefined;
  #size = 0;
  /** The highest number ever added. */
  highest = 0;

  get size(): number {
    return this.#size;
  }

  /** Approximate memory it takes, in bytes. */
  get bytes(): number {
    return this.#pages.size * (PAGE / 8 + 100);
  }

  has(rid: number): boolean {
    const bits = this.#pages.get(Math.floor(rid / PAGE))?.bits[(rid % PAGE) >>> 3] ?? 0;
    return (bits & (1 << (rid & 7))) !== 0;
  }

  add(rid: number): void {
    if (this.has(rid)) return;
    const number = Math.floor(rid / PAGE);
    let page = this.#pages.get(number);
    if (!page) {
      page = { bits: new Uint8Array(PAGE / 8), count: 0 };
      this.#pages.set(number, page);
      this.#order = undefined;
    }
    const at = (rid % PAGE) >>> 3;
    page.bits[at] = (page.bits[at] ?? 0) | (1 << (rid & 7));
    page.count += 1;
    this.#size += 1;
    this.highest = Math.max(this.highest, rid);
  }

  delete(rid: number): void {
    const number = Math.floor(rid / PAGE);
    const page = this.#pages.get(number);
    if (!page || !this.has(rid)) return;
    const at = (rid % PAGE) >>> 3;
    page.bits[at] = (page.bits[at] ?? 0) & ~(1 << (rid & 7));
    page.count -= 1;
    this.#size -= 1;
    if (page.count > 0) return;
    this.#pages.delete(number);
    this.#order = undefined;
  }

  clear(): void {
    this.#pages.clear();
    this.#order = undefined;
    this.#size = 0;
  }

  /** In ascending order. */
  values(): number[] {
    this.#order ??= [...this.#pages.keys()].sort((a, b) => a - b);
    const out: number[] = [];
    for (const number of this.#order) {
      const bits = this.#pages.get(number)?.bits ?? new Uint8Array();
      for (const [at, byte] of bits.entries()) {
        if (byte === 0) continue;
        for (let bit = 0; bit < 8; bit += 1)
          if ((byte & (1 << bit)) !== 0) out.push(number * PAGE + at * 8 + bit);
      }
    }
    return out;
  }
}

/** Consecutive numbers, as ranges whose end is not included. */
export function* runsOf(numbers: ReadonlySet<number>): Generator<{ from: number; to: number }> {
  let [from, to] = [0, 0];
  for (const number of Uint32Array.from(numbers).sort()) {
    if (number === to) {
      to += 1;
      continue;
    }
    if (to > from) yield { from, to };
    [from, to] = [number, number + 1];
  }
  if (to > from) yield { from, to };
}
