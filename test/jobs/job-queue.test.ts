import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JobQueue, Jobs } from '../../src/contracts/queue.js';
import { createJobQueue } from '../../src/jobs/index.js';
import { systemClock } from '../../src/lib/clock.js';
import { compiledEntry } from '../../src/lib/project-root.js';
import { queueContract } from '../contracts/queue.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { silentLogger } from '../fakes/silent-logger.js';

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
  const database = store.connection.getClient().db(`${store.connection.name}_${name}`);
  const queue = createJobQueue({ database, clock: systemClock, logger: silentLogger });
  return { queue, database, rows: () => database.collection('jobs').find().toArray() };
}

const job = (documentId: string): Jobs['knowledge.ingest'] => ({ tenantId: 't', documentId });

queueContract('Agenda', (name) => newQueue(name).queue);

describe('the job queue', () => {
  it('forgets a job that is done', SLOW, async () => {
    const { queue, rows } = newQueue('forgets');
    const ingest = vi.fn(() => Promise.resolve());
    await queue.start({ 'knowledge.ingest': ingest });
    await queue.enqueue('knowledge.ingest', job('a'));
    await vi.waitFor(() => expect(ingest).toHaveBeenCalled(), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await rows()).toEqual([]), { timeout: 5000 });
    await queue.stop(2000);
  });

  it('ends what still runs after the grace, and hands it back', SLOW, async () => {
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
      // The half minute of its lock passes.
      await database.collection('jobs').updateMany({}, { $set: { lockedAt: new Date(Date.now() - 31_000) } });
      const seen = vi.fn();
      await queue.start({ 'knowledge.ingest': ({ documentId }) => Promise.resolve(void seen(documentId)) });
      await vi.waitFor(() => expect(seen).toHaveBeenCalledWith('a'), { timeout: 60_000 });
      await queue.stop(2000);
    },
  );
});
