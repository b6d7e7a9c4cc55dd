import { describe, expect, it } from 'vitest';
import type { Logger } from '../../../src/contracts/runtime.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { Poll } from '../../../src/lib/work/poll.js';

const failure = 'the store cannot be read';

/** Polls something that goes through `outcomes`, until the last of them. */
async function pollThrough(outcomes: readonly ('fine' | 'down')[]): Promise<readonly string[]> {
  const logged: string[] = [];
  const ended = new AbortController();
  const left = [...outcomes];
  const look = (): Promise<void> => {
    const outcome = left.shift();
    if (left.length === 0) ended.abort();
    return outcome === 'down' ? Promise.reject(new Error('down')) : Promise.resolve();
  };
  const logger = { warn: (_facts, sentence) => logged.push(sentence) } as Partial<Logger> as Logger;
  await new Poll(look, { everyMs: 1, failure, clock: systemClock, logger }).keepLooking(ended.signal);
  expect(left).toEqual([]);
  return logged;
}

describe('a poll', () => {
  it('goes on through an outage and logs each outage once', async () => {
    expect(await pollThrough(['fine', 'down', 'down', 'down', 'fine', 'fine'])).toEqual([failure]);
    expect(await pollThrough(['down', 'down', 'fine', 'down', 'down', 'fine'])).toEqual([failure, failure]);
  });

  it('does not log a failure that came from being stopped', async () => {
    expect(await pollThrough(['fine', 'down'])).toEqual([]);
  });
});
