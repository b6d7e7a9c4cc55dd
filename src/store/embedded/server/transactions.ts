import { MongoCommandError } from '../errors.js';
import { isTrue, isLong, type Doc } from '../bson/values.js';
import type { Catalog } from '../storage/catalog.js';
import type { Change, Collection } from '../storage/collection.js';
import type { CollectionAccess, DataAccess } from '../storage/collection-access.js';
import { CollectionView } from '../storage/transaction-view.js';
import type { Work } from '../work.js';
import { sessionOf, type WriteIdentity } from './retryable-writes.js';
import type { Request } from './wire.js';

/** MongoDB's `transactionLifetimeLimitSeconds`, milliseconds. */
const LIFETIME_MS = 60_000;
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
]);

/** What a transaction sees: the collections as they were when it began, and its own writes. */
export class Transaction implements DataAccess {
  readonly #views = new Map<Collection, CollectionView>();

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
    const collection = yield* this.catalog.find(database, name);
    return collection && this.#viewOf(collection);
  }

  *findOrCreate(database: string, name: string): Work<CollectionAccess> {
    return this.#viewOf(yield* this.catalog.findOrCreate(database, name));
  }

  #viewOf(collection: Collection): CollectionView {
    const known = this.#views.get(collection);
    if (known) return known;
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
    for (const view of this.#views.values()) view.checkCommit();
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

/** The transactions that are not over, one per session. */
export class Transactions {
  readonly #active = new Map<string, Active>();
  /** The highest number a session used. */
  readonly #numbers = new Map<string, bigint>();
  /** Changes since the oldest transaction began. */
  #changes: Change[] = [];

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
    const since = this.#changes.length;
    const transaction = new Transaction(
      this.catalog,
      identity,
      this.now().getTime(),
      () => this.#changes.slice(since),
      () => false,
    );
    this.#active.set(session, { transaction, since });
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
    if (this.#active.size === 0) this.#changes = [];
  }

  /** Ends those whose client is gone and those that take too long. */
  sweep(): void {
    const limit = this.now().getTime() - LIFETIME_MS;
    for (const [session, { transaction }] of this.#active) {
      if (transaction.isGone() || transaction.startedAt < limit) this.#end(session);
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
