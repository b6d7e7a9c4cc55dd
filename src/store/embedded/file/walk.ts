import {
  asPageError,
  META_PAGES,
  type KeyOrder,
  type LeafEntry,
  type MetaPage,
  type PageError,
  type PageFile,
} from './page-file.js';

/** The root of an empty tree. */
const NO_PAGE = 0xffff_ffff_ffff_f000;

export interface Walk {
  /** What is wrong, and with which page. */
  readonly problems: readonly PageError[];
  /** Pages in use, by the trees or as free pages. */
  readonly used: PageSet;
  readonly records: number;
  readonly freePages: number;
}

/** A set of pages, one bit each. */
export class PageSet {
  readonly #bits: Uint8Array;

  constructor(lastPage: number) {
    this.#bits = new Uint8Array(Math.floor(lastPage / 8) + 1);
  }

  has(page: number): boolean {
    return ((this.#bits[page >>> 3] ?? 0) & (1 << (page & 7))) !== 0;
  }

  add(page: number): void {
    const at = page >>> 3;
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (page & 7));
  }
}

/**
 * Reads every page of a commit: the tree of records and the list of free pages. Skips what only a damaged
 * page leads to, and reports the page.
 */
export function walk(file: PageFile, meta: MetaPage, visit: (entry: LeafEntry) => void): Walk {
  const used = new PageSet(meta.lastPage);
  const problems: PageError[] = [];
  let records = 0;
  let freePages = 0;
  const tree: Tree = { file, meta, used, problems };
  eachLeaf(tree, meta.mainRoot, 'bytes', (entry) => {
    records += 1;
    visit(entry);
  });
  eachLeaf(tree, meta.freeRoot, 'numbers', ({ value }) => {
    for (const { page, count } of freeList(file.read(value.at, value.length))) {
      freePages += count;
      for (let i = 0; i < count; i += 1) used.add(page + i);
    }
  });
  return { problems, used, records, freePages };
}

interface Tree {
  readonly file: PageFile;
  readonly meta: MetaPage;
  readonly used: PageSet;
  readonly problems: PageError[];
}

/** Depth first, in key order. */
function eachLeaf(
  { file, meta, used, problems }: Tree,
  root: number,
  order: KeyOrder,
  visit: (entry: LeafEntry) => void,
): void {
  if (root >= NO_PAGE) return;
  const open = [root];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    try {
      if (used.has(number)) throw new Error(`page ${number} is used twice`);
      const page = file.page(number, meta, order);
      used.add(number);
      for (const { page: first, count } of page.overflow) {
        file.checkOverflow(first, count, meta.pageBytes);
        for (let i = 0; i < count; i += 1) used.add(first + i);
      }
      for (const entry of page.entries) visit(entry);
      for (const child of [...page.children].reverse()) open.push(child);
    } catch (error) {
      problems.push(asPageError(error));
    }
  }
}

/** Number of free pages of a commit. */
export function countFree(file: PageFile, meta: MetaPage): number {
  let pages = 0;
  const tree: Tree = { file, meta, used: new PageSet(meta.lastPage), problems: [] };
  eachLeaf(tree, meta.freeRoot, 'numbers', ({ value }) => {
    for (const { count } of freeList(file.read(value.at, value.length))) pages += count;
  });
  return pages;
}

/** The free pages of one record: single numbers, and a negative count before the first page of a run. */
function* freeList(value: Buffer): Generator<{ page: number; count: number }> {
  for (let at = 8; at + 8 <= value.length; at += 8) {
    const number = Number(value.readBigInt64LE(at));
    if (number >= META_PAGES) yield { page: number, count: 1 };
    if (number >= 0 || at + 16 > value.length) continue;
    at += 8;
    yield { page: Number(value.readBigInt64LE(at)), count: -number };
  }
}

/**
 * Leaves that nothing refers to any more because the page above them is damaged. Without a valid header
 * nothing tells which leaves are outdated, so all of them are returned, newest last.
 */
export function orphans(
  file: PageFile,
  meta: MetaPage,
  used: PageSet,
): { transaction: number; entries: readonly LeafEntry[] }[] {
  const leaves: { transaction: number; entries: readonly LeafEntry[] }[] = [];
  for (let number = META_PAGES; number <= meta.lastPage; number += 1) {
    if (used.has(number)) continue;
    try {
      const { type, transaction, entries } = file.page(number, meta);
      if (type === 'leaf' && transaction <= meta.transaction) leaves.push({ transaction, entries });
    } catch {
      // Not a leaf; the walk has reported what is missing.
    }
  }
  return leaves.sort((a, b) => a.transaction - b.transaction);
}
