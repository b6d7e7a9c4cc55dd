import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Reads the pages of an lmdb data file without lmdb, which trusts its file, so that a damaged one can end the
 * process. Layout: mdb.c of the lmdb package (`MDB_page_header`, `MDB_meta`, `MDB_node`).
 */
export const META_PAGES = 2;
const META_BYTES = 168;
const PAGE_HEADER_BYTES = 24;
const MAGIC = 0xbeefc0de;
const VERSION = 2;
const FLAG = { branch: 1, leaf: 2, overflow: 4, meta: 8 } as const;
const BIG_DATA = 1;
const NODE_HEADER_BYTES = 8;
/** The page sizes lmdb allows. */
const PAGE_SIZES = new Set([512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536]);

/** One of the two header pages, which state where the trees of a commit begin. */
export interface MetaPage {
  readonly pageBytes: number;
  readonly freeRoot: number;
  readonly mainRoot: number;
  readonly entries: number;
  readonly lastPage: number;
  readonly transaction: number;
}

export interface LeafEntry {
  readonly key: Buffer;
  /** Position of the value in the file: inside the page or on pages of its own. */
  readonly value: { readonly at: number; readonly length: number };
}

export interface Page {
  readonly type: 'branch' | 'leaf';
  readonly transaction: number;
  readonly children: readonly number[];
  readonly entries: readonly LeafEntry[];
  /** Pages that contain the large values of this page. */
  readonly overflow: readonly { readonly page: number; readonly count: number }[];
}

/** The key order of a tree: by bytes, or by number as in the list of free pages. */
export type KeyOrder = 'bytes' | 'numbers';

/** What is wrong with a page. */
export class PageError extends Error {}

export class PageFile {
  readonly #handle: number;

  constructor(readonly path: string) {
    this.#handle = openSync(path, 'r');
  }

  get bytes(): number {
    return fstatSync(this.#handle).size;
  }

  close(): void {
    closeSync(this.#handle);
  }

  read(at: number, length: number): Buffer {
    const out = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#handle, out, done, length - done, at + done);
      if (count === 0) throw new PageError(`the file ends ${length - done} bytes too early`);
      done += count;
    }
    return out;
  }

  /** The two header pages, each as a header or what is wrong with it. */
  metas(): (MetaPage | PageError)[] {
    const first = this.#meta(0);
    const size = first instanceof PageError ? this.#pageBytesOfSecond() : first.pageBytes;
    return [first, this.#meta(size)];
  }

  /** The headers state the page size; if the first one is damaged, the second one is searched for. */
  #pageBytesOfSecond(): number {
    for (const size of PAGE_SIZES) {
      const meta = this.#meta(size);
      if (!(meta instanceof PageError) && meta.pageBytes === size) return size;
    }
    return 4096;
  }

  #meta(at: number): MetaPage | PageError {
    try {
      const page = this.read(at, META_BYTES);
      if ((page.readUInt16LE(18) & FLAG.meta) === 0 || page.readUInt32LE(24) !== MAGIC) {
        return new PageError('it is not a header page');
      }
      if ((page.readUInt32LE(28) & 0xffff) !== VERSION) return new PageError('it has an unknown version');
      const pageBytes = page.readUInt32LE(48);
      if (!PAGE_SIZES.has(pageBytes)) return new PageError(`it names pages of ${pageBytes} bytes`);
      return {
        pageBytes,
        freeRoot: number64(page, 88),
        entries: number64(page, 128),
        mainRoot: number64(page, 136),
        lastPage: number64(page, 144),
        transaction: number64(page, 152),
      };
    } catch (error) {
      return asPageError(error);
    }
  }

  /** Throws a `PageError` if the page cannot be what the tree says it is. */
  page(number: number, { pageBytes, lastPage }: MetaPage, order: KeyOrder = 'bytes'): Page {
    if (number < META_PAGES || number > lastPage) throw new PageError(`page ${number} does not exist`);
    const start = number * pageBytes;
    const page = this.read(start, pageBytes);
    if (number64(page, 0) !== number) throw new PageError(`page ${number} holds something else`);
    const flags = page.readUInt16LE(18) & (FLAG.branch | FLAG.leaf | FLAG.overflow | FLAG.meta);
    if (flags !== FLAG.branch && flags !== FLAG.leaf)
      throw new PageError(`page ${number} holds something else`);
    const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
    const room = pageBytes - PAGE_HEADER_BYTES;
    if (lower % 2 !== 0 || lower > upper || upper > room)
      throw new PageError(`page ${number} has no valid table`);
    const transaction = number64(page, 8);
    return flags === FLAG.branch
      ? { type: 'branch', transaction, children: branch(page, lower, number), entries: [], overflow: [] }
      : {
          type: 'leaf',
          transaction,
          children: [],
          ...this.#leaf(page, { lower, number, pageBytes, lastPage, order }),
        };
  }

