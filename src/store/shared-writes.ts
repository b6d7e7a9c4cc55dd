import { setImmediate } from 'node:timers/promises';
import mongoose, { type Connection, type mongo } from 'mongoose';
import { StoreError } from '../contracts/stores.js';
import { GatheredWrites, type Outcomes } from '../lib/work/gathered-writes.js';
import { QUICK, type Rows, type RowWithId } from './database.js';
import { storeErrorOf } from './guard.js';

/** More than one, so that a command without an answer does not hold up every business. */
const COMMANDS_AT_ONCE = 4;
const COMMAND_NOT_FOUND = 59;

/** One of the writes of such a command. */
export type WriteModel = mongo.ClientBulkWriteModel<AnyRows>;
type AnyRow = RowWithId & Readonly<Record<string, unknown>>;
type AnyRows = Readonly<Record<string, AnyRow>>;

interface Insert {
  /** Throws if the collection's database was closed. */
  readonly rows: () => Rows<AnyRow>;
  readonly document: AnyRow;
}

/** Sends writes to several collections and databases in one command, which MongoDB has since 8.0. */
export class SharedWrites {
  readonly #inserts = new GatheredWrites<Insert, void>((batch) => this.insertAll(batch), {
    commandsAtOnce: COMMANDS_AT_ONCE,
    beforeEach: () => setImmediate(),
  });
  #isSupported = true;

  constructor(private readonly pool: Connection) {}

  /**
   * Inserts a row together with those that are inserted at the same moment, such as a lane and its event, or
   * while other inserts are in progress. Rejects as `insertOne` of the row would.
   */
  insert<Row extends RowWithId>(
    rows: () => Rows<Row>,
    document: mongo.OptionalUnlessRequiredId<Row>,
  ): Promise<void> {
    return this.#inserts.add({ rows, document } as unknown as Insert);
  }

  /** Sends `QUICK` writes, each applied after the one before; `undefined` if the database has no such command. */
  async inOrder(writes: readonly WriteModel[]): Promise<mongo.ClientBulkWriteResult | undefined> {
    if (!this.#isSupported) return undefined;
    try {
      return await this.pool.getClient().bulkWrite<AnyRows>(writes, { ...QUICK, ordered: true });
    } catch (error) {
      if (!(error instanceof mongoose.mongo.MongoClientBulkWriteError)) throw error;
      this.#isSupported = !isUnsupported(error);
      if (!this.#isSupported) return undefined;
      const [failure] = [...error.writeErrors.values(), ...error.writeConcernErrors];
      throw failure === undefined ? (error.cause ?? error) : serverError(failure);
    }
  }

  private async insertAll(inserts: readonly Insert[]): Promise<Outcomes<void>> {
    if (inserts.length === 1 || !this.#isSupported) return insertAlone(inserts);
    try {
      await this.pool.getClient().bulkWrite<AnyRows>(inserts.map(modelOf), { ordered: false });
      return inserts.map(() => stored);
    } catch (error) {
      if (error instanceof mongoose.mongo.MongoClientBulkWriteError) {
        this.#isSupported = !isUnsupported(error);
        return this.#isSupported ? outcomesOf(error, inserts.length) : insertAlone(inserts);
      }
      const isClosed = error instanceof StoreError;
      if (!isClosed && storeErrorOf(error) instanceof StoreError) throw error;
      // One of them cannot be sent at all, so nothing was sent; the others must not suffer for it.
      return insertAlone(inserts);
    }
  }
}

function modelOf({ rows, document }: Insert): WriteModel {
  return { name: 'insertOne', namespace: rows().namespace, document };
}

async function insertAlone(inserts: readonly Insert[]): Promise<Outcomes<void>> {
  const results = await Promise.allSettled(
    inserts.map(async ({ rows, document }) => rows().insertOne(document)),
  );
  return results.map((one) => (one.status === 'fulfilled' ? stored : failing(one.reason)));
}

function isUnsupported({ cause }: mongo.MongoClientBulkWriteError): boolean {
  return cause instanceof mongoose.mongo.MongoServerError && cause.code === COMMAND_NOT_FOUND;
}

function outcomesOf(error: mongo.MongoClientBulkWriteError, count: number): Outcomes<void> {
  const { writeErrors, writeConcernErrors, cause } = error;
  const [unconfirmed] = writeConcernErrors;
  // Stored, but not on all required members: none of them counts as durable.
  if (unconfirmed !== undefined) return allFailing(serverError(unconfirmed), count);
  if (writeErrors.size === 0) return allFailing(cause ?? error, count);
  return Array.from({ length: count }, (_, index) => {
    const failure = writeErrors.get(index);
    return failure === undefined ? stored : failing(serverError(failure));
  });
}

function serverError({ code, message }: mongo.Document): mongo.MongoServerError {
  return new mongoose.mongo.MongoServerError({ message: String(message), code: Number(code) });
}

function allFailing(reason: unknown, count: number): Outcomes<void> {
  return Array.from({ length: count }, () => failing(reason));
}

function failing(reason: unknown): () => never {
  return () => {
    throw reason;
  };
}

function stored(): void {
  return undefined;
}
