import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mendWaitsOnClosedConnections } from '../../../src/store/closed-connections.js';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { startStoreProcess } from './child.js';

const MANY = 20_000;
const SLOW = { timeout: 120_000 };
const INDEX = { key: { word: 1 }, name: 'word_1', unique: true };

// Without this, closing a client whose server was just killed sometimes never ends.
mendWaitsOnClosedConnections();

let dataDir: string;
let store: EmbeddedStore;
let client: MongoClient;
let db: Db;

const open = async (): Promise<void> => {
  store = await openEmbeddedStore({ dataDir, logger: silentLogger });
  client = new MongoClient(store.uri);
  db = client.db('shop');
};

const close = async (): Promise<void> => {
  await client.close();
  await store.close();
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sapa-ended-'));
  await open();
  await fill();
  await db.collection('target').insertMany([{ old: 1 }, { old: 2 }]);
}, SLOW.timeout);

afterAll(async () => {
  await close();
  await rm(dataDir, { recursive: true, force: true });
});

async function fill(): Promise<void> {
  const rows = Array.from({ length: MANY }, (_, n) => ({ n, word: `word ${(n * 7_919) % MANY}` }));
  await db.collection('many').insertMany(rows);
}

/** Undoes what a command did that was over too early to be ended. */
async function restore(): Promise<void> {
  await db.collection('many').dropIndexes();
  await db.collection('many').deleteMany({ extra: true });
  await db.collection('target').deleteMany({});
  await db.collection('target').insertMany([{ old: 1 }, { old: 2 }]);
}

/** Tries again until the command fails; on a busy machine it may be over before it can be ended. */
async function untilItFails(attempt: () => Promise<unknown>, undo = restore): Promise<unknown> {
  for (;;) {
    const outcome = await attempt();
    if (outcome instanceof Error) return outcome;
    await undo();
  }
}

const names = async (collection: Collection): Promise<unknown[]> =>
  (await collection.indexes()).map(({ name }) => name);

const nameOf = (command: Document): string => Object.keys(command)[0] ?? '';

/** Waits until `currentOp` shows a command of this name. Returns it, or `undefined` if it is over. */
async function running(command: string, outcome: Promise<unknown>): Promise<Document | undefined> {
  const state = { isOver: false };
  void outcome.then(() => (state.isOver = true));
  while (!state.isOver) {
    const operation = await shown(command);
    if (operation) return operation;
  }
  return undefined;
}

async function shown(command: string): Promise<Document | undefined> {
  const { inprog } = (await client.db('admin').command({ currentOp: 1 })) as { inprog: Document[] };
  return inprog.find(({ command: body }) => nameOf(body as Document) === command);
}

async function kill(command: string, outcome: Promise<unknown>): Promise<void> {
  const operation = await running(command, outcome);
  if (operation) await client.db('admin').command({ killOp: 1, op: operation['opid'] as number });
}

interface Ending {
  /** The code its client gets; `undefined` if it gets no answer. */
  readonly code: number | undefined;
  /** Starts the command and ends it in the middle. Returns its outcome. */
  end(command: Document): Promise<unknown>;
}

const outcomeOf = (command: Promise<unknown>): Promise<unknown> => command.catch((error: unknown) => error);

const ENDINGS: Readonly<Record<string, Ending>> = {
  maxTimeMS: {
    code: 50,
    end: (command) => outcomeOf(db.command({ ...command, maxTimeMS: 5 })),
  },
  killOp: {
    code: 11_601,
    async end(command) {
      const outcome = outcomeOf(db.command(command));
      await kill(nameOf(command), outcome);
      return outcome;
    },
  },
  killSessions: {
    code: 11_601,
    async end(command) {
      const session = client.startSession();
      const outcome = outcomeOf(db.command(command, { session }));
      await running(nameOf(command), outcome);
      await db.command({ killSessions: [{ id: session.id?.['id'] as unknown }] });
      return outcome;
    },
  },
  'a lost connection': {
    code: undefined,
    async end(command) {
      const other = new MongoClient(store.uri, { retryWrites: false, retryReads: false });
      const outcome = outcomeOf(other.db('shop').command(command));
      await running(nameOf(command), outcome);
      await other.close(true);
      while (await shown(nameOf(command)));
      return outcome;
    },
  },
  'a stop of the store': {
    code: 11_600,
    async end(command) {
      const outcome = outcomeOf(db.command(command));
      await running(nameOf(command), outcome);
      await store.close();
      const reason = await outcome;
      await client.close();
      await open();
      return reason;
    },
  },
};

