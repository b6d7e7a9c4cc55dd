import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roomStores } from '../../src/compose/room-stores.js';
import type { Clock, Logger } from '../../src/contracts/runtime.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { openStore, type OpenStore, type OpenStoreOptions } from '../../src/store/index.js';
import { silentLogger } from './silent-logger.js';

export interface TestServer {
  readonly uri: string;
  close(): Promise<void>;
}

/**
 * The server at `SAPA_TEST_MONGODB_URI`, or an embedded one in its own folder, with MongoDB's fail points if the
 * test needs them.
 */
export async function startTestServer(
  options: { readonly hasTestCommands?: boolean } = {},
): Promise<TestServer> {
  const uri = process.env['SAPA_TEST_MONGODB_URI'];
  if (uri !== undefined && uri !== '') return { uri, close: () => Promise.resolve() };
  const { openEmbeddedStore } = await import('../../src/store/embedded/index.js');
  const dataDir = await mkdtemp(join(tmpdir(), 'sapa-store-'));
  const server = await openEmbeddedStore({ dataDir, logger: silentLogger, ...options });
  return {
    uri: server.uri,
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A store whose databases no other test uses; `close` removes them. */
export interface TestStore extends OpenStore {
  readonly uri: string;
  readonly options: OpenStoreOptions;
  /** Opens another store on the same data, as another process would. */
  openAnother(change?: Partial<OpenStoreOptions>): Promise<OpenStore>;
}

export async function openTestStore(
  settings: { readonly server?: TestServer; readonly clock?: Clock; readonly logger?: Logger } = {},
): Promise<TestStore> {
  const server = settings.server ?? (await startTestServer());
  const unique = randomBytes(4).toString('hex');
  const options: OpenStoreOptions = {
    uri: server.uri,
    masterKey: randomBytes(32),
    clock: settings.clock ?? systemClock,
    makeId,
    roomStores,
    logger: settings.logger ?? silentLogger,
    serviceDatabase: `test_${unique}`,
    databasePrefix: `test_${unique}_`,
  };
  const store = await openStore(options);
  const others: OpenStore[] = [];
  return {
    ...store,
    uri: server.uri,
    options,
    async openAnother(change = {}) {
      const other = await openStore({ ...options, ...change });
      others.push(other);
      return other;
    },
    async close() {
      for (const other of others) await other.close();
      await dropDatabases(store, `test_${unique}`);
      await store.close();
      if (settings.server === undefined) await server.close();
    },
  };
}

async function dropDatabases(store: OpenStore, prefix: string): Promise<void> {
  const client = store.connection.getClient();
  const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
  for (const { name } of databases.filter((database) => database.name.startsWith(prefix))) {
    await client.db(name).dropDatabase();
  }
}
