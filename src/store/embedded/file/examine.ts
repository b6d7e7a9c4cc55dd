import { existsSync, statSync } from 'node:fs';
import { decodeTyped, isDoc, toNumber } from '../bson/values.js';
import { dataFile, isMarked } from './folder.js';
import { FORMAT_KEY, refuseNewer } from './format.js';
import { isDerived } from './kinds.js';
import { META_PAGES, PageError, PageFile, type LeafEntry, type MetaPage } from './page-file.js';
import { unseal } from './seal.js';
import { UnreadableStoreError } from './unreadable.js';
import { walk } from './walk.js';

/** Nothing of the store can be read in the ordinary way. */
export class DamagedStoreError extends UnreadableStoreError {
  constructor(message: string) {
    super(message);
    this.name = 'DamagedStoreError';
  }
}

export interface Examination {
  readonly meta: MetaPage;
  readonly records: number;
  readonly freePages: number;
  /** What is damaged, as sentences. */
  readonly damage: readonly string[];
  /** True if lmdb must not open the file. */
  readonly isStructural: boolean;
}

const GO_BACK =
  'Nothing was changed. Save what can be saved with `sapa store repair`, or go back to a backup with `sapa store restore`.';

/** Whether there is a store. A missing or empty file where there was a store is damage, not a new store. */
export function storeExists(path: string): boolean {
  const file = dataFile(path);
  if (!existsSync(file)) {
    if (!isMarked(path)) return false;
    throw new DamagedStoreError(
      `The store's file ${file} is missing, where a store was. Nothing was changed. Go back to a backup with \`sapa store restore\`; to begin anew, remove the folder ${path}.`,
    );
  }
  if (statSync(file).size > 0) return true;
  throw new DamagedStoreError(
    `The store's file ${file} is empty, where a store was. Nothing was changed. Go back to a backup with \`sapa store restore\`; to begin anew, remove the folder ${path}.`,
  );
}

/** The newest intact header, and what is wrong with the other one. */
export function bestMeta(file: PageFile): { meta: MetaPage | undefined; damage: string[] } {
  const metas = file.metas();
  const damage = metas.flatMap((meta, i) =>
    meta instanceof PageError
      ? [`The file's ${i === 0 ? 'first' : 'second'} header page is damaged: ${meta.message}.`]
      : [],
  );
  const intact = metas.filter((meta): meta is MetaPage => !(meta instanceof PageError));
  const [meta] = intact.sort((a, b) => b.transaction - a.transaction);
  if (meta && damage.length > 0) damage.push('What the newest commit deleted may have come back.');
  return { meta, damage };
}

/**
 * Examines a store's file without lmdb. `quick`: headers, size and the roots of the trees; `pages`: every
 * page; `records`: every record, too. Throws a `DamagedStoreError` if there is no intact header, and a
 * `NewerStoreError` if every page is read and the format is newer.
 */
export function examine(path: string, depth: 'quick' | 'pages' | 'records'): Examination {
  const file = new PageFile(path);
  try {
    const { meta, damage } = bestMeta(file);
    if (!meta) {
      throw new DamagedStoreError(
        `The store's file ${path} has no whole header. ${damage.join(' ')} ${GO_BACK}`,
      );
    }
    const expectedBytes = (meta.lastPage + 1) * meta.pageBytes;
    const missing = expectedBytes - file.bytes;
    const isCut = missing > 0;
    if (isCut) damage.push(`The file is cut: ${missing} of ${expectedBytes} bytes are missing at its end.`);
    if (depth === 'quick' && damage.length === 0) {
      return {
        meta,
        records: meta.entries,
        freePages: 0,
        damage,
        isStructural: rootsAreBad(file, meta, damage),
      };
    }
    return { meta, ...lookThrough(file, meta, damage, depth === 'records') };
  } finally {
    file.close();
  }
}

function rootsAreBad(file: PageFile, meta: MetaPage, damage: string[]): boolean {
  const roots = [
    { root: meta.mainRoot, order: 'bytes' },
    { root: meta.freeRoot, order: 'numbers' },
  ] as const;
  for (const { root, order } of roots) {
    if (root > Number.MAX_SAFE_INTEGER) continue;
    try {
      file.page(root, meta, order);
    } catch (error) {
      damage.push(
        `A page of the file is damaged: ${error instanceof Error ? error.message : String(error)}.`,
      );
    }
  }
  return damage.length > 0;
}

function lookThrough(
  file: PageFile,
  meta: MetaPage,
  damage: string[],
  withRecords: boolean,
): Omit<Examination, 'meta'> {
  const headerDamage = damage.length;
  const names = new Names();
  let format: LeafEntry['value'] | undefined;
  const visit = (entry: LeafEntry): void => {
    if (entry.key.equals(FORMAT_KEY)) format = entry.value;
    if (withRecords) names.check(file, entry, damage);
  };
  const { problems, records, freePages } = walk(file, meta, visit);
  if (format) refuseNewer(file.path, file.read(format.at, format.length));
  const unreachable = meta.entries - records;
  if (problems.length > 0) {
    damage.push(...problems.map(({ message }) => `A page of the file is damaged: ${message}.`));
    if (unreachable > 0) damage.push(`${unreachable} of ${meta.entries} records cannot be reached.`);
  }
  // A file that lacks only free pages at its end is intact.
  const isStructural = problems.length > 0 || (headerDamage > 0 && !damage[0]?.startsWith('The file is cut'));
  if (!isStructural && headerDamage > 0) damage.splice(0, headerDamage);
  return { records, freePages, damage, isStructural };
}

const KIND = { catalog: 1, document: 2 } as const;

/** Describes damaged records to the owner by collection and number. */
export class Names {
  readonly #collections = new Map<number, string>();

  check(file: PageFile, { key, value }: LeafEntry, damage: string[]): Uint8Array | undefined {
    const document = unseal(key, file.read(value.at, value.length));
    if (document) {
      try {
        const decoded = decodeTyped(document);
        if (key[0] === KIND.catalog && isDoc(decoded)) {
          this.#collections.set(toNumber(decoded.id) ?? 0, key.toString('utf8', 1).replace('\0', '.'));
        }
        return document;
      } catch {
        // A record of an earlier version, without a checksum, can also be damaged.
      }
    }
    damage.push(`${this.name(key)} is damaged: its checksum does not match.`);
    return undefined;
  }

  name(key: Buffer): string {
    if (key[0] === KIND.catalog)
      return `The description of the collection ${key.toString('utf8', 1).replace('\0', '.')}`;
    if (key.equals(FORMAT_KEY)) return 'The record that tells how the store is kept';
    if (isDerived(key)) return 'What is kept of an index, and made anew,';
    if (key[0] !== KIND.document || key.length !== 11) return `The record ${key.toString('hex')}`;
    const collection = key.readUInt32BE(1);
    const name = this.#collections.get(collection) ?? `number ${collection}`;
    return `Document ${key.readUIntBE(5, 6)} of the collection ${name}`;
  }
}

/** A substitute header for a file that has lost both. */
export const guessedMeta = (file: PageFile, pageBytes = 4096): MetaPage => ({
  pageBytes,
  freeRoot: Infinity,
  mainRoot: Infinity,
  entries: 0,
  lastPage: Math.max(META_PAGES, Math.floor(file.bytes / pageBytes) - 1),
  transaction: Infinity,
});