describe.each(Object.entries(ENDINGS))('work ended midway by %s', SLOW, (_name, { code, end }) => {
  it('leaves no half-built index', async () => {
    const indexes = [{ key: { n: 1 }, name: 'n_1' }, INDEX];
    const outcome = await untilItFails(() => end({ createIndexes: 'many', indexes }));
    if (code !== undefined) expect(outcome).toMatchObject({ code });
    const many = db.collection('many');
    expect(await names(many)).toEqual(['_id_']);
    expect(await many.countDocuments({ word: { $gte: '' } })).toBe(MANY);
    expect(await many.find({ word: 'word 3' }).toArray()).toHaveLength(1);
    await many.insertOne({ word: 'word 3', extra: true });
    await many.deleteOne({ extra: true });

    await many.createIndex(INDEX.key, { name: INDEX.name, unique: true });
    expect(await many.find({ word: 'word 3' }).hint('word_1').toArray()).toHaveLength(1);
    await expect(many.insertOne({ word: 'word 3' })).rejects.toMatchObject({ code: 11_000 });
    await many.dropIndex('word_1');
  });

  it('leaves the target of $out unchanged, and nothing next to it', async () => {
    const command = { aggregate: 'many', pipeline: [{ $out: 'target' }], cursor: {} };
    const outcome = await untilItFails(() => end(command));
    if (code !== undefined) expect(outcome).toMatchObject({ code });
    expect(await db.collection('target').find().project({ _id: 0 }).toArray()).toEqual([
      { old: 1 },
      { old: 2 },
    ]);
    expect(await db.stats()).toMatchObject({ collections: 2, objects: MANY + 2 });
  });
});

describe('an index being built', SLOW, () => {
  const build = (): Promise<unknown> => outcomeOf(db.command({ createIndexes: 'many', indexes: [INDEX] }));

  it('accepts duplicates until it is nearly complete, and fails because of them', async () => {
    let added: unknown;
    const outcome = await untilItFails(async () => {
      const building = build();
      await running('createIndexes', building);
      added = await outcomeOf(db.collection('many').insertOne({ word: 'word 3', extra: true }));
      return building;
    });
    expect(outcome).toMatchObject({ code: 11_000 });
    expect(added).toMatchObject({ acknowledged: true });
    expect(await names(db.collection('many'))).toEqual(['_id_']);
    await db.collection('many').deleteOne({ extra: true });
  });

  it('is awaited by everybody who asks for it, even if its first build is ended', async () => {
    let second: unknown;
    const first = await untilItFails(async () => {
      const building = build();
      await running('createIndexes', building);
      const other = build();
      await kill('createIndexes', building);
      second = await other;
      return building;
    });
    expect(first).toMatchObject({ code: 11_601 });
    expect(second).toMatchObject({ ok: 1, numIndexesBefore: 1, numIndexesAfter: 2 });
    await db.collection('many').dropIndex('word_1');
  });

  it('is aborted when it is dropped', async () => {
    const outcome = await untilItFails(async () => {
      const building = build();
      await running('createIndexes', building);
      await db.command({ dropIndexes: 'many', index: 'word_1' });
      return building;
    });
    expect(outcome).toMatchObject({ code: 276, codeName: 'IndexBuildAborted' });
    expect(await names(db.collection('many'))).toEqual(['_id_']);
  });

  it('is gone after the process is killed', async () => {
    await close();
    const child = startStoreProcess(dataDir, 'serve');
    const { uri } = await child.opened;
    client = new MongoClient(uri, { retryWrites: false, retryReads: false });
    db = client.db('shop');
    const outcome = build();
    const wasRunning = await running('createIndexes', outcome);
    await child.end('SIGKILL');
    await outcome;
    await client.close();
    await open();
    if (wasRunning) expect(await names(db.collection('many'))).toEqual(['_id_']);
    else await restore();
    expect(await build()).toMatchObject({ ok: 1, numIndexesAfter: 2 });
    await db.collection('many').dropIndex('word_1');
  });

  it('does not bring a dropped or renamed collection back', async () => {
    const renamed = await untilItFails(
      async () => {
        const building = build();
        await running('createIndexes', building);
        await db.collection('many').rename('other');
        return building;
      },
      async () => {
        await db.collection('other').rename('many');
        await restore();
      },
    );
    expect(renamed).toMatchObject({ code: 276 });
    expect(await db.stats()).toMatchObject({ collections: 2, objects: MANY + 2 });
    await db.collection('other').rename('many');

    const dropped = await untilItFails(async () => {
      const building = build();
      await running('createIndexes', building);
      await db.collection('many').drop();
      return building;
    }, fill);
    expect(dropped).toMatchObject({ code: 276 });
    expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(['target']);
  });
});

describe('a collection dropped during a long write', SLOW, () => {
  it('gets the rest of an insert, as a new collection', async () => {
    const rows = Array.from({ length: MANY }, (_, n) => ({ _id: n as never }));
    const insert = db.collection('rows').insertMany(rows);
    while ((await db.collection('rows').estimatedDocumentCount()) === 0);
    await db.collection('rows').drop();
    expect((await insert).insertedCount).toBe(MANY);
    const left = await db.collection('rows').countDocuments();
    expect(left).toBeLessThan(MANY);
    expect(await db.collection('rows').countDocuments({ _id: { $gte: MANY - left } as never })).toBe(left);
    await db.collection('rows').drop();
  });

  it('ends an update with 175', async () => {
    const rows = db.collection('rows');
    const refill = async (): Promise<void> => {
      await rows.insertMany(Array.from({ length: MANY }, (_, n) => ({ n })));
    };
    await refill();
    const update = await untilItFails(async () => {
      const updating = outcomeOf(rows.updateMany({}, { $set: { changed: 1 } }));
      await running('update', updating);
      await rows.drop();
      return updating;
    }, refill);
    expect(update).toMatchObject({ code: 175 });
    expect(await rows.countDocuments()).toBe(0);
  });
});
