import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handleJob, type JobQueue } from '../../src/contracts/queue.js';
import type { Clock } from '../../src/contracts/runtime.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { createJobQueue } from '../../src/jobs/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { compiledEntry } from '../../src/lib/project-root.js';
import { queueContract } from '../contracts/queue.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { noteJob } from './note-job.js';

const SLOW = { timeout: 60_000 };
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

/** Every tenant exists except `gone`. */
function scopeOf(tenantId: string): Promise<TenantScope | undefined> {
  return Promise.resolve(tenantId === 'gone' ? undefined : ({ tenantId } as TenantScope));
}

/** A queue in a database of its own. */
function newQueue(
  name: string,
  clock: Clock = systemClock,
): { queue: JobQueue; rows: () => Promise<Record<string, unknown>[]>; database: Db } {
  const database = store.connection.getClient().db(`${store.connection.name}_${name}`);
  const queue = createJobQueue({ database, scope: scopeOf, clock, logger: silentLogger });
  return { queue, database, rows: () => database.collection('jobs').find().toArray() };
}

queueContract('Agenda', (name) => newQueue(name).queue);

/** A clock that stays at the given time. */
function standingClock(time: string): Clock {
  return { ...systemClock, now: () => new Date(time) };
}

describe('a recurring job', () => {
  it.each([
    [
      'in a skipped hour runs at the next valid time',
      '30 2 * * *',
      '2026-03-08T06:00:00Z',
      '2026-03-08T07:30:00.000Z',
    ],
    [
      'is back at its hour the day after a skipped one',
      '30 2 * * *',
      '2026-03-08T08:00:00Z',
      '2026-03-09T06:30:00.000Z',
    ],
    [
      'in a doubled hour runs at its first pass',
      '30 1 * * *',
      '2026-11-01T04:00:00Z',
      '2026-11-01T05:30:00.000Z',
    ],
    [
      'does not run at the second pass of a doubled hour',
      '30 1 * * *',
      '2026-11-01T05:45:00Z',
      '2026-11-02T06:30:00.000Z',
    ],
    [
      'set for nine stays at nine across a change',
      '0 9 * * *',
      '2026-03-07T15:00:00Z',
      '2026-03-08T13:00:00.000Z',
    ],
  ])('%s', SLOW, async (_what, cron, now, next) => {
    const { queue } = newQueue('clocks', standingClock(now));
    const at = await queue.repeat(
      noteJob,
      't',
      { note: 'a' },
      { key: 'k', cron, timezone: 'America/New_York' },
    );
    expect(at.toISOString()).toBe(next);
    await queue.cancel(noteJob, 't', 'k');
    await queue.stop(100);
  });

  it('is not rewritten while it already is as requested', SLOW, async () => {
    const { queue, rows } = newQueue('same', standingClock('2026-03-07T15:00:00Z'));
    const say = async (change: { note?: string; cron?: string; timezone?: string } = {}) => {
      const { note = 'a', cron = '0 9 * * *', timezone = 'UTC' } = change;
      await queue.repeat(noteJob, 't', { note }, { key: 'k', cron, timezone });
      const [row, ...others] = await rows();
      expect(others).toEqual([]);
      return String(row?.['_id']);
    };
    const first = await say();
    expect(await say()).toBe(first);
    for (const change of [{ note: 'b' }, { cron: '0 10 * * *' }, { timezone: 'Asia/Jakarta' }]) {
      const before = await say();
      expect(await say(change), JSON.stringify(change)).not.toBe(before);
    }
    await queue.stop(100);
  });

  it('gets its next time after it ran, even if it failed', SLOW, async () => {
    const { queue, rows, database } = newQueue('again');
    const ran = vi.fn();
    await queue.repeat(noteJob, 't', { note: 'a' }, { key: 'k', cron: '0 0 * * *', timezone: 'UTC' });
    const [due] = await rows();
    await database.collection('jobs').updateMany({}, { $set: { nextRunAt: new Date() } });
    await queue.start([handleJob(noteJob, { run: () => Promise.resolve(void ran()) })]);
    await vi.waitFor(() => expect(ran).toHaveBeenCalledOnce(), { timeout: 10_000 });
    const next = async (): Promise<unknown> =>
      (await rows()).map((row) => [row['lockedAt'], row['nextRunAt']]);
    await vi.waitFor(async () => expect(await next()).toEqual([[null, due?.['nextRunAt']]]), {
      timeout: 5000,
    });
    await queue.stop(2000);
  });
});

