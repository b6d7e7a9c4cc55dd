import type { MongoClient } from 'mongodb';
import { interleave } from '../kit/interleave.js';
import { median } from '../kit/statistics.js';
import { printTable } from '../kit/table.js';
import { startSqlite } from './sqlite.js';

const DOCUMENTS = 20_000;
const ROUNDS = 9;
const READS_PER_ROUND = 400;
const WRITES_PER_ROUND = 100;
/** Spreads the requested keys over the collection; coprime to its size. */
const STRIDE = 7_919;
const TEXT = 'some words of a message '.repeat(6);
const QUICK = { writeConcern: { w: 1, journal: false } } as const;

interface Row {
  _id: string;
  key: string;
  state: string;
  at: Date;
  text: string;
  changes: number;
}

const makeRow = (id: string, n: number): Row => ({
  _id: id,
  key: `key ${id}`,
  state: n % 5 === 0 ? 'new' : 'done',
  at: new Date(n),
  text: TEXT,
  changes: 0,
});

/** Row 20 of PERFORMANCE: the embedded store against a bare round trip of the same driver. */
export async function oneClient(client: MongoClient, folder: string): Promise<void> {
  const database = client.db('bench');
  const rows = database.collection<Row>('rows');
  await rows.createIndexes([
    { key: { key: 1 }, unique: true, name: 'key' },
    { key: { state: 1, at: 1 }, name: 'state_at' },
  ]);
  for (let from = 0; from < DOCUMENTS; from += 1_000) {
    await rows.insertMany(Array.from({ length: 1_000 }, (_, i) => makeRow(`row ${from + i}`, from + i)));
  }
  let n = 0;
  const some = (): string => `row ${(n++ * STRIDE) % DOCUMENTS}`;
  const sqlite = await startSqlite(folder, DOCUMENTS);
  const beside = (what: 'find' | 'insert' | 'change', times: number) => async (): Promise<number> =>
    (await sqlite?.run(what, times)) ?? Number.NaN;
  const figures = await interleave(ROUNDS, {
    sqliteFind: beside('find', READS_PER_ROUND),
    sqliteInsert: beside('insert', WRITES_PER_ROUND),
    sqliteChange: beside('change', WRITES_PER_ROUND),
    ping: medianOf(READS_PER_ROUND, () => database.command({ ping: 1 })),
    find: medianOf(READS_PER_ROUND, () => rows.findOne({ key: `key ${some()}` })),
    insert: medianOf(WRITES_PER_ROUND, () => rows.insertOne(makeRow(`more ${n++}`, 1))),
    quick: medianOf(WRITES_PER_ROUND, () => rows.insertOne(makeRow(`more ${n++}`, 1), QUICK)),
    change: medianOf(WRITES_PER_ROUND, () =>
      rows.findOneAndUpdate({ _id: some() }, { $inc: { changes: 1 } }, { returnDocument: 'after' }),
    ),
    claim: medianOf(WRITES_PER_ROUND, () =>
      rows.findOneAndUpdate(
        { state: 'new', at: { $lte: new Date(DOCUMENTS) } },
        { $set: { at: new Date(n++ % DOCUMENTS) } },
        { sort: { at: 1 } },
      ),
    ),
  });
  const { ping, find, insert, quick, change, claim } = figures;
  const against = (rivalName: string, rival: readonly number[]) => ({ rivalName, rival, unit: 'us' });
  printTable(`embedded store, ${DOCUMENTS} documents, one client, p50 of each round`, [
    { what: 'find by an index', ours: find, ...against('ping', ping), goal: { kind: 'at most', ratio: 1.5 } },
    {
      what: 'findAndModify by _id',
      ours: change,
      ...against('insert', insert),
      goal: { kind: 'at most', ratio: 3 },
    },
    {
      what: 'findAndModify of the first in an index',
      ours: claim,
      ...against('insert', insert),
      goal: { kind: 'at most', ratio: 3 },
    },
    { what: 'insert that does not wait for the disk', ours: quick, ...against('insert', insert) },
    { what: 'insert', ours: insert, ...against('ping', ping) },
  ]);
  if (!sqlite) {
    console.log('  (SQLite skipped: there is no python3 to run it)');
    return;
  }
  sqlite.close();
  printTable('the same beside SQLite in its own process, which has no round trip', [
    { what: 'find by an index', ours: find, ...against('SQLite', figures.sqliteFind) },
    { what: 'insert', ours: insert, ...against('SQLite', figures.sqliteInsert) },
    { what: 'findAndModify by _id', ours: change, ...against('SQLite', figures.sqliteChange) },
  ]);
}

/** One round: runs the operation `times` times in a row and returns the median, in microseconds. */
function medianOf(times: number, operation: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const took: number[] = [];
    for (let i = 0; i < times; i += 1) {
      const started = performance.now();
      await operation();
      took.push((performance.now() - started) * 1_000);
    }
    return median(took);
  };
}
