import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { JobQueue } from '../../src/contracts/queue.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { TabularError } from '../../src/contracts/tabular.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { datasetsCommand } from '../../src/tabular/commands/datasets-command.js';
import { tabularStore, type TrainingRow } from '../../src/tabular/records/records.js';
import { TabularService } from '../../src/tabular/service/tabular-service.js';
import { doWork } from '../../src/tabular/work/do-work.js';
import type { WorkAnswers } from '../../src/tabular/work/messages.js';
import type { RunWork } from '../../src/tabular/work/run-work.js';
import { i18n } from '../commands/open-shop.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { ordersCsv } from './sample-tables.js';

const TARGET = 'Hasil';

let store: TestStore;
let scope: TenantScope;
let datasetId: string;
/** The model that each training of this file ends with. */
let answer: WorkAnswers['train'];
/** What happens while the model is being fitted. */
let duringWork: (progress: (stage: string, share: number) => void) => Promise<unknown>;
const told: string[] = [];
const waiting = new Set<string>();

/** Jobs wait until the test runs them. */
const queue: JobQueue = {
  enqueue: (_type, _tenant, _data, { key = '' } = {}) => {
    waiting.add(key);
    return Promise.resolve(key);
  },
  cancel: (_type, _tenant, key) => Promise.resolve(waiting.delete(key)),
  repeat: () => Promise.reject(new Error('not expected')),
  find: () => Promise.resolve(undefined),
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

const runWork = (async (request, table, options = {}) => {
  if (request.type !== 'train') return doWork(request, table);
  await duringWork(options.onProgress ?? (() => undefined));
  return answer;
}) as RunWork;

const service = new TabularService({
  queue,
  runWork,
  clock: systemClock,
  makeId,
  i18n,
  tell: {
    progress: (_scope, { stage }) => void told.push(`progress ${stage}`),
    finished: (_scope, { status, error }) => {
      told.push(error === undefined ? status : `${status}: ${error.code}`);
      return Promise.resolve();
    },
  },
  enrol: () => Promise.resolve(false),
  tellStaff: () => Promise.resolve(),
});

beforeAll(async () => {
  store = await openTestStore();
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Shop' }));
  const tenantScope = await store.service.scope('shop');
  if (tenantScope === undefined) throw new Error('no scope');
  scope = tenantScope;
  const bytes = Buffer.from(ordersCsv(60));
  const dataset = await service.addDataset(scope, { fileName: 'orders.csv', bytes });
  datasetId = dataset._id;
  const request = { type: 'train', profile: dataset, wish: { target: TARGET }, name: TARGET } as const;
  answer = (await doWork(request, [bytes])) as WorkAnswers['train'];
});
afterAll(() => store.close());
afterEach(async () => {
  told.length = 0;
  waiting.clear();
  const { models } = scope.store(tabularStore);
  for (const { _id } of await models.versions(TARGET)) await service.removeModel(scope, _id);
});

async function begin(): Promise<string> {
  duringWork = () => Promise.resolve();
  const training = await service.train(scope, { datasetId, wish: { target: TARGET }, userId: 'owner' });
  return training?._id ?? '';
}

/** One attempt, as the queue of some process makes it. */
async function attempt(trainingId: string, within: TenantScope = scope): Promise<void> {
  const job = service.jobs().find(({ type }) => type.name === 'tabular.train');
  const run = { signal: new AbortController().signal, attempt: 1, progress: () => Promise.resolve() };
  await job?.run(within, { trainingId }, run);
}

async function outcome(id: string): Promise<Partial<TrainingRow> & { readonly active: boolean }> {
  const { trainings, models } = scope.store(tabularStore);
  const { status, error, modelId } = (await trainings.get(id)) ?? {};
  return { status, error, modelId, active: (await models.active(TARGET)) !== undefined } as never;
}

const STOPPED = { status: 'failed', error: { code: 'cancelled' }, modelId: undefined, active: false };

/** The same business, with something happening whenever a file is stored. */
function whenSaving(act: () => Promise<unknown>): TenantScope {
  const files: TenantScope['files'] = Object.create(scope.files, {
    save: {
      value: async (...file: Parameters<TenantScope['files']['save']>) => {
        await act();
        return scope.files.save(...file);
      },
    },
  }) as TenantScope['files'];
  return Object.create(scope, { files: { value: files } }) as TenantScope;
}

it('a training stopped while another process works on it stays stopped', async () => {
  const id = await begin();
  duringWork = () => service.cancel(scope, id);
  await attempt(id);
  expect(await outcome(id)).toMatchObject(STOPPED);
  expect(told).toEqual(['failed: cancelled']);
});

it('a training that is stopped and then fails still counts as stopped', async () => {
  const id = await begin();
  duringWork = async () => {
    await service.cancel(scope, id);
    throw new TabularError('too-large', 'It takes too much memory.');
  };
  await attempt(id);
  expect(await outcome(id)).toMatchObject(STOPPED);
  expect(told).toEqual(['failed: cancelled']);
});

it('a training stopped before it runs does not run, and shows no progress', async () => {
  const id = await begin();
  await service.cancel(scope, id);
  await attempt(id);
  const other = await begin();
  duringWork = async (progress) => {
    await service.cancel(scope, other);
    progress('trees', 0.5);
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await attempt(other);
  expect([await outcome(id), await outcome(other)]).toMatchObject([STOPPED, STOPPED]);
  expect(told).toEqual(['failed: cancelled', 'failed: cancelled']);
});

it('a training whose result is being stored can no longer be stopped, and says so', async () => {
  const id = await begin();
  const answers: unknown[] = [];
  await attempt(
    id,
    whenSaving(async () => answers.push((await service.cancel(scope, id))?.status)),
  );
  expect(await outcome(id)).toMatchObject({ status: 'done', error: undefined, active: true });
  expect(answers).toEqual(['running', 'running']);
  expect(told).toEqual(['done']);
});

it('a finished training is not stopped by a late request', async () => {
  const id = await begin();
  await attempt(id);
  expect(await service.cancel(scope, id)).toMatchObject({ status: 'done' });
  expect(await outcome(id)).toMatchObject({ status: 'done', active: true });
  expect(told).toEqual(['done']);
});

const INTERRUPTED = new TabularError('interrupted', 'Working on the table was interrupted.');

it('a training whose child process is killed is done by the next attempt', async () => {
  const id = await begin();
  duringWork = () => Promise.reject(INTERRUPTED);
  await expect(attempt(id)).rejects.toThrow('interrupted');
  expect(await outcome(id)).toMatchObject({ status: 'running', active: false });
  duringWork = () => Promise.resolve();
  await attempt(id);
  expect(await outcome(id)).toMatchObject({ status: 'done', active: true });
});

it('a training whose child process is killed each time fails and says so', async () => {
  const id = await begin();
  const job = service.jobs().find(({ type }) => type.name === 'tabular.train');
  await job?.givenUp?.(scope, { trainingId: id }, INTERRUPTED);
  expect(await outcome(id)).toMatchObject({ status: 'failed', error: { code: 'interrupted' } });
  expect(told).toEqual(['failed: interrupted']);
});

it('a training on the command line leaves no job behind, and one that fails there is over', async () => {
  duringWork = () => Promise.resolve();
  const request = { datasetId, wish: { target: TARGET }, userId: 'cli' };
  const { signal } = new AbortController();
  expect(await service.trainNow(scope, request, signal)).toMatchObject({ status: 'done' });
  duringWork = () => Promise.reject(INTERRUPTED);
  expect(await service.trainNow(scope, request, signal)).toMatchObject({ status: 'failed' });
  expect([...waiting]).toEqual([]);
});

it('a training on the command line that is stopped there is over for everybody', async () => {
  const stopping = new AbortController();
  duringWork = () => {
    stopping.abort();
    return Promise.reject(INTERRUPTED);
  };
  const request = { datasetId, wish: { target: TARGET }, userId: 'cli' };
  const { _id, error } = await service.trainNow(scope, request, stopping.signal);
  expect(error).toMatchObject({ code: 'cancelled' });
  expect([...waiting]).toEqual([]);
  await attempt(_id);
  expect(await outcome(_id)).toMatchObject({ status: 'failed', active: false });
});

it('a training whose process ends before its model is activated is completed by the next attempt', async () => {
  const id = await begin();
  const killed: TenantScope = Object.create(scope, {
    store: {
      value: () => {
        const records = scope.store(tabularStore);
        const activate = () => Promise.reject(new Error('the process ended'));
        return { ...records, models: { ...records.models, activate } };
      },
    },
  }) as TenantScope;
  await expect(attempt(id, killed)).rejects.toThrow('the process ended');
  expect(await outcome(id)).toMatchObject({ status: 'running', active: false });
  await attempt(id);
  expect(await outcome(id)).toMatchObject({ status: 'done', active: true });
  expect(await scope.store(tabularStore).models.versions(TARGET)).toHaveLength(1);
  expect(told).toEqual(['done']);
});

it('two processes that activate two versions at once leave exactly one active', async () => {
  const first = await begin();
  await attempt(first);
  const second = await begin();
  await attempt(second);
  const other = await (await store.openAnother()).service.scope('shop');
  const { models } = scope.store(tabularStore);
  const [newer, older] = await models.versions(TARGET);
  if (newer === undefined || older === undefined || other === undefined) throw new Error('not two versions');
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([models.activate(newer), other.store(tabularStore).models.activate(older)]);
    expect(await models.active(TARGET)).toBeDefined();
  }
  await models.activate(older);
  expect((await models.versions(TARGET)).map(({ active }) => active)).toEqual([false, true]);
});

it('activating a removed version does not deactivate the current one', async () => {
  const first = await begin();
  await attempt(first);
  const { models } = scope.store(tabularStore);
  const inUse = await models.active(TARGET);
  if (inUse === undefined) throw new Error('none in use');
  await models.activate({ ...inUse, _id: 'model_removed' });
  expect(await models.active(TARGET)).toMatchObject({ _id: inUse._id });
});

it('a list that shows only the newest tables says so', async () => {
  const { datasets } = scope.store(tabularStore);
  const row = await datasets.get(datasetId);
  if (row === undefined) throw new Error('no table');
  const shown = async (): Promise<string | undefined> => {
    const context = { scope, t: i18n.translator('en') } as Parameters<typeof datasetsCommand.run>[0];
    return (await datasetsCommand.run(context, {}))?.text;
  };
  expect(await shown()).toMatch(/^1 table:/);
  for (let more = 1; more <= 20; more += 1) await datasets.insert({ ...row, _id: `dataset_${more}` });
  expect(await shown()).toMatch(/^The newest 20 tables:/);
});
