// Run from dist/ as a process that shares its store with another one. Each operation it is given stops before
// one of its writes until it is told to continue or the process is killed.
import { AsyncLocalStorage } from 'node:async_hooks';
import { roomStores } from '../../../src/compose/room-stores.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { openStore } from '../../../src/store/index.js';
import { beforeWrites } from '../../fakes/before-writes.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { doWork, type Work } from './piece-of-work.js';

/** Messages to the process: the address of its store, then operations to begin and to continue. */
export type Order =
  | {
      readonly type: 'open';
      readonly uri: string;
      readonly masterKey: string;
      readonly serviceDatabase: string;
      readonly databasePrefix: string;
      readonly tenantId: string;
    }
  | { readonly type: 'begin'; readonly number: number; readonly atStep: number; readonly work: Work }
  | { readonly type: 'go-on'; readonly number: number };

export type Report =
  | { readonly type: 'open' }
  | { readonly type: 'stopped' | 'done'; readonly number: number }
  | { readonly type: 'failed'; readonly number: number; readonly message: string };

interface Progress {
  readonly number: number;
  readonly atStep: number;
  steps: number;
}

const progress = new AsyncLocalStorage<Progress>();
const stopped = new Map<number, () => void>();
const report = (message: Report): void => void process.send?.(message);

beforeWrites(async () => {
  const current = progress.getStore();
  if (current === undefined) return;
  current.steps += 1;
  if (current.steps !== current.atStep) return;
  await new Promise<void>((goOn) => {
    stopped.set(current.number, goOn);
    report({ type: 'stopped', number: current.number });
  });
});

const [order] = await new Promise<[Order]>((resolve) => {
  process.once('message', (message: Order) => resolve([message]));
});
if (order.type !== 'open') throw new Error('no store was named');
const { uri, serviceDatabase, databasePrefix, tenantId } = order;
const store = await openStore({
  uri,
  masterKey: Buffer.from(order.masterKey, 'base64'),
  serviceDatabase,
  databasePrefix,
  clock: systemClock,
  makeId,
  roomStores,
  logger: silentLogger,
});
const scope = await store.service.scope(tenantId);
if (scope === undefined) throw new Error('there is no such tenant');

process.on('message', (next: Order) => {
  if (next.type === 'go-on') stopped.get(next.number)?.();
  if (next.type !== 'begin') return;
  const { number, atStep, work } = next;
  void progress
    .run({ number, atStep, steps: 0 }, () => doWork(scope, work))
    .then(
      () => report({ type: 'done', number }),
      (error: unknown) => report({ type: 'failed', number, message: String(error) }),
    );
});
report({ type: 'open' });
