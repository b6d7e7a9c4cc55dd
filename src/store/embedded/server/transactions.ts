import { MongoCommandError } from '../errors.js';
import { isTrue, isLong, type Doc } from '../bson/values.js';
import type { Catalog } from '../storage/catalog.js';
import { buildIndex } from '../storage/build-index.js';
import type { Change, Collection } from '../storage/collection.js';
import type { CollectionAccess } from '../storage/collection-access.js';
import type { DataAccess, Indexing } from '../storage/data-access.js';
import { CollectionView, writeConflict, type ChangeRecorder } from '../storage/transaction-view.js';
import type { Work } from '../work.js';
import { SESSION_MS, sessionOf, type WriteIdentity } from './retryable-writes.js';
import type { Request } from './wire.js';

/** MongoDB's `transactionLifetimeLimitSeconds`, in ms. */
const LIFETIME_MS = 60_000;
/**
 * How long a client that lost its connection can take to reconnect and continue or repeat the commit, in ms.
 */
export const ABSENCE_MS = 3_000;
/** Fewest changes to discard at once. */
const MIN_FORGOTTEN = 1_000;
const TRANSIENT = { errorLabels: ['TransientTransactionError'] };

/** Commands allowed in a transaction (the manual's page on transactions and operations). */
const ALLOWED = new Set([
  'find',
  'getMore',
  'killCursors',
  'aggregate',
  'distinct',
  'insert',
  'update',
  'delete',
  'findAndModify',
  'findandmodify',
  'bulkWrite',
  'commitTransaction',
  'abortTransaction',
  'create',
  'createIndexes',
]);

/** The data as a transaction sees it: the collections as they were when it began, plus its own writes. */
export class Transaction implements DataAccess, ChangeRecorder {
  readonly #views = new Map<Collection, CollectionView>();
  /** Collections created by its commit, by namespace. */
  readonly #created = new Map<string, Collection>();
  readonly #changes: Change[] = [];
  /** When its client was first found to be gone, on a monotonic clock. */
  goneAt: number | undefined;

  constructor(
    private readonly catalog: Catalog,
    readonly identity: WriteIdentity,
    readonly startedAt: number,
    /** Changes by others since the transaction began. */
    private readonly othersChanges: () => readonly Change[],
    /** Whether the client that last used it is gone. */
    public isGone: () => boolean,
  ) {}

  *find(database: string, name: string): Work<CollectionAccess | undefined> {
    const collection = this.#created.get(`${database}.${name}`) ?? (yield* this.catalog.find(database, name));
    return collection && this.#viewOf(collection);
  }

  *findOrCreate(database: string, name: string): Work<CollectionAccess> {
    const existing = yield* this.find(database, name);
    if (existing) return existing;
    // `findOrCreate` rejects the name of a view.
    if (this.catalog.has(database, name))
      return this.#viewOf(yield* this.catalog.findOrCreate(database, name));
    return this.#viewOf(this.create(database, name, {}));
  }

  create(database: string, name: string, options: Doc): Collection {
    const namespace = `${database}.${name}`;
    if (this.#created.has(namespace))
      throw new MongoCommandError(48, `Collection ${namespace} already exists.`);
    const collection = this.catalog.prepare(database, name, options);
    this.#created.set(namespace, collection);
    return collection;
  }

  /** Only for collections it created itself that are still empty. */
  *indexing(database: string, name: string): Work<Indexing> {
    const existing = this.catalog.has(database, name) ? yield* this.catalog.find(database, name) : undefined;
    const collection =
      existing ?? this.#created.get(`${database}.${name}`) ?? this.create(database, name, {});
    return {
      collection,
      add: (spec) => this.#addIndex(collection, spec),
      save: () => undefined,
    };
  }

  #addIndex(collection: Collection, spec: Doc): Work<void> {
    const isOwn = this.#created.get(collection.namespace) === collection;
    if (!isOwn || (this.#views.get(collection)?.own.size ?? 0) > 0) {
      throw new MongoCommandError(
        263,
        `Cannot create new indexes on existing collection ${collection.namespace} in a multi-document transaction.`,
      );
    }
    this.#views.delete(collection);
    return buildIndex(collection, spec);
  }

  #viewOf(collection: Collection): CollectionView {
    const cached = this.#views.get(collection);
    if (cached) return cached;
    const view = new CollectionView(collection, this);
    for (const change of this.othersChanges()) if (change.collection === collection) view.undo(change);
    this.#views.set(collection, view);
    return view;
  }

