import type { TenantScope } from '../../src/contracts/stores.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { TabularService } from '../../src/tabular/service/tabular-service.js';
import { doWork } from '../../src/tabular/work/do-work.js';
import type { RunWork } from '../../src/tabular/work/run-work.js';
import { i18n } from '../commands/open-shop.js';
import { ordersCsv } from './sample-tables.js';

let fitted: Promise<unknown> | undefined;

/** Fits one model in the process itself, which is then the result of every training: only storing it matters. */
const runWork = ((request, table) => {
  const work = (): Promise<unknown> => doWork(request, table);
  return request.type === 'train' ? (fitted ??= work()) : work();
}) as RunWork;
const unexpected = (): Promise<never> => Promise.reject(new Error('not expected'));

const service = new TabularService({
  queue: {
    enqueue: () => Promise.resolve('rescue'),
    cancel: () => Promise.resolve(false),
    repeat: unexpected,
    find: unexpected,
    start: unexpected,
    stop: unexpected,
  },
  runWork,
  clock: systemClock,
  makeId,
  i18n,
  tell: { progress: () => undefined, finished: () => Promise.resolve() },
  enrol: unexpected,
  tellStaff: unexpected,
});

/** Trains a model of this name as one process of several does. */
export async function trainOnce(scope: TenantScope, name: string): Promise<void> {
  const dataset = await service.addDataset(scope, {
    fileName: 'orders.csv',
    bytes: Buffer.from(ordersCsv(40)),
  });
  const request = {
    datasetId: dataset._id,
    wish: { target: 'Hasil', features: ['Kota', 'Total'] },
    name,
    userId: 'owner',
  };
  const training = await service.trainNow(scope, request, new AbortController().signal);
  if (training.status !== 'done') throw new Error(training.error?.detail);
}
