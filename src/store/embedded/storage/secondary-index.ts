import { MongoCommandError } from '../errors.js';
import { isDoc, isTrue, plain, toNumber, type Doc } from '../bson/values.js';
import { valuesAt } from '../bson/paths.js';
import { compileFilter, type DocTest } from '../query/filter.js';
import { indexKeys, type IndexField } from './index-keys.js';
import { OrderedKeys } from './ordered-keys.js';

const RID_BYTES = 6;
const scratch = Buffer.alloc(RID_BYTES);

function ridSuffix(rid: number): string {
  scratch.writeUIntBE(rid, 0, RID_BYTES);
  return scratch.toString('latin1', 0, RID_BYTES);
}

/** The record number at the end of an index entry. */
export function ridOf(entry: string): number {
  let rid = 0;
  for (let i = entry.length - RID_BYTES; i < entry.length; i += 1) rid = rid * 256 + entry.charCodeAt(i);
  return rid;
}

/** Above every key that starts with `prefix`: no tag and no inverted tag is 255. */
export const afterPrefix = (prefix: string): string => `${prefix}\xff`;

/** An index as MongoDB describes it, held in memory as an ordered set of `key + record number`. */
export class SecondaryIndex {
  readonly name: string;
  readonly fields: readonly IndexField[];
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly partialFilter: Doc | undefined;
  readonly entries = new OrderedKeys();
  /** True once a document had several keys here: then an entry order is not a document order. */
  isMultikey = false;
  readonly #covers: DocTest | undefined;

  #spec: Doc;

  constructor(spec: Doc) {
    this.#spec = spec;
    const key = isDoc(spec.key) ? spec.key : {};
    this.name = String(spec.name);
    this.fields = Object.entries(key).map(([path, direction]) => ({
      path,
      parts: path.split('.'),
      direction: (toNumber(direction) ?? 1) < 0 ? -1 : 1,
    }));
    this.isUnique = this.name === '_id_' || isTrue(spec.unique);
    this.isSparse = isTrue(spec.sparse);
    const partial = plain(spec.partialFilterExpression);
    this.partialFilter = isDoc(partial) ? partial : undefined;
    this.#covers = this.partialFilter && compileFilter(this.partialFilter);
  }

  /** The definition; other collections may have the same object, so it is never changed. */
  get spec(): Doc {
    return this.#spec;
  }

  changeExpiry(expireAfterSeconds: unknown): void {
    this.#spec = { ...this.#spec, expireAfterSeconds };
  }

  /** Seconds after which documents expire, for a TTL index. */
  get expireAfterSeconds(): number | undefined {
    return this.spec.expireAfterSeconds === undefined ? undefined : toNumber(this.spec.expireAfterSeconds);
  }

  keysOf(document: Doc): string[] {
    if (this.#covers && !this.#covers(document)) return [];
    if (this.isSparse && !this.fields.some(({ parts }) => isPresent(document, parts))) return [];
    return indexKeys(this.fields, document);
  }

  /** Record number of another document that has one of `keys`. */
  conflict(keys: readonly string[], rid: number): { key: string; rid: number } | undefined {
    if (!this.isUnique) return undefined;
    for (const key of keys) {
      for (const entry of this.entries.range(key, afterPrefix(key))) {
        const other = ridOf(entry);
        if (entry.length === key.length + RID_BYTES && other !== rid) return { key, rid: other };
      }
    }
    return undefined;
  }

  add(keys: readonly string[], rid: number): void {
    if (keys.length > 1) this.isMultikey = true;
    const suffix = ridSuffix(rid);
    for (const key of keys) this.entries.add(key + suffix);
  }

  delete(keys: readonly string[], rid: number): void {
    const suffix = ridSuffix(rid);
    for (const key of keys) this.entries.delete(key + suffix);
  }

  /**
   * Fills an empty index. @throws MongoCommandError 11000 when it is new and unique and two documents
   * share a key. What is on disk is taken as it is: a repaired file may hold what was deleted before.
   */
  build(
    documents: Iterable<{ rid: number; keys: readonly string[] }>,
    namespace: string,
    isNew: boolean,
  ): void {
    const all: string[] = [];
    for (const { rid, keys } of documents) {
      if (keys.length > 1) this.isMultikey = true;
      const suffix = ridSuffix(rid);
      for (const key of keys) all.push(key + suffix);
    }
    this.entries.load(all);
    if (!this.isUnique || !isNew) return;
    for (let i = 1; i < all.length; i += 1) {
      const entry = all[i] ?? '';
      if (entry.slice(0, -RID_BYTES) === all[i - 1]?.slice(0, -RID_BYTES)) {
        throw new MongoCommandError(
          11000,
          `Index build failed: E11000 duplicate key error collection: ${namespace} index: ${this.name}`,
          { keyPattern: this.spec.key, keyValue: {} },
        );
      }
    }
  }
}

function isPresent(document: Doc, parts: readonly string[]): boolean {
  return valuesAt(document, parts).some((value) => value !== undefined);
}

export const idIndexSpec = (): Doc => ({ v: 2, key: { _id: 1 }, name: '_id_' });