  see(change: Change): void {
    this.#views.get(change.collection)?.undo(change);
  }

  record(change: Change): void {
    this.#changes.push(change);
  }

  /** Its own changes, in their order. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  get hasWritten(): boolean {
    return [...this.#views.values()].some(({ own }) => own.size > 0);
  }

  /** Computes what the commit needs, with pauses. */
  *stage(): Work<void> {
    for (const view of this.#views.values()) yield* view.stage();
  }

  /** Throws `MongoCommandError` 112, in which case nothing has been applied. */
  commit(): void {
    for (const { database, name } of this.#created.values())
      if (this.catalog.has(database, name)) throw writeConflict();
    for (const view of this.#views.values()) view.checkCommit();
    for (const collection of this.#created.values()) this.catalog.adopt(collection);
    for (const view of this.#views.values()) view.commit();
  }

  end(): void {
    for (const view of this.#views.values()) view.end();
    this.#views.clear();
  }
}

interface Active {
  readonly transaction: Transaction;
  /** Number of changes before it began. */
  readonly since: number;
}

/** The active transactions, one per session, and the snapshots being read. */
export class Transactions {
  readonly #active = new Map<string, Active>();
  /** The highest number each session has used, and when. */
  readonly #numbers = new Map<string, { readonly number: bigint; readonly at: number }>();
  /** Changes since the oldest active transaction began; `#forgotten` counts those before them. */
  #changes: Change[] = [];
  #forgotten = 0;
  #observers = 0;

  constructor(
    private readonly catalog: Catalog,
    private readonly now: () => Date,
    /** Tells change streams about each change of a committed transaction. */
    private readonly announce: (change: Change, transaction: WriteIdentity) => void,
  ) {}

  #isCommitting = false;

  get size(): number {
    return this.#active.size;
  }

  /** Whether the changes being applied are those of a transaction, which are announced one by one. */
  get isCommitting(): boolean {
    return this.#isCommitting;
  }

  /** Hides a change made by others from the active transactions. */
  note(change: Change): void {
    if (this.#active.size === 0) return;
    this.#changes.push(change);
    for (const { transaction } of this.#active.values()) transaction.see(change);
  }

  /** The transaction a command belongs to; `undefined` if it belongs to none. */
  belongingTo(request: Request): Transaction | undefined {
    const { body } = request;
    if (body.autocommit === undefined && body.startTransaction === undefined) return undefined;
    const session = sessionOf(body.lsid);
    if (session === undefined || !isLong(body.txnNumber)) {
      throw new MongoCommandError(72, "'autocommit' needs a session and a 'txnNumber'");
    }
    if (isTrue(body.autocommit))
      throw new MongoCommandError(72, "'autocommit' must be false in a transaction");
    if (!ALLOWED.has(request.name)) {
      throw new MongoCommandError(263, `Cannot run '${request.name}' in a multi-document transaction.`);
    }
    const identity = { session, number: body.txnNumber.toBigInt() };
    const transaction = isTrue(body.startTransaction) ? this.#start(identity) : this.#running(identity);
    transaction.isGone = () => request.connection?.isGone() === true;
    return transaction;
  }

  #start(identity: WriteIdentity): Transaction {
    const { session, number } = identity;
    const last = this.#numbers.get(session)?.number;
    if (last !== undefined && number < last) {
      throw new MongoCommandError(
        225,
        `Cannot start transaction ${number} on session because a newer transaction ${last} has already started.`,
      );
    }
    const active = this.#active.get(session);
    if (active && active.transaction.identity.number === number) {
      throw new MongoCommandError(
        117,
        `Cannot start a transaction at given transaction number ${number} since it is already in progress`,
      );
    }
    if (active) this.#end(session);
    const at = this.now().getTime();
    this.#numbers.set(session, { number, at });
    return this.#begin(identity, at);
  }

  /** A view of the current data that can be read until it is aborted. */
  observe(): Transaction {
    this.#observers += 1;
    const identity = { session: `observer ${this.#observers}`, number: 0n };
    return this.#begin(identity, Infinity);
  }

  #begin(identity: WriteIdentity, startedAt: number): Transaction {
    const since = this.#forgotten + this.#changes.length;
    const transaction = new Transaction(
      this.catalog,
      identity,
      startedAt,
      () => this.#changes.slice(since - this.#forgotten),
      () => false,
    );
    this.#active.set(identity.session, { transaction, since });
    return transaction;
  }

  #running({ session, number }: WriteIdentity): Transaction {
    const active = this.#active.get(session);
    if (active?.transaction.identity.number === number) return active.transaction;
    throw new MongoCommandError(
      251,
      `Given transaction number ${number} does not match any in-progress transactions.`,
      TRANSIENT,
    );
  }

  /** Whether the transaction has been neither committed nor aborted. */
  isActive(transaction: Transaction): boolean {
    return this.#active.get(transaction.identity.session)?.transaction === transaction;
  }

  /** Throws `MongoCommandError` 112 if somebody else's commit conflicts; the transaction has ended then. */
  commit(transaction: Transaction): void {
    const { session } = transaction.identity;
    this.#active.delete(session);
    this.#isCommitting = true;
    try {
      transaction.commit();
      for (const change of transaction.changes) this.announce(change, transaction.identity);
    } finally {
      this.#isCommitting = false;
      transaction.end();
      this.#forgetChanges();
    }
  }

  abort(transaction: Transaction): void {
    if (this.isActive(transaction)) this.#end(transaction.identity.session);
  }

  abortSession(session: string): void {
    if (this.#active.has(session)) this.#end(session);
  }

  /** A session has ended: aborts its transaction and forgets its numbers. */
  forgetSession(session: string): void {
    this.abortSession(session);
    this.#numbers.delete(session);
  }

  /** Forgets the numbers of sessions that have expired. */
  forgetOld(): void {
    const limit = this.now().getTime() - SESSION_MS;
    for (const [session, { at }] of this.#numbers) if (at < limit) this.#numbers.delete(session);
  }

  #end(session: string): void {
    this.#active.get(session)?.transaction.end();
    this.#active.delete(session);
    this.#forgetChanges();
  }

  #forgetChanges(): void {
    let first = this.#forgotten + this.#changes.length;
    for (const { since } of this.#active.values()) first = Math.min(first, since);
    // Done rarely, because it moves the remaining changes.
    const useless = first - this.#forgotten;
    if (this.#active.size > 0 && useless < Math.max(MIN_FORGOTTEN, this.#changes.length / 2)) return;
    this.#changes = this.#changes.slice(useless);
    this.#forgotten = first;
  }

  /** Ends transactions whose client has been gone for a while and those that take too long. */
  sweep(): void {
    const limit = this.now().getTime() - LIFETIME_MS;
    const at = performance.now();
    for (const [session, { transaction }] of this.#active) {
      transaction.goneAt = transaction.isGone() ? (transaction.goneAt ?? at) : undefined;
      const isLeft = transaction.goneAt !== undefined && at - transaction.goneAt >= ABSENCE_MS;
      if (isLeft || transaction.startedAt < limit) this.#end(session);
    }
  }

  abortAll(): void {
    for (const session of [...this.#active.keys()]) this.#end(session);
  }
}

const TRANSIENT_CODES = new Set([24, 112, 246, 251]);

/** Adds the label to an error inside a transaction that tells the driver to retry all of it. */
export function inTransaction(error: MongoCommandError): MongoCommandError {
  if (!TRANSIENT_CODES.has(error.code)) return error;
  const facts: Doc = { ...error.facts, ...TRANSIENT };
  return new MongoCommandError(error.code, error.message, facts);
}
