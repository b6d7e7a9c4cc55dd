// Run from dist/ as a child process: opens the store of a folder and prints its role; with the task "write"
// it inserts numbered documents and prints each number once it is acknowledged.
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const [, , dataDir = '', task = 'serve', start = '0'] = process.argv;
const say = (fact: Record<string, unknown>): void => {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
};

const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
say({ role: store.role(), uri: store.uri });
process.once('SIGTERM', () => {
  void store.close().then(() => process.exit(0));
});
if (task === 'write') await write(Number(start));

/** Four concurrent writers; each document has a value with which all its parts must agree. */
async function write(from: number): Promise<void> {
  // Only the writers need the driver; other tasks start faster without it.
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(store.uri, { retryWrites: false });
  const documents = client
    .db('kills')
    .collection<{ _id: number; v: number; half: number; text: string }>('d');
  await documents.createIndex({ v: 1 }, { unique: true });
  await documents.createIndex({ half: 1 });
  let next = from;
  const writer = async (): Promise<void> => {
    for (;;) {
      const n = next++;
      await documents.insertOne({ _id: n, v: n, half: Math.floor(n / 2), text: `${n} `.repeat(50) });
      say({ inserted: n });
      if (n % 3 === 0) {
        await documents.updateOne({ _id: n }, { $set: { text: `changed ${n}` } });
        say({ updated: n });
      }
    }
  };
  await Promise.all([writer(), writer(), writer(), writer()]);
}
