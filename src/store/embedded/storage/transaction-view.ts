import type { Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { Change, Collection } from './collection.js';
import type { CollectionAccess, Replacement } from './collection-access.js';
import { StoredDocument } from './document-cache.js';
import type { OwnWrite } from './transaction-writes.js';
import { OverlayKeys } from './overlay-keys.js';
import { SecondaryIndex } from './secondary-index.js';
import type { StagedWrite, StagedWrites } from './staged-writes.js';
import { finish, type Work } from '../work.js';

export const writeConflict = (): MongoCommandError =>
  new MongoCommandError(
    112,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
    { errorLabels: ['TransientTransactionError'] },
  );

/** Takes note of a transaction's changes. */
export interface ChangeRecorder {
  record(change: Change): void;
}

/** By how many documents a change makes its collection larger. */
const gained = (before: StoredDocument | undefined, after: StoredDocument | undefined): number =>
  (after ? 1 : 0) - (before ? 1 : 0);

/**
 * A collection as a transaction sees it: as it was when the transaction began, plus the transaction's own
 * writes. Changes that others commit in the meantime are hidden.
 */
export class CollectionView implements CollectionAccess {
  readonly indexes: readonly SecondaryIndex[];
  /** The collection's own ones, in the same order. */
  readonly #baseIndexes: readonly SecondaryIndex[];
  /** Documents that differ from those in the collection; `undefined`: not present. */
  readonly #documents = new Map<number, StoredDocument | undefined>();
  readonly #own = new Map<number, OwnWrite>();
  #staged: StagedWrites | undefined;
  /** How many documents more than the collection it has. */
  #surplus = 0;

  constructor(
    readonly base: Collection,
    /** Holds the locks on documents and records the changes in their order. */
    private readonly owner: ChangeRecorder,
  ) {
    this.#baseIndexes = [...base.indexes];
    this.indexes = this.#baseIndexes.map((index) => {
      const view = new SecondaryIndex(index.spec, new OverlayKeys(index.entries));
      view.isMultikey = index.isMultikey;
      view.isReady = index.isReady;
      view.isEnforced = index.isEnforced;
      return view;
    });
  }

  get database(): string {
    return this.base.database;
  }

  get name(): string {
    return this.base.name;
  }

  get namespace(): string {
    return this.base.namespace;
  }

  get options(): Doc {
    return this.base.options;
  }

  get size(): number {
    return this.base.size + this.#surplus;
  }

  get own(): ReadonlyMap<number, OwnWrite> {
    return this.#own;
  }

  get(rid: number): StoredDocument | undefined {
    return this.#documents.has(rid) ? this.#documents.get(rid) : this.base.get(rid);
  }

  has(rid: number): boolean {
    return this.#documents.has(rid) ? this.#documents.get(rid) !== undefined : this.base.has(rid);
  }

  bytes(rid: number): Uint8Array | undefined {
    return this.get(rid)?.bytes;
  }

  rids(): number[] {
    const base = this.base.rids().filter((rid) => this.has(rid));
    const existing = new Set(base);
    const more = [...this.#documents].filter(([rid, document]) => document && !existing.has(rid));
    return [...base, ...more.map(([rid]) => rid)].sort((a, b) => a - b);
  }

  isLocked(): boolean {
    return false;
  }

  /** Hides somebody else's change from this transaction. */
  undo({ before, after }: Change): void {
    const rid = (before ?? after)?.rid;
    if (rid === undefined) return;
    // The collection's indexes include the change; restore the previous keys here.
    for (const index of this.indexes) {
      if (after) index.delete(index.keysOf(after.view), rid);
      if (before) index.add(index.keysOf(before.view), rid);
    }
    this.#surplus -= gained(before, after);
    if (!this.#documents.has(rid)) this.#documents.set(rid, before);
  }

  insert(bytes: Uint8Array, view?: Doc, isTrusted = false): StoredDocument {
    const document = new StoredDocument(this.base.reserve(), bytes, view);
    this.#write(document.rid, { type: 'insert' }, document, !isTrusted);
    return document;
  }

  replace(before: StoredDocument, bytes: Uint8Array, change: Replacement, isTrusted = false): StoredDocument {
    const after = new StoredDocument(before.rid, bytes);
    this.#write(before.rid, change, after, !isTrusted);
    return after;
  }

  remove(document: StoredDocument): void {
    this.#write(document.rid, { type: 'delete' }, undefined, false);
  }

  #write(
    rid: number,
    change: Pick<Change, 'type' | 'paths'>,
    after: StoredDocument | undefined,
    isChecked: boolean,
  ): void {
    const write = this.#own.get(rid);
    if (!write && (this.#documents.has(rid) || !this.base.lock(rid, this.owner))) throw writeConflict();
    const before = this.get(rid);
    const keys = after ? this.#check(after, isChecked) : [];
    this.#takeKeys(keys);
    this.indexes.forEach((index, i) => {
      if (before) index.delete(index.keysOf(before.view), rid);
      if (after) index.add(keys[i] ?? [], rid);
    });
    this.#documents.set(rid, after);
    this.#surplus += gained(before, after);
    this.#own.set(rid, {
      type: write?.type === 'insert' && after ? 'insert' : change.type,
      before: write ? write.before : before,
      after,
    });
    this.#staged = undefined;
    this.owner.record({ collection: this.base, ...change, before, after });
  }

  #takeKeys(keys: readonly string[][]): void {
    for (const [i, index] of this.indexes.entries()) {
      if (!index.isUnique) continue;
      for (const key of keys[i] ?? [])
        if (!this.base.takeKey(index.name, key, this.owner)) throw writeConflict();
    }
  }

  #check(document: StoredDocument, isChecked: boolean): string[][] {
    this.base.validate(document, isChecked);
    return this.indexes.map((index, i) => {
      const keys = index.keysOf(document.view);
      const conflict = index.conflict(keys, document.rid);
      if (conflict) throw this.base.duplicate(index, document.view, conflict);
      // Somebody committed this key after the transaction began.
      if (this.#baseIndexes[i]?.conflict(keys, document.rid) && this.#isForeign(i, keys, document.rid))
        throw writeConflict();
      return keys;
    });
  }

  #isForeign(index: number, keys: readonly string[], rid: number): boolean {
    const other = this.#baseIndexes[index]?.conflict(keys, rid)?.rid;
    return other !== undefined && !this.#own.has(other);
  }

  /** Computes what the commit needs; the documents are locked, so it stays right. */
  *stage(): Work<void> {
    this.#staged = yield* this.base.stage(this.#own);
  }

  /** What was staged, or is staged now because there is an index that did not exist then. */
  get #writes(): readonly StagedWrite[] {
    const { indexes } = this.base;
    const isCurrent =
      this.#staged?.indexes.length === indexes.length &&
      this.#staged.indexes.every((index, at) => index === indexes[at]);
    if (!isCurrent) finish(this.stage());
    return this.#staged?.writes ?? [];
  }

  /** Throws a write conflict if the writes cannot be applied to the collection. */
  checkCommit(): void {
    if (this.base.isDetached && this.#own.size > 0) throw writeConflict();
    const writes = this.#writes;
    for (const [at, index] of this.base.indexes.entries())
      if (index.isUnique && index.isEnforced) this.#checkUnique(index, at, writes);
  }

  #checkUnique(index: SecondaryIndex, at: number, writes: readonly StagedWrite[]): void {
    const ownKeys = new Set<string>();
    for (const { rid, moves } of writes) {
      const move = moves[at];
      if (!move) continue;
      const conflict = move.from === move.to ? undefined : index.conflict(move.to, rid);
      if (conflict && !this.#own.has(conflict.rid)) throw writeConflict();
      for (const key of move.to) {
        // The index may not have existed yet when the transaction wrote both documents.
        if (ownKeys.has(key)) throw writeConflict();
        ownKeys.add(key);
      }
    }
  }

  commit(): void {
    this.base.applyAll(this.#writes);
  }

  end(): void {
    this.base.unlock(this.owner);
  }
}
