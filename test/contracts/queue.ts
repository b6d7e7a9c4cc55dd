import { describe, expect, it, vi } from 'vitest';
import type { JobHandlers, JobQueue, Jobs } from '../../src/contracts/queue.js';
import { systemClock } from '../../src/lib/clock.js';

const SLOW = { timeout: 60_000 };

const job = (documentId: string): Jobs['knowledge.ingest'] => ({ tenantId: 't', documentId });

/** What every `JobQueue` keeps. `open` gives an empty one each time, by a name of its own. */
export function queueContract(name: string, open: (name: string) => JobQueue): void {
  describe(`${name} as the job queue`, () => {
    it('runs at once what the same process queued', SLOW, async () => {
      const queue = open('runs');
      const seen: string[] = [];
      await queue.start({
        'knowledge.ingest': ({ documentId }) => Promise.resolve(void seen.push(documentId)),
      });
      await queue.enqueue('knowledge.ingest', job('a'));
      // Well below the five seconds in which a poll would find it.
      await vi.waitFor(() => expect(seen).toEqual(['a']), { timeout: 4000, interval: 20 });
      await queue.stop(2000);
    });

    it('keeps what is queued before the start, and one waiting job per key', SLOW, async () => {
      const queue = open('unique');
      for (let n = 0; n < 3; n++) await queue.enqueue('knowledge.ingest', job('a'), { uniqueKey: 'a' });
      await queue.enqueue('knowledge.ingest', job('b'), { uniqueKey: 'b' });
      const seen: string[] = [];
      await queue.start({
        'knowledge.ingest': ({ documentId }) => Promise.resolve(void seen.push(documentId)),
      });
      await vi.waitFor(() => expect(seen.sort()).toEqual(['a', 'b']), { timeout: 20_000 });
      await queue.stop(2000);
      expect(seen).toHaveLength(2);
    });

    it('runs a job again when it failed', SLOW, async () => {
      const queue = open('retry');
      let tries = 0;
      const ingest: JobHandlers['knowledge.ingest'] = () => {
        tries += 1;
        return tries < 3 ? Promise.reject(new Error(`try ${tries}`)) : Promise.resolve();
      };
      await queue.start({ 'knowledge.ingest': ingest });
      await queue.enqueue('knowledge.ingest', job('a'));
      await vi.waitFor(() => expect(tries).toBe(3), { timeout: 40_000 });
      await queue.stop(2000);
    });

    it('runs a later job later', SLOW, async () => {
      const queue = open('later');
      const seen: number[] = [];
      await queue.start({ 'knowledge.ingest': () => Promise.resolve(void seen.push(Date.now())) });
      const at = new Date(Date.now() + 3000);
      await queue.enqueue('knowledge.ingest', job('a'), { at });
      await vi.waitFor(() => expect(seen).toHaveLength(1), { timeout: 20_000 });
      expect(seen[0]).toBeGreaterThanOrEqual(at.getTime());
      await queue.stop(2000);
    });

    it('does not start without a handler for every job', async () => {
      const queue = open('missing');
      await expect(queue.start({} as unknown as JobHandlers)).rejects.toMatchObject({
        kind: 'missing-handler',
      });
      await queue.stop(1000);
    });

    it('waits at the stop for what is running', SLOW, async () => {
      const queue = open('drain');
      const started = vi.fn();
      let finished = false;
      await queue.start({
        'knowledge.ingest': async () => {
          started();
          await systemClock.sleep(1500);
          finished = true;
        },
      });
      await queue.enqueue('knowledge.ingest', job('a'));
      await vi.waitFor(() => expect(started).toHaveBeenCalled(), { timeout: 10_000 });
      await queue.stop(20_000);
      expect(finished).toBe(true);
    });
  });
}
