import { join } from 'node:path';
import { MongoClient, type Collection } from 'mongodb';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { printTable } from '../kit/table.js';

const FEW = 1_000;
const MANY = 1_000_000;
const BATCH = 10_000;
const TEXT = 'some words of a message '.repeat(3);

interface Row {
  readonly _id: number;
  readonly key: string;
  readonly text: string;
}

interface Start {
  readonly open: number;
  readonly first: number;
  readonly neighbour: number;
}

/**
 * Start with a million documents: time until it is open, until the first document is found, and how long
 * others wait.
 */
export async function million(folder: string): Promise<void> {
  const few = await startWith(join(folder, 'few'), FEW);
  const many = await startWith(join(folder, 'many'), MANY);
  const against = (name: keyof Start) => ({
    ours: [many[name]],
    rival: [few[name]],
    rivalName: `with ${FEW}`,
    unit: 'ms',
  });
  printTable(`a start with ${MANY} documents`, [
    { what: 'until the store is open', ...against('open') },
    { what: 'the first find in the collection', ...against('first') },
    { what: 'the longest wait of a neighbour meanwhile', ...against('neighbour') },
  ]);
}

const rowsOf = (client: MongoClient): Collection<Row> => client.db('big').collection<Row>('rows');

async function startWith(dataDir: string, documents: number): Promise<Start> {
  const filling = await openEmbeddedStore({ dataDir, logger: silentLogger });
  await fill(filling, documents);
  await filling.close();
  const started = performance.now();
  const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
  const client = new MongoClient(store.uri);
  await client.db('admin').command({ ping: 1 });
  const open = performance.now() - started;
  await client.db('neighbour').collection<Row>('rows').findOne({ _id: 1 });
  const startedAt = performance.now();
  let isOver = false;
  const finding = rowsOf(client)
    .findOne({ key: `key ${documents - 1}` })
    .finally(() => (isOver = true));
  let neighbour = 0;
  while (!isOver) {
    const began = performance.now();
    await client.db('neighbour').collection<Row>('rows').findOne({ _id: 1 });
    neighbour = Math.max(neighbour, performance.now() - began);
  }
  await finding;
  const first = performance.now() - startedAt;
  await client.close();
  await store.close();
  return { open, first, neighbour };
}

async function fill(store: EmbeddedStore, documents: number): Promise<void> {
  const client = new MongoClient(store.uri);
  await rowsOf(client).createIndex({ key: 1 }, { unique: true });
  await client.db('neighbour').collection<Row>('rows').insertOne({ _id: 1, key: 'one', text: TEXT });
  for (let from = 0; from < documents; from += BATCH) {
    const size = Math.min(BATCH, documents - from);
    await rowsOf(client).insertMany(
      Array.from({ length: size }, (_, i) => ({ _id: from + i, key: `key ${from + i}`, text: TEXT })),
    );
  }
  await client.close();
}
