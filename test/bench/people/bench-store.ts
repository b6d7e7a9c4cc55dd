import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roomStores } from '../../../src/compose/room-stores.js';
import type { TenantScope } from '../../../src/contracts/stores.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { openStore, type OpenStore } from '../../../src/store/index.js';
import { settingsFor } from '../../contracts/stores/under-test.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const MEGABYTE = 1024 * 1024;
const LOOK_EVERY_MS = 100;

export const benchBasics = { clock: systemClock, makeId, logger: silentLogger };

export interface BenchStore extends OpenStore {
  /** Creates a business. */
  tenant(name: string): Promise<TenantScope>;
}

/** The embedded store in a folder of its own, which `close` removes. */
export async function openBenchStore(): Promise<BenchStore> {
  const folder = await mkdtemp(join(tmpdir(), 'sapa-bench-'));
  const embedded = await openEmbeddedStore({ dataDir: join(folder, 'store'), logger: silentLogger });
  const store = await openStore({
    uri: embedded.uri,
    masterKey: randomBytes(32),
    roomStores,
    ...benchBasics,
  });
  return {
    ...store,
    async tenant(name) {
      await store.service.putTenant(name, settingsFor(name));
      const scope = await store.service.scope(name);
      if (scope === undefined) throw new Error('the tenant is gone');
      return scope;
    },
    async close() {
      await store.close();
      await embedded.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Peak memory during `work`, in MB: JavaScript heap of this thread, and the whole process. */
export async function peakOf<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly heap: number; readonly resident: number }> {
  let heap = 0;
  let resident = 0;
  const look = (): void => {
    const { heapUsed, rss } = process.memoryUsage();
    heap = Math.max(heap, heapUsed / MEGABYTE);
    resident = Math.max(resident, rss / MEGABYTE);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  try {
    const result = await work();
    look();
    return { result, heap, resident };
  } finally {
    clearInterval(timer);
  }
}
