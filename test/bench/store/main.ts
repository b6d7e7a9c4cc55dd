import { MongoClient } from 'mongodb';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { inFolder } from '../kit/service.js';
import { manyClients } from './many-clients.js';
import { manyTenants } from './many-tenants.js';
import { neighbours } from './neighbours.js';
import { oneClient } from './one-client.js';

/** The embedded store: one client's latency, many conversations at a time, neighbours, many tenants. */
export async function storeBench(): Promise<void> {
  for (const measure of [oneClient, manyClients, neighbours])
    await inFolder((folder) => withStore(folder, measure));
  await inFolder(manyTenants);
}

async function withStore(dataDir: string, measure: (client: MongoClient) => Promise<void>): Promise<void> {
  const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
  const client = new MongoClient(store.uri, { maxPoolSize: 50 });
  try {
    await measure(client);
  } finally {
    await client.close();
    await store.close();
  }
}
