import type { Collection, Db } from 'mongodb';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { handleJob, type JobQueue } from '../../src/contracts/queue.js';
import { StoreError, type TenantScope } from '../../src/contracts/stores.js';
import { createJobQueue } from '../../src/jobs/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { noteJob } from './note-job.js';

const SLOW = { timeout: 60_000 };
const isAway = (): StoreError => new StoreError('unavailable', 'the database does not answer');

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface Faults {
  /** Fails to read the business this many more times. */
  scope: number;
  /** Fails these calls on the jobs themselves, the given number of times. */
  readonly calls: Map<string, number>;
}

/** A queue whose store fails where the test says so. */
function newQueue(name: string) {
  const database = store.connection.getClient().db(`${store.connection.name}_${name}`);
  const faults: Faults = { scope: 0, calls: new Map() };
  const scope = (tenantId: string): Promise<TenantScope> => {
    if (faults.scope === 0) return Promise.resolve({ tenantId } as TenantScope);
    faults.scope -= 1;
    return Promise.reject(isAway());
  };
  const queue = createJobQueue({
    database: failing(database, faults),
    scope,
    clock: systemClock,
    logger: silentLogger,
  });
  const jobs = database.collection('jobs');
  return { queue, faults, jobs };
}

function failing(database: Db, { calls }: Faults): Db {
  const failingCalls = (jobs: Collection): Collection =>
    new Proxy(jobs, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          const left = calls.get(String(name)) ?? 0;
          if (left === 0) return Reflect.apply(member, target, args);
          calls.set(String(name), left - 1);
          return Promise.reject(isAway());
        };
      },
    });
  return new Proxy(database, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, args);
        return name === 'collection' ? failingCalls(result as Collection) : result;
      };
    },
  });
}

async function isDone(jobs: Collection, queue: JobQueue): Promise<void> {
  await vi.waitFor(async () => expect(await jobs.find().toArray()).toEqual([]), { timeout: 20_000 });
  await queue.stop(2000);
}

it('a job is run again if its business could not be read', SLOW, async () => {
  const { queue, faults, jobs } = newQueue('scope');
  const run = vi.fn(() => Promise.resolve());
  faults.scope = 2;
  await queue.enqueue(noteJob, 't', { note: 'a' });
  await queue.start([handleJob(noteJob, { run })]);
  await vi.waitFor(() => expect(run).toHaveBeenCalledOnce(), { timeout: 40_000 });
  await isDone(jobs, queue);
});

it.each(['findOne', 'updateOne'])(
  'a job that failed while the store was down is run again even if its %s failed too',
  SLOW,
  async (call) => {
    const { queue, faults, jobs } = newQueue(`away-${call}`);
    let runs = 0;
    await queue.enqueue(noteJob, 't', { note: 'a' }, { key: 'a' });
    const run = (): Promise<void> => {
      runs += 1;
      if (runs > 1) return Promise.resolve();
      faults.calls.set(call, 1);
      return Promise.reject(isAway());
    };
    await queue.start([handleJob(noteJob, { run })]);
    await vi.waitFor(() => expect(runs).toBe(2), { timeout: 40_000 });
    await isDone(jobs, queue);
  },
);

it('a job that another process has returned to the queue is left alone', SLOW, async () => {
  const { queue, jobs } = newQueue('handed-back');
  const interrupted = vi.fn();
  await queue.enqueue(noteJob, 't', { note: 'a' });
  const run = vi.fn(
    (_scope: unknown, _data: unknown, { signal }: { readonly signal: AbortSignal }) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          interrupted();
          reject(new Error('interrupted'));
        });
      }),
  );
  await queue.start([handleJob(noteJob, { run })]);
  await vi.waitFor(() => expect(run).toHaveBeenCalledOnce(), { timeout: 20_000 });
  // As after a stall: another process took the job over, failed too, and will try again.
  const retryAt = new Date(Date.now() + 3_600_000);
  await jobs.updateMany({}, { $set: { lockedAt: null, nextRunAt: retryAt } });
  await vi.waitFor(() => expect(interrupted).toHaveBeenCalledOnce(), { timeout: 20_000 });
  await queue.stop(2000);
  expect(await jobs.find().toArray()).toMatchObject([{ lockedAt: null, nextRunAt: retryAt }]);
});
