import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JobHandlers, JobQueue, Jobs } from '../../src/contracts/queue.js';
import { createJobQueue } from '../../src/jobs/index.js';
import { systemClock } from '../../src/lib/clock.js';
import { compiledEntry } from '../../src/lib/project-root.js';
import { openTestStore, silentLogger, type TestStore } from '../fakes/test-store.js';

type Ingest = JobHandlers['knowledge.ingest'];

const SLOW = { timeout: 60_000 };
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

/** A queue of its own, in a database that no other test uses. */
function newQueue(name: string): {
  queue: JobQueue;
  rows: () => Promise<Record<string, unknown>[]>;
  database: Db;
} {
  const database = store.connection.getClient().db(`${store.connection.name}_${name}`) as unknown as Db;
  const queue = createJobQueue({ database, clock: systemClock, logger: silentLogger });
  return { queue, database, rows: () => database.collection('jobs').find().toArray() };
}

const job = (documentId: string): Jobs['knowledge.ingest'] => ({ tenantId: 't', documentId });

describe('the job queue', () => {
  it('runs at once what the same process queued, and forgets what is done', SLOW, async () => {
    const { queue, rows } = newQueue('runs');
    const seen: string[] = [];
    const ingest: Ingest = ({ documentId }) => Promise.resolve(void seen.push(documentId));
    await queue.start({ 'knowledge.ingest': ingest });
    await queue.enqueue('knowledge.ingest', job('a'));
    // Well below the five seconds in which the poll would find it.
    await vi.waitFor(() => expect(seen).toEqual(['a']), { timeout: 4000, interval: 20 });
    await vi.waitFor(async () => expect(await rows()).toEqual([]), { timeout: 5000 });
    await queue.stop(2000);
  });

  it('keeps what is queued before the start, and one waiting job per key', SLOW, async () => {
    const { queue, rows } = newQueue('unique');
    for (let n = 0; n < 3; n++) await queue.enqueue('knowledge.ingest', job('a'), { uniqueKey: 'a' });
    await queue.enqueue('knowledge.ingest', job('b'), { uniqueKey: 'b' });
    expect(await rows()).toHaveLength(2);
    const seen: string[] = [];
    await queue.start({
      'knowledge.ingest': ({ documentId }) => Promise.resolve(void seen.push(documentId)),
    });
    await vi.waitFor(() => expect(seen.sort()).toEqual(['a', 'b']), { timeout: 20_000 });
    await queue.stop(2000);
    expect(seen).toHaveLength(2);
  });

  it('runs a job again when it failed', SLOW, async () => {
    const { queue } = newQueue('retry');
    let tries = 0;
    const ingest: Ingest = () => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error(`try ${tries}`)) : Promise.resolve();
    };
    await queue.start({ 'knowledge.ingest': ingest });
    await queue.enqueue('knowledge.ingest', job('a'));
    await vi.waitFor(() => expect(tries).toBe(3), { timeout: 40_000 });
    await queue.stop(2000);
  });

  it('runs a later job later', SLOW, async () => {
    const { queue } = newQueue('later');
    const seen: number[] = [];
    await queue.start({ 'knowledge.ingest': () => Promise.resolve(void seen.push(Date.now())) });
    const at = new Date(Date.now() + 3000);
    await queue.enqueue('knowledge.ingest', job('a'), { at });
    await vi.waitFor(() => expect(seen).toHaveLength(1), { timeout: 20_000 });
    expect(seen[0]).toBeGreaterThanOrEqual(at.getTime());
    await queue.stop(2000);
  });

  it('does not start without a handler for every job', async () => {
    const { queue } = newQueue('missing');
    await expect(queue.start({} as unknown as JobHandlers)).rejects.toMatchObject({
      kind: 'missing-handler',
    });
    await queue.stop(1000);
  });

  it('waits at the stop for what is running, and ends it after the grace', SLOW, async () => {
    const finishing = newQueue('drain');
    let finished = false;
    const started = vi.fn();
    await finishing.queue.start({
      'knowledge.ingest': async () => {
        started();
        await systemClock.sleep(1500);
        finished = true;
      },
    });
    await finishing.queue.enqueue('knowledge.ingest', job('a'));
    await vi.waitFor(() => expect(started).toHaveBeenCalled(), { timeout: 10_000 });
    await finishing.queue.stop(20_000);
    expect(finished).toBe(true);

    const endless = newQueue('grace');
    const aborted = vi.fn();
    const begun = vi.fn();
    await endless.queue.start({
      'knowledge.ingest': (_data, signal) =>
        new Promise((_resolve, reject) => {
          begun();
          signal.addEventListener('abort', () => {
            aborted();
            reject(new Error('stopping'));
          });
        }),
    });
    await endless.queue.enqueue('knowledge.ingest', job('a'));
    await vi.waitFor(() => expect(begun).toHaveBeenCalled(), { timeout: 10_000 });
    await endless.queue.stop(300);
    await vi.waitFor(() => expect(aborted).toHaveBeenCalled(), { timeout: 10_000 });
    // Handed back: another process finds it.
    await vi.waitFor(async () => expect((await endless.rows()).length).toBeGreaterThan(0), {
      timeout: 10_000,
    });
  });

  it(
    'takes over the job of a process that was killed, once its lock has ended',
    { timeout: 120_000 },
    async () => {
      const { queue, rows, database } = newQueue('kill');
      await queue.enqueue('knowledge.ingest', job('a'));
      const entry = fileURLToPath(compiledEntry('test/jobs/worker-child.js'));
      const child = spawn(process.execPath, [entry, store.uri, database.databaseName], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const started = new Promise<void>((resolve) => {
        createInterface({ input: child.stdout }).on('line', (line) => line === 'started' && resolve());
      });
      await started;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      const [row] = await rows();
      expect(row?.['lockedAt']).toBeInstanceOf(Date);
      // The two minutes of its lock pass.
      await database
        .collection('jobs')
        .updateMany({}, { $set: { lockedAt: new Date(Date.now() - 180_000) } });
      const seen = vi.fn();
      await queue.start({ 'knowledge.ingest': ({ documentId }) => Promise.resolve(void seen(documentId)) });
      await vi.waitFor(() => expect(seen).toHaveBeenCalledWith('a'), { timeout: 60_000 });
      await queue.stop(2000);
    },
  );
});
