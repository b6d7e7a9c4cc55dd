import type { Collection, MongoClient } from 'mongodb';
import { printTable } from '../kit/table.js';

const DOCUMENTS = 100_000;
const BATCH = 5_000;
const TEXT = 'some words of a message '.repeat(6);

interface Row {
  readonly _id: number;
  readonly n: number;
  readonly text: string;
}

/** Measures how long a neighbour's find waits at most while another client's long command runs. */
export async function neighbours(client: MongoClient): Promise<void> {
  const big = client.db('busy').collection<Row>('rows');
  const small = client.db('neighbour').collection<Row>('rows');
  await small.insertOne({ _id: 1, n: 1, text: TEXT });
  for (let from = 0; from < DOCUMENTS; from += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, i) => ({
      _id: from + i,
      n: ((from + i) * 7_919) % 100_003,
      text: TEXT,
    }));
    await big.insertMany(rows);
  }
  const long: Readonly<Record<string, () => Promise<unknown>>> = {
    'a sort without an index': () => big.find().sort({ text: 1, n: -1 }).limit(10).toArray(),
    'a group of everything': () => big.aggregate([{ $group: { _id: '$text', n: { $sum: '$n' } } }]).toArray(),
    'a pattern over everything': () => big.countDocuments({ text: /zzz/ }),
    'a change of everything': () => big.updateMany({}, { $inc: { n: 1 } }),
    'a new index': () => big.createIndex({ text: 1, n: 1 }),
    '$out of everything': () => big.aggregate([{ $out: 'copy' }]).toArray(),
    'a transaction with 1,000 changes': () => transaction(client, big, 1_000),
    'a transaction with 10,000 changes': () => transaction(client, big, 10_000),
  };
  const alone = await waits(small, () => new Promise((resolve) => setTimeout(resolve, 500)));
  const rows = [];
  for (const [what, work] of Object.entries(long)) {
    rows.push({
      what: `longest wait beside ${what}`,
      ours: [await waits(small, work)],
      rival: [alone],
      rivalName: 'alone',
      unit: 'ms',
    });
  }
  printTable(`a neighbour of a collection with ${DOCUMENTS} documents`, rows);
}

const transaction = (client: MongoClient, rows: Collection<Row>, changes: number): Promise<unknown> =>
  client.withSession((session) =>
    session.withTransaction(() =>
      rows.updateMany({ _id: { $lt: changes } }, { $inc: { n: 1 } }, { session }),
    ),
  );

/** The neighbour's longest find, in ms. */
async function waits(small: Collection<Row>, work: () => Promise<unknown>): Promise<number> {
  let isOver = false;
  let longest = 0;
  const done = work().finally(() => (isOver = true));
  while (!isOver) {
    const started = performance.now();
    await small.findOne({ _id: 1 });
    longest = Math.max(longest, performance.now() - started);
  }
  await done;
  return longest;
}
