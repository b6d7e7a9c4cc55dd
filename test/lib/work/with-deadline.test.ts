import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../../src/lib/work/with-deadline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

describe('work with a deadline', () => {
  it('ends at the deadline, even if garbage is collected meanwhile', async () => {
    const collecting = setInterval(collectGarbage, 10);
    const work = withDeadline(new AbortController().signal, 200, (signal) =>
      untilAborted(AbortSignal.any([signal, new AbortController().signal])),
    );
    await expect(work).rejects.toMatchObject({ name: 'TimeoutError' });
    clearInterval(collecting);
  });

  it("ends when the caller aborts, with the caller's reason", async () => {
    const caller = new AbortController();
    const work = withDeadline(caller.signal, 60_000, untilAborted);
    caller.abort(new Error('stopping'));
    await expect(work).rejects.toThrow('stopping');
    await expect(
      withDeadline(caller.signal, 60_000, (signal) => fetch('http://127.0.0.1:1', { signal })),
    ).rejects.toThrow('stopping');
  });

  it("leaves nothing behind on the caller's signal, which may live for days", async () => {
    const caller = new AbortController();
    let given: AbortSignal | undefined;
    await withDeadline(caller.signal, 60_000, (signal) => {
      given = signal;
      // As libraries do that never remove their listeners.
      signal.addEventListener('abort', () => undefined);
      return Promise.resolve();
    });
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
    expect(given?.aborted).toBe(true);
  });

  it('returns the result of the work, and its error', async () => {
    const { signal } = new AbortController();
    await expect(withDeadline(signal, 60_000, () => Promise.resolve(7))).resolves.toBe(7);
    await expect(withDeadline(signal, 60_000, () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
  });
});
