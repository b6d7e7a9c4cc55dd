import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type Db, type Document } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mendWaitsOnClosedConnections } from '../../../src/store/closed-connections.js';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { startStoreProcess } from './child.js';

const MANY = 20_000;
/** On a busy machine, a shorter command may be over before its neighbour has asked twice, in ms. */
const LONG_MS = 250;

// Without this, closing a client whose server was just killed sometimes never ends.
mendWaitsOnClosedConnections();

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sapa-neighbours-'));
});

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

const rowsOf = (count: number): Document[] =>
  Array.from({ length: count }, (_, n) => ({ _id: n, n, v: 0, text: `row ${n % 97}` }));

interface Beside {
  readonly answers: number;
  readonly tookMs: number;
}

/** How many answers a neighbour got while a command ran. */
async function answersBeside(db: Db, command: Promise<unknown>): Promise<Beside> {
  const state = { isOver: false };
  const startedAt = performance.now();
  const ended = command.finally(() => {
    state.isOver = true;
  });
  let answers = 0;
  while (!state.isOver) {
    await db.collection('small').findOne({ _id: 1 as never });
    if (!state.isOver) answers += 1;
  }
  await ended;
  return { answers, tookMs: performance.now() - startedAt };
}

describe('during a long command', () => {
  it('another client is answered again and again', { timeout: 120_000 }, async () => {
    const first = await openEmbeddedStore({ dataDir, logger: silentLogger });
    const filling = new MongoClient(first.uri);
    await filling.db('shop').collection('many').insertMany(rowsOf(MANY));
    await filling.db('shop').collection<{ _id: number }>('small').insertOne({ _id: 1 });
    await filling.close();
    await first.close();

    const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
    const client = new MongoClient(store.uri);
    const other = new MongoClient(store.uri);
    try {
      await client.connect();
      const db = client.db('shop');
      const many = db.collection('many');
      const long: [string, () => Promise<unknown>][] = [
        ['the first find after a start', () => many.findOne({ n: -1 })],
        ['a sort', () => many.find().sort({ text: 1, n: -1 }).limit(5).toArray()],
        ['a group', () => many.aggregate([{ $group: { _id: '$text', n: { $sum: '$n' } } }]).toArray()],
        ['a pattern', () => many.countDocuments({ text: /9$/ })],
        ['a change of everything', () => many.updateMany({}, { $inc: { v: 1 } })],
        ['a new index', () => many.createIndex({ text: 1, n: 1 })],
        ['$out', () => many.aggregate([{ $out: 'copied' }]).toArray()],
        ['an insert of many', () => db.collection('more').insertMany(rowsOf(MANY))],
        ['a deletion of everything', () => many.deleteMany({})],
      ];
      const beside: Record<string, Beside> = {};
      for (const [name, command] of long) beside[name] = await answersBeside(other.db('shop'), command());
      // A long command that blocks the thread until it ends would let at most one through.
      const starved = Object.entries(beside).filter(
        ([, { answers, tookMs }]) => tookMs > LONG_MS && answers < 2,
      );
      expect(starved).toEqual([]);
      await db.collection('copied').drop();
      expect(await db.collection('more').countDocuments()).toBe(MANY);
      expect(await many.countDocuments()).toBe(0);
    } finally {
      await client.close();
      await other.close();
      await store.close();
    }
  });
});

describe('a long command', () => {
  it(
    'is listed by currentOp while it runs, and ends with 11601 when killed',
    { timeout: 60_000 },
    async () => {
      const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
      const client = new MongoClient(store.uri);
      try {
        const [many, admin] = [client.db('shop').collection('many'), client.db('admin')];
        await many.insertMany(rowsOf(MANY));
        const pipeline = [{ $match: { $expr: { $eq: ['$n', '$$n'] } } }];
        const each = many.aggregate([
          { $lookup: { from: 'many', let: { n: '$text' }, pipeline, as: 'same' } },
        ]);
        const ended = each.toArray().catch((error: unknown) => error);
        let found: Document | undefined;
        while (!found) {
          const { inprog } = (await admin.command({ currentOp: 1, ns: 'shop.many' })) as {
            inprog: Document[];
          };
          [found] = inprog;
        }
        expect(found).toMatchObject({ op: 'command', command: { aggregate: 'many' } });
        await admin.command({ killOp: 1, op: found['opid'] as number });
        expect(await ended).toMatchObject({ code: 11_601 });
        expect(await admin.command({ currentOp: 1, ns: 'shop.many' })).toMatchObject({ inprog: [] });
      } finally {
        await client.close();
        await store.close();
      }
    },
  );
});

describe('a long command whose process is killed midway', () => {
  const open = async (): Promise<{ db: Db; kill: () => Promise<void> }> => {
    const child = startStoreProcess(dataDir, 'serve');
    const { uri } = await child.opened;
    const client = new MongoClient(uri, { retryWrites: false, serverSelectionTimeoutMS: 5_000 });
    await client.connect();
    return {
      db: client.db('shop'),
      async kill() {
        await child.end('SIGKILL');
        await client.close();
      },
    };
  };

  it(
    'leaves each document old or new, and the target of $out entirely one of both',
    { timeout: 120_000 },
    async () => {
      const filled = await open();
      await filled.db.collection('many').insertMany(rowsOf(MANY));
      await filled.db.collection('many').createIndex({ v: 1 });
      await filled.db.collection('target').insertMany([{ old: 1 }, { old: 2 }]);
      await filled.kill();

      const changing = await open();
      const change = changing.db.collection('many').updateMany({}, { $inc: { v: 1 }, $set: { twin: 1 } });
      const watcher = changing.db.collection('many');
      change.catch(() => undefined);
      while ((await watcher.countDocuments({ v: 1 }, { limit: 1 })) === 0);
      await changing.kill();
      await expect(change).rejects.toThrow();

      const again = await open();
      const many = again.db.collection('many');
      const after = await many.find().toArray();
      expect(after).toHaveLength(MANY);
      expect(
        after.filter(({ v, twin }) => !(v === 0 && twin === undefined) && !(v === 1 && twin === 1)),
      ).toEqual([]);
      const updatedCount = after.filter(({ v }) => v === 1).length;
      expect(await many.countDocuments({ v: 1 }, { hint: 'v_1' })).toBe(updatedCount);
      const out = many.aggregate([{ $out: 'target' }]).toArray();
      out.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 150));
      await again.kill();

      const last = await open();
      const target = await last.db.collection('target').countDocuments();
      expect([2, MANY]).toContain(target);
      const names = (await last.db.listCollections().toArray()).map(({ name }) => name).sort();
      expect(names).toEqual(['many', 'target']);
      await last.kill();
    },
  );

  it('performs each of many writes once when the driver retries', { timeout: 120_000 }, async () => {
    const first = startStoreProcess(dataDir, 'serve');
    const { uri } = await first.opened;
    const client = new MongoClient(uri);
    const orders = client.db('shop').collection('orders');
    const writing = orders.insertMany(rowsOf(MANY));
    writing.catch(() => undefined);
    while ((await orders.estimatedDocumentCount()) === 0);
    await first.end('SIGKILL');
    const second = startStoreProcess(dataDir, 'serve');
    await second.opened;
    expect((await writing).insertedCount).toBe(MANY);
    expect(await orders.countDocuments()).toBe(MANY);
    await client.close();
    await second.end('SIGKILL');
  });
});
