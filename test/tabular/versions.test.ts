import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TenantScope } from '../../src/contracts/stores.js';
import { tabularStore } from '../../src/tabular/records/records.js';
import { settingsFor } from '../contracts/stores/under-test.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { startSecondProcess, type SecondProcess } from '../people/two-processes/start-second-process.js';
import { trainOnce } from './train-in-process.js';

const TENANT = 'shop';
/** More writes than a training makes, so each ends before. */
const MOST_STEPS = 60;

let store: TestStore;
let scope: TenantScope;
let other: SecondProcess;
beforeAll(async () => {
  store = await openTestStore();
  await store.service.putTenant(TENANT, settingsFor('Toko'));
  const opened = await store.service.scope(TENANT);
  if (opened === undefined) throw new Error('no scope');
  scope = opened;
  other = await startSecondProcess(store, TENANT);
}, 60_000);
afterAll(async () => {
  await other.kill();
  await store.close();
});

interface Versions {
  readonly numbers: readonly number[];
  readonly inUse: readonly number[];
}

async function versionsOf(name: string): Promise<Versions> {
  const rows = await scope.store(tabularStore).models.versions(name);
  const numbers = rows.map(({ version }) => version).sort((a, b) => a - b);
  return { numbers, inUse: rows.filter(({ active }) => active).map(({ version }) => version) };
}

it(
  'two processes that train one name at the same moment create two versions, wherever one is overtaken',
  { timeout: 180_000 },
  async () => {
    for (let step = 1; step < MOST_STEPS; step += 1) {
      const name = `step ${step}`;
      const stopped = await other.begin({ type: 'train', name }, step);
      if (stopped === undefined) {
        expect(step).toBeGreaterThan(8);
        return;
      }
      await trainOnce(scope, name);
      await stopped.goOn();
      const { numbers, inUse } = await versionsOf(name);
      expect([name, numbers, inUse.length]).toEqual([name, [1, 2], 1]);
    }
    throw new Error('it makes more writes than expected');
  },
);

it('many trainings of one name in two processes create as many versions, one of them in use', async () => {
  const trainings = Array.from({ length: 3 }, () => [
    trainOnce(scope, 'rush'),
    other.begin({ type: 'train', name: 'rush' }, MOST_STEPS * 10),
  ]);
  await Promise.all(trainings.flat());
  const { numbers, inUse } = await versionsOf('rush');
  expect([numbers, inUse.length]).toEqual([[1, 2, 3, 4, 5, 6], 1]);
});

it('version numbers continue those of older models, and numbers of removed ones are not reused', async () => {
  const { models } = scope.store(tabularStore);
  await trainOnce(scope, 'old');
  const [first] = await models.versions('old');
  if (first === undefined) throw new Error('no model');
  await models.insert({ ...first, _id: 'model_imported', version: 7, activation: 9 });
  await trainOnce(scope, 'old');
  expect(await versionsOf('old')).toEqual({ numbers: [1, 7, 8], inUse: [8] });
  const newest = await models.active('old');
  await models.remove(newest?._id ?? '');
  await trainOnce(scope, 'old');
  expect((await versionsOf('old')).numbers).toEqual([1, 7, 9]);
});
