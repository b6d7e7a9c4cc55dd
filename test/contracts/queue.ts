import { describe, expect, it, vi } from 'vitest';
import type { JobHandler, JobQueue } from '../../src/contracts/queue.js';
import { defineJob, handleJob } from '../../src/contracts/queue.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { noteJob } from '../jobs/note-job.js';

const SLOW = { timeout: 60_000 };

const otherJob = defineJob<{ readonly note: string }>('test.other', { concurrency: 1 });

type Run = JobHandler<{ readonly note: string }>['run'];
const noting =
  (log: string[]): Run =>
  (scope, { note }) =>
    Promise.resolve(void log.push(`${scope.tenantId}:${note}`));

/** A promise that stays pending until `resolve` is called. */
function newDoor(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve: () => resolve() };
}

/**
 * The contract of every `JobQueue`. `open` returns an empty queue each time, under a name of its own; any
 * tenant exists.
 */
export function queueContract(name: string, open: (name: string) => JobQueue): void {
  describe(`the job queue on ${name}`, () => {
    it('runs a job from its own process at once', SLOW, async () => {
      const queue = open('runs');
      const log: string[] = [];
      await queue.start([handleJob(noteJob, { run: noting(log) })]);
      await queue.enqueue(noteJob, 't', { note: 'a' });
      await vi.waitFor(() => expect(log).toEqual(['t:a']), { timeout: 1500, interval: 10 });
      await queue.stop(2000);
    });

    it('keeps jobs queued before the start, and one waiting job per key and tenant', SLOW, async () => {
      const queue = open('unique');
      await Promise.all([1, 2, 3].map((n) => queue.enqueue(noteJob, 't', { note: `a${n}` }, { key: 'a' })));
      await queue.enqueue(noteJob, 't', { note: 'last' }, { key: 'a' });
      await queue.enqueue(noteJob, 't', { note: 'b' }, { key: 'b' });
      await queue.enqueue(noteJob, 'u', { note: 'a' }, { key: 'a' });
      const log: string[] = [];
      await queue.start([handleJob(noteJob, { run: noting(log) })]);
      await vi.waitFor(() => expect(log.toSorted()).toEqual(['t:b', 't:last', 'u:a']), { timeout: 20_000 });
      await queue.stop(2000);
    });

    it('retries a failed job, and reports when it gives up', SLOW, async () => {
      const queue = open('retry');
      const attempts: number[] = [];
      const givenUp: unknown[] = [];
      await queue.start([
        handleJob(noteJob, {
          run: (_scope, _data, { attempt }) => {
            attempts.push(attempt);
            return Promise.reject(new Error(`try ${attempt}`));
          },
          givenUp: (_scope, { note }, error) => Promise.resolve(void givenUp.push([note, error])),
        }),
      ]);
      const id = await queue.enqueue(noteJob, 't', { note: 'a' });
      await vi.waitFor(() => expect(givenUp).toEqual([['a', new Error('try 3')]]), { timeout: 40_000 });
      expect(attempts).toEqual([1, 2, 3]);
      await vi.waitFor(async () => expect(await queue.find('t', id)).toBeUndefined());
      await queue.stop(2000);
    });

    it('runs a delayed job at its time and not before', SLOW, async () => {
      const queue = open('later');
      const log: number[] = [];
      await queue.start([handleJob(noteJob, { run: () => Promise.resolve(void log.push(Date.now())) })]);
      const at = new Date(Date.now() + 1500);
      const id = await queue.enqueue(noteJob, 't', { note: 'a' }, { at });
      expect(await queue.find('t', id)).toMatchObject({ state: 'waiting', nextRunAt: at });
      expect(await queue.find('another tenant', id)).toBeUndefined();
      await vi.waitFor(() => expect(log).toHaveLength(1), { timeout: 20_000 });
      expect(log[0]).toBeGreaterThanOrEqual(at.getTime());
      await queue.stop(2000);
    });

    it('lets tenants take turns, and runs job types in parallel', SLOW, async () => {
      const queue = open('fair');
      for (let n = 0; n < 4; n++) await queue.enqueue(noteJob, 'big', { note: String(n) });
      await queue.enqueue(noteJob, 'small', { note: 'x' });
      await queue.enqueue(noteJob, 'tiny', { note: 'y' });
      await queue.enqueue(otherJob, 'big', { note: 'other' });
      const log: string[] = [];
      const gate = newDoor();
      await queue.start([
        handleJob(noteJob, {
          async run(scope, data, run) {
            await gate.promise;
            await noting(log)(scope, data, run);
          },
        }),
        handleJob(otherJob, { run: () => Promise.resolve(gate.resolve()) }),
      ]);
      await vi.waitFor(() => expect(log).toHaveLength(6), { timeout: 20_000 });
      expect(log.slice(0, 3).toSorted()).toEqual(['big:0', 'small:x', 'tiny:y']);
      await queue.stop(2000);
    });

    it('cancels waiting and running jobs by key', SLOW, async () => {
      const queue = open('cancel');
      const began: string[] = [];
      const aborted = newDoor();
      await queue.start([
        handleJob(noteJob, {
          run: (_scope, { note }, { signal }) => {
            began.push(note);
            return new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                aborted.resolve();
                reject(signal.reason as Error);
              });
            });
          },
        }),
      ]);
      await queue.enqueue(noteJob, 't', { note: 'runs' }, { key: 'runs' });
      await vi.waitFor(() => expect(began).toEqual(['runs']), { timeout: 10_000 });
      const waits = await queue.enqueue(noteJob, 't', { note: 'waits' }, { key: 'waits' });
      expect(await queue.cancel(noteJob, 'u', 'waits')).toBe(false);
      expect(await queue.cancel(noteJob, 't', 'waits')).toBe(true);
      expect(await queue.find('t', waits)).toBeUndefined();
      expect(await queue.cancel(noteJob, 't', 'runs')).toBe(true);
      await aborted.promise;
      expect(await queue.cancel(noteJob, 't', 'runs')).toBe(false);
      await queue.stop(2000);
      expect(began).toEqual(['runs']);
    });

    it('reports the progress of a running job', SLOW, async () => {
      const queue = open('progress');
      const gate = newDoor();
      await queue.start([
        handleJob(noteJob, {
          async run(_scope, _data, { progress }) {
            await progress(0.5);
            await gate.promise;
          },
        }),
      ]);
      const id = await queue.enqueue(noteJob, 't', { note: 'a' });
      const half = { state: 'running', progress: 0.5 };
      await vi.waitFor(async () => expect(await queue.find('t', id)).toMatchObject(half), {
        timeout: 10_000,
      });
      gate.resolve();
      await vi.waitFor(async () => expect(await queue.find('t', id)).toBeUndefined(), { timeout: 10_000 });
      await queue.stop(2000);
    });

    it('repeats a job by cron expression in its time zone until it is cancelled', SLOW, async () => {
      const queue = open('repeat');
      const daily = { key: 'daily', cron: '30 9 * * *', timezone: 'Asia/Jakarta' };
      const next = await queue.repeat(noteJob, 't', { note: 'old' }, daily);
      expect(next.toISOString()).toMatch(/T02:30:00\.000Z$/);
      expect(next.getTime() - Date.now()).toBeLessThanOrEqual(86_400_000);
      const later = await queue.repeat(noteJob, 't', { note: 'new' }, { ...daily, cron: '0 10 * * *' });
      expect(later.toISOString()).toMatch(/T03:00:00\.000Z$/);
      expect(await queue.cancel(noteJob, 't', 'daily')).toBe(true);
      expect(await queue.cancel(noteJob, 't', 'daily')).toBe(false);
      for (const wrong of [{ cron: '61 * * * *' }, { cron: '* * * *' }, { timezone: 'Mars/Olympus' }]) {
        await expect(queue.repeat(noteJob, 't', { note: 'x' }, { ...daily, ...wrong })).rejects.toMatchObject(
          { kind: 'invalid-schedule' },
        );
      }
      await queue.stop(1000);
    });

    it('waits for running jobs when it stops', SLOW, async () => {
      const queue = open('drain');
      const started = vi.fn();
      let finished = false;
      await queue.start([
        handleJob(noteJob, {
          async run() {
            started();
            await systemClock.sleep(700);
            finished = true;
          },
        }),
      ]);
      await queue.enqueue(noteJob, 't', { note: 'a' });
      await vi.waitFor(() => expect(started).toHaveBeenCalled(), { timeout: 10_000 });
      await queue.stop(20_000);
      expect(finished).toBe(true);
    });
  });
}
