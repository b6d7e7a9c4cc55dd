import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/store/embedded/index.js';
import { mongoCompatSuite } from '../../contracts/mongo-compat.js';
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

  mongoCompatSuite('speaks as MongoDB does', () => store.uri, { search: true });
});

const official = process.env.SAPA_TEST_MONGODB_URI;
describe.skipIf(official === undefined)('the official server', () => {
  // An ordinary server has no search of its own.
  mongoCompatSuite('passes the same suite', () => official ?? '', { search: false });
});
