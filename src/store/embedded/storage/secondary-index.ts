import { MongoCommandError } from '../errors.js';
import { isDoc, isTrue, plain, toNumber, type Doc } from '../bson/values.js';
import { valuesAt } from '../bson/paths.js';
import { compileFilter, type DocTest } from '../query/filter.js';
import { indexKeys, type IndexField } from './index-keys.js';
import { checkIndexed, indexTypeOf, type IndexType } from './index-type.js';
import { parseCollation, type Collation } from '../bson/collation.js';
import { isPause, sortByKey, type Work } from '../work.js';
import { RID_BYTES, ridOf, ridSuffix } from './index-entry.js';
import { OrderedKeys, type KeySet } from './ordered-keys.js';

/** In a list of fields: all of them are needed. */
export const ALL_FIELDS = '\0all';

/** Sorts after every key that starts with `prefix`: no tag and no inverted tag is 255. */
const afterPrefix = (prefix: string): string => `${prefix}\xff`;

/** An index as defined by MongoDB, held in memory as an ordered set of `key + record number`. */
export class SecondaryIndex {
  readonly name: string;
  readonly type: IndexType;
  readonly fields: readonly IndexField[];
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly partialFilter: Doc | undefined;
  /** How the texts in its keys are compared. */
  readonly collation: Collation | undefined;
  /**
   * True once any document has had several keys here, so that entries no longer correspond to documents one
   * to one.
   */
  isMultikey = false;
  /** False while it is being built: it is kept up to date, but not used by queries yet. */
  isReady = true;
  /** Whether a unique index refuses duplicates. */
  isEnforced = true;
  readonly #covers: DocTest | undefined;

  #spec: Doc;

  constructor(
    spec: Doc,
    readonly entries: KeySet = new OrderedKeys(),
  ) {
    this.#spec = spec;
    const key = isDoc(spec.key) ? spec.key : {};
    this.name = String(spec.name);
    this.type = indexTypeOf(key);
    this.fields = Object.entries(key).map(([path, direction]) => ({
      path,
      parts: path.split('.'),
      direction: (toNumber(direction) ?? 1) < 0 ? -1 : 1,
    }));
    this.collation = parseCollation(plain(spec.collation));
    this.isUnique = this.name === '_id_' || isTrue(spec.unique);
    this.isSparse = isTrue(spec.sparse);
    const partial = plain(spec.partialFilterExpression);
    this.partialFilter = isDoc(partial) ? partial : undefined;
    this.#covers = this.partialFilter && compileFilter(this.partialFilter);
  }

  /** The definition. Never modified, because other collections may share the object. */
  get spec(): Doc {
    return this.#spec;
  }

  /** A hidden index is maintained and enforced, but not used by queries. */
  get isHidden(): boolean {
    return isTrue(this.#spec.hidden);
  }

  change(options: Doc): void {
    const newSpec = { ...this.#spec, ...options };
    this.#spec = Object.fromEntries(Object.entries(newSpec).filter(([, value]) => value !== undefined));
  }

  /** Seconds after which documents expire; only for TTL indexes. */
  get expireAfterSeconds(): number | undefined {
    return this.spec.expireAfterSeconds === undefined ? undefined : toNumber(this.spec.expireAfterSeconds);
  }

  keysOf(document: Doc): string[] {
    if (this.collation) {
      const folded = this.collation.fold(document);
      return isDoc(folded) ? this.#keysOf(folded) : [];
    }
    return this.#keysOf(document);
  }

  #keysOf(document: Doc): string[] {
    if (this.#covers && !this.#covers(document)) return [];
    if (this.isSparse && !this.fields.some(({ parts }) => isPresent(document, parts))) return [];
    if (this.type !== 'ordered') checkIndexed(this.#spec, document);
    return this.type === 'geo' ? [] : indexKeys(this.fields, document);
  }

  /** Top-level fields that determine a document's keys. */
  get neededFields(): readonly string[] {
    return this.partialFilter ? [ALL_FIELDS] : this.fields.map(({ parts }) => parts[0] ?? '');
  }

  /** Builds the index from existing documents, with pauses. */
  *buildSlowly(documents: readonly { rid: number; keys: readonly string[] }[]): Work<void> {
    const all: { key: string }[] = [];
    for (const [at, { rid, keys }] of documents.entries()) {
      if (keys.length > 1) this.isMultikey = true;
      const suffix = ridSuffix(rid);
      for (const key of keys) all.push({ key: key + suffix });
      if (isPause(at)) yield;
    }
    const sorted = yield* sortByKey(all);
    this.entries.take(sorted.map(({ key }) => key));
  }

  /** One of `keys` that another document already has, with that document's record number. */
  conflict(keys: readonly string[], rid: number): { key: string; rid: number } | undefined {
    if (!this.isUnique || !this.isEnforced) return undefined;
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
   * Goes through the entries of a unique index. Throws `MongoCommandError` 11000 if two documents share a
   * key.
   */
  *distinctEntries(namespace: string): Generator<string> {
    if (!this.isUnique) return;
    let before: string | undefined;
    for (const entry of this.entries.range('', '\xff\xff')) {
      const key = entry.slice(0, -RID_BYTES);
      if (key === before) {
        throw new MongoCommandError(
          11000,
          `Index build failed: E11000 duplicate key error collection: ${namespace} index: ${this.name}`,
          { keyPattern: this.spec.key, keyValue: {} },
        );
      }
      before = key;
      yield entry;
    }
  }
}

function isPresent(document: Doc, parts: readonly string[]): boolean {
  return valuesAt(document, parts).some((value) => value !== undefined);
}

export const idIndexSpec = (): Doc => ({ v: 2, key: { _id: 1 }, name: '_id_' });
