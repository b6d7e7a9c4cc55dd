import type { MongoClient } from 'mongodb';
import { interleave } from '../kit/interleave.js';
import { median } from '../kit/statistics.js';
import { printTable } from '../kit/table.js';

const ROUNDS = 9;
const EVENTS_PER_ROUND = 50;

/** Measures how soon a change stream reports a write, against the write itself and a bare round trip. */
export async function streamLatency(client: MongoClient): Promise<void> {
  const rows = client.db('watched').collection<{ n: number }>('rows');
  await rows.insertOne({ n: -1 });
  const stream = rows.watch();
  await stream.tryNext();
  let n = 0;
  const medianOf = async (work: () => Promise<unknown>): Promise<number> => {
    const took: number[] = [];
    for (let i = 0; i < EVENTS_PER_ROUND; i += 1) {
      const started = performance.now();
      await work();
      took.push((performance.now() - started) * 1_000);
    }
    return median(took);
  };
  const figures = await interleave(ROUNDS, {
    ping: () => medianOf(() => client.db('watched').command({ ping: 1 })),
    insert: () => medianOf(() => client.db('elsewhere').collection('rows').insertOne({ n: n++ })),
    event: () =>
      medianOf(async () => {
        const event = stream.next();
        await rows.insertOne({ n: n++ });
        await event;
      }),
  });
  await stream.close();
  const { ping, insert, event } = figures;
  printTable('a change stream, p50 of each round', [
    {
      what: 'from the write to its event',
      ours: event,
      rival: insert,
      rivalName: 'the insert alone',
      unit: 'us',
    },
    { what: 'from the write to its event', ours: event, rival: ping, rivalName: 'ping', unit: 'us' },
  ]);
}
