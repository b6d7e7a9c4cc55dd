import { MongoCommandError } from '../errors.js';
import { isTrue, isLong, type Doc } from '../bson/values.js';
import type { Catalog } from '../storage/catalog.js';
import type { Change, Collection } from '../storage/collection.js';
import type { CollectionAccess } from '../storage/collection-access.js';
import type { DataAccess, Indexing } from '../storage/data-access.js';
import { CollectionView, writeConflict } from '../storage/transaction-view.js';
import type { Work } from '../work.js';
import { sessionOf, type WriteIdentity } from './retryable-writes.js';
import type { Request } from './wire.js';

/** MongoDB's `transactionLifetimeLimitSeconds`, milliseconds. */
const LIFETIME_MS = 60_000;
/**
 * A client whose connection broke may come back on another one to go on or to ask again for the commit,
 * milliseconds.
 */
export const ABSENCE_MS = 3_000;
/** So many changes at least are forgotten at once. */
const MIN_FORGOTTEN = 1_000;
const TRANSIENT = { errorLabels: ['TransientTransactionError'] };

/** Commands that a transaction may have (the manual's page on transactions and operations). */
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

/** What a transaction sees: the collections as they were when it began, and its own writes. */
export class Transaction implements DataAccess {
  readonly #views = new Map<Collection, CollectionView>();
  /** Collections that come into being with its commit, by namespace. */
  readonly #created = new Map<string, Collection>();
  /** When it was noticed that its client is gone, on a clock that only goes on. */
  goneAt: number | undefined;

  constructor(
    private readonly catalog: Catalog,
    readonly identity: WriteIdentity,
    readonly startedAt: number,
    /** What others changed since the transaction began. */
    private readonly changes: () => readonly Change[],
    /** Whether the client it was last heard from is gone. */
    public isGone: () => boolean,
  ) {}

  *find(database: string, name: string): Work<CollectionAccess | undefined> {
    const collection = this.#created.get(`${database}.${name}`) ?? (yield* this.catalog.find(database, name));
    return collection && this.#viewOf(collection);
  }

  *findOrCreate(database: string, name: string): Work<CollectionAccess> {
    const existing = yield* this.find(database, name);
    if (existing) return existing;
    // A name that is a view's is refused there.
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

  /** Only collections of its own that are still empty. */
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
    return collection.addIndex(spec);
  }

  #viewOf(collection: Collection): CollectionView {
    const cached = this.#views.get(collection);
    if (cached) return cached;
    const view = new CollectionView(collection, this);
    for (const change of this.changes()) if (change.collection === collection) view.undo(change);
    this.#views.set(collection, view);
    return view;
  }

  see(change: Change): void {
    this.#views.get(change.collection)?.undo(change);
  }

  get hasWritten(): boolean {
    return [...this.#views.values()].some(({ own }) => own.size > 0);
  }

  /** @throws MongoCommandError 112, and then nothing of it is done. */
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
  /** How many of the changes came before it. */
  readonly since: number;
}

/** The transactions that are not over, one per session, and the moments that are read. */
export class Transactions {
  readonly #active = new Map<string, Active>();
  /** The highest number a session used. */
  readonly #numbers = new Map<string, bigint>();
  /** Changes since the oldest transaction began, and how many came before the first of them. */
  #changes: Change[] = [];
  #forgotten = 0;
  #observers = 0;

  constructor(
    private readonly catalog: Catalog,
    private readonly now: () => Date,
  ) {}

  get size(): number {
    return this.#active.size;
  }

  /** Everything that is written outside is undone in what transactions see. */
  note(change: Change): void {
    if (this.#active.size === 0) return;
    this.#changes.push(change);
    for (const { transaction } of this.#active.values()) transaction.see(change);
  }

  /** The transaction a command belongs to; undefined for a command of none. */
  of(request: Request): Transaction | undefined {
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
    const last = this.#numbers.get(session);
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
    this.#numbers.set(session, number);
    return this.#begin(identity, this.now().getTime());
  }

  /** Everything as it is now, to be read until it is aborted. */
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

  /** @throws MongoCommandError 112 when somebody else committed what it needs; it is over then. */
  commit(transaction: Transaction): void {
    const { session } = transaction.identity;
    this.#active.delete(session);
    try {
      transaction.commit();
    } finally {
      transaction.end();
      this.#forgetChanges();
    }
  }

  abort(transaction: Transaction): void {
    if (this.#active.get(transaction.identity.session)?.transaction === transaction)
      this.#end(transaction.identity.session);
  }

  abortSession(session: string): void {
    if (this.#active.has(session)) this.#end(session);
  }

  #end(session: string): void {
    this.#active.get(session)?.transaction.end();
    this.#active.delete(session);
    this.#forgetChanges();
  }

  #forgetChanges(): void {
    let first = this.#forgotten + this.#changes.length;
    for (const { since } of this.#active.values()) first = Math.min(first, since);
    // Rarely, because what is left is moved each time.
    const useless = first - this.#forgotten;
    if (this.#active.size > 0 && useless < Math.max(MIN_FORGOTTEN, this.#changes.length / 2)) return;
    this.#changes = this.#changes.slice(useless);
    this.#forgotten = first;
  }

  /** Ends those whose client is gone for a while and those that take too long. */
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

/** A failure inside a transaction, with the label that tells the driver to try all of it again. */
export function inTransaction(error: MongoCommandError): MongoCommandError {
  if (!TRANSIENT_CODES.has(error.code)) return error;
  const facts: Doc = { ...error.facts, ...TRANSIENT };
  return new MongoCommandError(error.code, error.message, facts);
}
