import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type CollationOptions } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/store/embedded/index.js';
import { mongoCompatSuite } from '../../contracts/mongo-compat.js';
import { refusal } from '../../contracts/mongo-compat/server.js';
import { silentLogger } from '../../fakes/silent-logger.js';

describe('the embedded store', () => {
  let dataDir: string;
  let store: EmbeddedStore;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-compat-'));
    store = await openEmbeddedStore({ dataDir, logger: silentLogger });
  });

  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true });
  });

  it('names the collation option that it does not support', async () => {
    const client = new MongoClient(store.uri);
    const reasonOf = async (options: Omit<CollationOptions, 'locale'>): Promise<string> => {
      const collation = { locale: 'en', ...options };
      const reading = client.db('shop').collection('goods').findOne({}, { collation });
      const { code, message } = await refusal(reading);
      return `${String(code)}: ${message}`;
    };
    try {
      expect(await reasonOf({ alternate: 'shifted' })).toMatch(
        /^115: a collation's option 'alternate: shifted' is not/,
      );
      expect(await reasonOf({ strength: 1, caseLevel: true })).toMatch(
        /^115: a collation's option 'caseLevel' is not/,
      );
      expect(await reasonOf({ strength: 2, backwards: true })).toMatch(
        /^115: a collation's option 'backwards' is not/,
      );
      expect(await reasonOf({ strength: 4 })).toMatch(/^115: a collation's strength 4 is not/);
    } finally {
      await client.close();
    }
  });

  it('forgets the transactions of ended sessions, but not those of others', async () => {
    const client = new MongoClient(store.uri);
    const rows = client.db('shop').collection('orders');
    const session = client.startSession();
    try {
      const order = (): Promise<unknown> =>
        session.withTransaction(() => rows.insertOne({ at: new Date() }, { session }));
      const startOver = (): void => {
        (session.serverSession as { txnNumber: number }).txnNumber = 0;
      };
      await order();
      await order();
      startOver();
      await expect(order()).rejects.toMatchObject({ code: 225 });
      await client.db('admin').command({ endSessions: [session.id] });
      startOver();
      await order();
      expect(await rows.countDocuments()).toBe(3);
    } finally {
      await session.endSession();
      await client.close();
    }
  });

  mongoCompatSuite('speaks as MongoDB does', () => store.uri, { search: true });
});

const official = process.env.SAPA_TEST_MONGODB_URI;
describe.skipIf(official === undefined)('the official MongoDB server', () => {
  // An ordinary server has no search of its own.
  mongoCompatSuite('passes the same suite', () => official ?? '', { search: false });
});
