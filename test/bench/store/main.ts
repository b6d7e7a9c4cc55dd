import { MongoClient } from 'mongodb';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { inFolder } from '../kit/service.js';
import { manyClients } from './many-clients.js';
import { manyTenants } from './many-tenants.js';
import { million } from './million.js';
import { neighbours } from './neighbours.js';
import { oneClient } from './one-client.js';
import { streamLatency } from './stream-latency.js';

/**
 * The embedded store with one client, many clients, neighbours, watchers, many tenants and many documents.
 */
export async function storeBench(): Promise<void> {
  for (const measure of [oneClient, manyClients, neighbours, streamLatency])
    await inFolder((folder) => withStore(folder, measure));
  await inFolder(manyTenants);
  await inFolder(million);
}

async function withStore(
  dataDir: string,
  measure: (client: MongoClient, folder: string) => Promise<void>,
): Promise<void> {
  const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
  const client = new MongoClient(store.uri, { maxPoolSize: 50 });
  try {
    await measure(client, dataDir);
  } finally {
    await client.close();
    await store.close();
  }
}
