import { aggregateCommands } from '../commands/aggregate.js';
import { bulkWrite } from '../commands/bulk-write.js';
import { collectionCommands } from '../commands/collections.js';
import { handshakeCommands } from '../commands/handshake.js';
import { indexCommands } from '../commands/indexes.js';
import { checkFields } from '../commands/command-fields.js';
import { checkClusterTime, checkConcerns, writeConcernError } from '../commands/options.js';
import { operationCommands } from '../commands/operations.js';
import { readCommands } from '../commands/reads.js';
import { searchIndexCommands } from '../commands/search-indexes.js';
import { writeCommands } from '../commands/writes.js';
import { encodeReply } from '../bson/reply.js';
import type { Doc } from '../bson/values.js';
import { MongoCommandError, toMongoError } from '../errors.js';
import { isWork, type Work } from '../work.js';
import type { Command, CommandContext, CommandTable } from './context.js';
import { commitIdentity, writeIdentity, type WriteIdentity } from './retryable-writes.js';
import { withSnapshotTime, type Snapshots } from './snapshots.js';
import { inTransaction, type Transaction } from './transactions.js';
import type { Request } from './wire.js';

const COMMANDS: CommandTable = {
  ...handshakeCommands,
  ...operationCommands,
  ...readCommands,
  ...writeCommands,
  bulkWrite,
  ...aggregateCommands,
  ...indexCommands,
  ...collectionCommands,
  ...searchIndexCommands,
};

/** Finds the command named in a request and runs it: only once, in its transaction, remembering its reply. */
export class CommandRunner {
  constructor(private readonly context: CommandContext) {}

  /** Returns the reply, or the work that produces it. */
  run(request: Request): Uint8Array | Promise<Uint8Array> | Work<Uint8Array> {
    const command = Object.hasOwn(COMMANDS, request.name) ? COMMANDS[request.name] : undefined;
    if (!command) throw new MongoCommandError(59, `no such command: '${request.name}'`);
    checkFields(request.name, request.body);
    checkConcerns(request.body);
    checkClusterTime(request.body, this.context.now());
    this.context.sessions.note(request.body);
    const ended = request.name === 'commitTransaction' ? this.#committedBefore(request.body) : undefined;
    if (ended) return ended;
    const transaction = this.context.transactions.belongingTo(request);
    if (transaction) return this.#runInTransaction(request, command, transaction);
    const identity = writeIdentity(request.body);
    const earlier = identity && this.context.retryableWrites.earlierReply(identity);
    if (earlier) {
      this.context.catalog.touched.everything();
      return earlier;
    }
    const snapshot = this.context.snapshots.requestedBy(request);
    if (snapshot) return this.#ofMoment(request, command, snapshot);
    const reply = command(request, this.context);
    if (reply instanceof Promise) return reply.then(encodeReply);
    if (isWork(reply)) return this.#encoded(reply, identity);
    return this.#remembered(encodeReply(reply), identity);
  }

  /** The reply to a repeated commit, even after a restart. */
  #committedBefore(body: Doc): Uint8Array | undefined {
    const { autocommit, ...rest } = body;
    if (autocommit === undefined)
      throw new MongoCommandError(125, 'commitTransaction must be run within a transaction');
    const write = writeIdentity(rest);
    if (!write) return undefined;
    const identity = commitIdentity(write);
    try {
      return this.context.retryableWrites.earlierReply(identity);
    } catch {
      // A newer number is in use; `Transactions` decides what becomes of this commit.
      return undefined;
    }
  }

  #runInTransaction(
    request: Request,
    command: Command,
    transaction: Transaction,
  ): Uint8Array | Work<Uint8Array> {
    if (request.name === 'abortTransaction') {
      this.context.transactions.abort(transaction);
      return encodeReply({ ok: 1 });
    }
    if (request.name === 'commitTransaction') return this.#commit(request, transaction);
    return this.#stepOf(request, command, transaction);
  }

  /** Only the preparation pauses, and leaves the transaction as it is if it is interrupted. */
  *#commit({ body }: Request, transaction: Transaction): Work<Uint8Array> {
    const { transactions, retryableWrites } = this.context;
    yield* transaction.stage();
    if (!transactions.isActive(transaction)) return this.#committedMeanwhile(transaction);
    const reply = encodeReply({ ok: 1, ...writeConcernError(body) });
    transactions.commit(transaction);
    retryableWrites.remember(commitIdentity(transaction.identity), reply);
    return reply;
  }

  /** The same commit was sent again while it was being prepared, or the transaction was aborted. */
  #committedMeanwhile({ identity }: Transaction): Uint8Array {
    const reply = this.context.retryableWrites.earlierReply(commitIdentity(identity));
    if (reply) return reply;
    throw inTransaction(new MongoCommandError(251, `Transaction ${identity.number} has been aborted.`));
  }

  /** Runs one command of a transaction; a failure ends the whole transaction. */
  *#stepOf(request: Request, command: Command, transaction: Transaction): Work<Uint8Array> {
    try {
      const reply = command(request, { ...this.context, data: transaction });
      const done = isWork(reply) ? yield* reply : reply;
      if (done instanceof Promise)
        throw new MongoCommandError(263, `Cannot run '${request.name}' in a transaction`);
      if (Array.isArray(done.writeErrors)) this.context.transactions.abort(transaction);
      return encodeReply(done);
    } catch (error) {
      this.context.transactions.abort(transaction);
      throw inTransaction(toMongoError(error));
    }
  }

  *#ofMoment(
    request: Request,
    command: Command,
    { view, time }: NonNullable<ReturnType<Snapshots['requestedBy']>>,
  ): Work<Uint8Array> {
    const reply = command(request, { ...this.context, data: view });
    const done = isWork(reply) ? yield* reply : reply;
    if (done instanceof Promise)
      throw new MongoCommandError(72, `'${request.name}' can not be read of a snapshot`);
    return encodeReply(withSnapshotTime(done, time));
  }

  *#encoded(work: Work<Doc>, identity: WriteIdentity | undefined): Work<Uint8Array> {
    return this.#remembered(encodeReply(yield* work), identity);
  }

  #remembered(reply: Uint8Array, identity: WriteIdentity | undefined): Uint8Array {
    if (identity) this.context.retryableWrites.remember(identity, reply);
    return reply;
  }
}