describe('the job queue', () => {
  it('forgets a finished job, and jobs of a removed tenant', SLOW, async () => {
    const { queue, rows } = newQueue('forgets');
    const run = vi.fn(() => Promise.resolve());
    await queue.start([handleJob(noteJob, { run })]);
    await queue.enqueue(noteJob, 't', { note: 'a' });
    await queue.enqueue(noteJob, 'gone', { note: 'a' });
    await queue.repeat(noteJob, 'gone', { note: 'a' }, { key: 'k', cron: '* * * * *', timezone: 'UTC' });
    await vi.waitFor(() => expect(run).toHaveBeenCalledOnce(), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await rows()).toHaveLength(1), { timeout: 5000 });
    await queue.stop(2000);
  });

  it('aborts what still runs after the grace period, and returns it to the queue', SLOW, async () => {
    const { queue, rows } = newQueue('grace');
    const begun = vi.fn();
    await queue.start([
      handleJob(noteJob, {
        run: (_scope, _data, { signal }) =>
          new Promise((_resolve, reject) => {
            begun();
            signal.addEventListener('abort', () => reject(new Error('stopping')));
          }),
      }),
    ]);
    await queue.enqueue(noteJob, 't', { note: 'a' });
    await vi.waitFor(() => expect(begun).toHaveBeenCalled(), { timeout: 10_000 });
    await queue.stop(300);
    // The job was released: another process finds it at once, and no try was used up.
    expect(await rows()).toMatchObject([{ lockedAt: null, data: { tries: 0 } }]);
  });

  it(
    'takes over the job of a killed process, and gives up one that kills every process',
    { timeout: 120_000 },
    async () => {
      const { queue, rows, database } = newQueue('kill');
      await queue.enqueue(noteJob, 't', { note: 'a' });
      const entry = fileURLToPath(compiledEntry('test/jobs/worker-child.js'));
      const child = spawn(process.execPath, [entry, store.uri, database.databaseName], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const started = new Promise<void>((resolve) => {
        createInterface({ input: child.stdout }).on('line', (line) => line === 'started' && resolve());
      });
      await started;
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exit;
      const [row] = await rows();
      expect(row?.['lockedAt']).toBeInstanceOf(Date);
      // Its lock expires after half a minute; losing one process is no reason yet to give the job up.
      const passed = { lockedAt: new Date(Date.now() - 31_000) };
      await database.collection('jobs').updateMany({}, { $set: passed });
      const onNote = vi.fn();
      const job = handleJob(noteJob, { run: (_scope, { note }) => Promise.resolve(void onNote(note)) });
      await queue.start([job]);
      await vi.waitFor(() => expect(onNote).toHaveBeenCalledWith('a'), { timeout: 60_000 });
      await queue.stop(2000);

      const second = newQueue('kill');
      await second.queue.enqueue(noteJob, 't', { note: 'deadly' });
      await database
        .collection('jobs')
        .updateMany({}, { $set: { ...passed, 'data.lost': noteJob.tries - 1 } });
      const givenUp = vi.fn();
      const run = vi.fn();
      await second.queue.start([
        handleJob(noteJob, { run, givenUp: (_scope, { note }) => Promise.resolve(void givenUp(note)) }),
      ]);
      await vi.waitFor(() => expect(givenUp).toHaveBeenCalledWith('deadly'), { timeout: 20_000 });
      expect(run).not.toHaveBeenCalled();
      await second.queue.stop(2000);
    },
  );
});
