import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TenantScope } from '../../../src/contracts/stores.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { openStore, type OpenStore } from '../../../src/store/index.js';
import { settingsFor } from '../../contracts/stores/under-test.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { interleave } from '../kit/interleave.js';
import { median } from '../kit/statistics.js';
import { printTable } from '../kit/table.js';

const FEW = 10;
const MANY = 2_000;
const ROUNDS = 9;
const LOOKS_PER_ROUND = 200;
/** Another tenant is read before every n-th read of the busy tenant. */
const NEIGHBOUR_EVERY = 5;
const AT_ONCE = 32;

/** Row 17 of PERFORMANCE: how much a busy tenant is affected by the others. */
export async function manyTenants(folder: string): Promise<void> {
  const few = await openWith(join(folder, 'few'), FEW);
  const many = await openWith(join(folder, 'many'), MANY);
  const figures = await interleave(ROUNDS, { few: () => hotTenant(few), many: () => hotTenant(many) });
  printTable(`a busy tenant among others, p50 of each round`, [
    {
      what: `look at a conversation, ${MANY} tenants`,
      ours: figures.many,
      rival: figures.few,
      rivalName: `with ${FEW}`,
      unit: 'us',
      goal: { kind: 'at most', ratio: 1.2 },
    },
  ]);
  for (const { close } of [few, many]) await close();
}

interface Open {
  readonly store: OpenStore;
  readonly tenants: number;
  close(): Promise<void>;
}

async function openWith(dataDir: string, tenants: number): Promise<Open> {
  const embedded = await openEmbeddedStore({ dataDir, logger: silentLogger });
  const masterKey = randomBytes(32);
  const deps = { clock: systemClock, makeId, logger: silentLogger };
  const store = await openStore({ uri: embedded.uri, masterKey, ...deps });
  let next = 0;
  const maker = async (): Promise<void> => {
    for (let n = next++; n < tenants; n = next++) {
      await store.service.putTenant(idOf(n), settingsFor(idOf(n)));
      await scopeOf(store, n);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, maker));
  return {
    store,
    tenants,
    async close() {
      await store.close();
      await embedded.close();
    },
  };
}

const idOf = (n: number): string => `tenant-${n}`;

async function scopeOf(store: OpenStore, n: number): Promise<TenantScope> {
  const scope = await store.service.scope(idOf(n));
  if (scope === undefined) throw new Error('the tenant is gone');
  return scope;
}

async function hotTenant({ store, tenants }: Open): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < LOOKS_PER_ROUND; i += 1) {
    if (i % NEIGHBOUR_EVERY === 0) {
      const neighbour = await scopeOf(store, 1 + ((i * 7_919) % (tenants - 1)));
      await neighbour.conversations.get('somebody');
    }
    const started = performance.now();
    const scope = await scopeOf(store, 0);
    await scope.conversations.get('somebody');
    took.push((performance.now() - started) * 1_000);
  }
  return median(took);
}
