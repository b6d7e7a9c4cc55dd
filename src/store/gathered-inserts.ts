import mongoose, { type mongo } from 'mongoose';
import { StoreError } from '../contracts/stores.js';
import type { RowWithId, Rows } from './database.js';
import { GatheredWrites, type Outcomes } from '../lib/gathered-writes.js';
import { storeErrorOf } from './guard.js';

const stored = (): void => undefined;

/** Batches inserts into one collection; each rejects as `insertOne` of its row would. */
export function gatheredInserts<Row extends RowWithId>(rows: () => Rows<Row>): GatheredWrites<Row, void> {
  return new GatheredWrites((batch) => {
    const documents = batch as readonly mongo.OptionalUnlessRequiredId<Row>[];
    const [only] = documents;
    return documents.length === 1 && only !== undefined
      ? insertOne(rows(), only)
      : insertMany(rows(), documents);
  });
}

async function insertOne<Row extends RowWithId>(
  rows: Rows<Row>,
  document: mongo.OptionalUnlessRequiredId<Row>,
): Promise<Outcomes<void>> {
  await rows.insertOne(document);
  return [stored];
}

async function insertMany<Row extends RowWithId>(
  rows: Rows<Row>,
  documents: readonly mongo.OptionalUnlessRequiredId<Row>[],
): Promise<Outcomes<void>> {
  try {
    await rows.insertMany(documents, { ordered: false });
    return documents.map(() => stored);
  } catch (error) {
    const { MongoBulkWriteError } = mongoose.mongo;
    if (error instanceof MongoBulkWriteError) return outcomesOf(error, documents.length);
    if (storeErrorOf(error) instanceof StoreError) throw error;
    // One of them cannot be sent at all, so nothing was sent; the others must not suffer for it.
    const alone = await Promise.allSettled(documents.map((document) => rows.insertOne(document)));
    return alone.map((one) => (one.status === 'fulfilled' ? stored : failing(one.reason)));
  }
}

function outcomesOf(error: mongo.MongoBulkWriteError, count: number): Outcomes<void> {
  const failures = new Map([error.writeErrors].flat().map((one) => [one.index, one]));
  // Stored, but not on all required members: none of them counts as durable.
  const unlisted = failures.size === 0 || error.result.getWriteConcernError() !== undefined;
  return Array.from({ length: count }, (_, index) => {
    const failure = failures.get(index);
    if (failure === undefined) return unlisted ? failing(error) : stored;
    return failing(
      new mongoose.mongo.MongoServerError({ message: failure.errmsg ?? error.message, code: failure.code }),
    );
  });
}

function failing(reason: unknown): () => never {
  return () => {
    throw reason;
  };
}