  #leaf(
    page: Buffer,
    { lower, number, pageBytes, lastPage, order }: Leaf,
  ): Pick<Page, 'entries' | 'overflow'> {
    const entries: LeafEntry[] = [];
    const overflow: { page: number; count: number }[] = [];
    for (let i = 0; i < lower / 2; i += 1) {
      const at = nodeAt(page, i, number);
      const { key, data, flags, size } = node(page, at, number);
      const previous = entries.at(-1)?.key;
      if (previous && !isBefore(previous, key, order)) throw new PageError(`page ${number} is out of order`);
      if ((flags & ~BIG_DATA) !== 0) throw new PageError(`page ${number} has an unknown kind of entry`);
      if ((flags & BIG_DATA) === 0) {
        if (data + size > page.length) throw new PageError(`page ${number} has an entry that is too long`);
        entries.push({ key, value: { at: number * pageBytes + data, length: size } });
        continue;
      }
      if (data + 24 > page.length) throw new PageError(`page ${number} has an entry that is too long`);
      const [first, count] = [number64(page, data), number64(page, data + 16)];
      const needed = Math.floor((PAGE_HEADER_BYTES - 1 + size) / pageBytes) + 1;
      if (first < META_PAGES || first + needed - 1 > lastPage || count < needed) {
        throw new PageError(`page ${number} names value pages that do not exist`);
      }
      overflow.push({ page: first, count: needed });
      entries.push({ key, value: { at: first * pageBytes + PAGE_HEADER_BYTES, length: size } });
    }
    return { entries, overflow };
  }

  /** Throws a `PageError` if the page does not begin a large value of this many pages. */
  checkOverflow(number: number, count: number, pageBytes: number): void {
    if ((number + count) * pageBytes > this.bytes) throw new PageError(`page ${number} is cut off`);
    const head = this.read(number * pageBytes, PAGE_HEADER_BYTES);
    if (number64(head, 0) !== number || (head.readUInt16LE(18) & FLAG.overflow) === 0) {
      throw new PageError(`page ${number} holds something else`);
    }
  }
}

interface Leaf {
  readonly lower: number;
  readonly number: number;
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly order: KeyOrder;
}

function isBefore(a: Buffer, b: Buffer, order: KeyOrder): boolean {
  if (order === 'bytes') return Buffer.compare(a, b) < 0;
  return a.length === 8 && b.length === 8 && a.readBigUInt64LE() < b.readBigUInt64LE();
}

function branch(page: Buffer, lower: number, number: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < lower / 2; i += 1) {
    const at = nodeAt(page, i, number);
    const [low, high, top] = [page.readUInt16LE(at), page.readUInt16LE(at + 2), page.readUInt16LE(at + 4)];
    if (at + NODE_HEADER_BYTES + page.readUInt16LE(at + 6) > page.length) {
      throw new PageError(`page ${number} has an entry that is too long`);
    }
    out.push(low + high * 2 ** 16 + top * 2 ** 32);
  }
  if (out.length < 2) throw new PageError(`page ${number} leads nowhere`);
  return out;
}

function nodeAt(page: Buffer, index: number, number: number): number {
  const at = PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + 2 * index);
  if (at + NODE_HEADER_BYTES > page.length) throw new PageError(`page ${number} has no valid table`);
  return at;
}

function node(
  page: Buffer,
  at: number,
  number: number,
): { key: Buffer; data: number; flags: number; size: number } {
  const keyBytes = page.readUInt16LE(at + 6);
  const data = at + NODE_HEADER_BYTES + keyBytes;
  if (keyBytes === 0 || data > page.length) throw new PageError(`page ${number} has a key that is too long`);
  const size = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16;
  return { key: page.subarray(at + NODE_HEADER_BYTES, data), data, flags: page.readUInt16LE(at + 4), size };
}

const number64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

export const asPageError = (error: unknown): PageError =>
  error instanceof PageError ? error : new PageError(error instanceof Error ? error.message : String(error));
