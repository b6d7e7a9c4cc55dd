import { expect, it } from 'vitest';
import { Pacing } from '../../../channels/whatsapp/outbound/pacing.js';
import type { AccountState } from '../../../src/contracts/channel.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryState } from '../../fakes/memory-state.js';

const DAY_MS = 24 * 60 * 60 * 1000;

async function open(clock: ManualClock, state: AccountState = createMemoryState()) {
  const pacing = await Pacing.load({ state, clock, messagesPerSecond: 10, newChatsPerDay: 50 });
  /** How many strangers can be written to before the next one is rejected. */
  const strangersToday = async (): Promise<number> => {
    for (let count = 0; ; count++) {
      clock.advance(20_000);
      const isLet = await pacing.admit(true).then(
        () => true,
        () => false,
      );
      if (!isLet) return count;
    }
  };
  return { pacing, strangersToday };
}

function atMorning(): ManualClock {
  const clock = new ManualClock();
  clock.advance(DAY_MS - (clock.now().getTime() % DAY_MS));
  return clock;
}

it('lets a number write to more strangers each day, counted across restarts', async () => {
  const clock = atMorning();
  const state = createMemoryState();
  const strangersToday = async (): Promise<number> => (await open(clock, state)).strangersToday();
  expect(await strangersToday()).toBe(5);
  expect(await strangersToday()).toBe(0);
  clock.advance(DAY_MS);
  expect(await strangersToday()).toBe(10);
  clock.advance(30 * DAY_MS);
  expect(await strangersToday()).toBe(50);
});

it('starts with few strangers even on a number that has long been answering', async () => {
  const clock = atMorning();
  const { pacing, strangersToday } = await open(clock);
  await pacing.admit(false);
  clock.advance(365 * DAY_MS);
  expect(await strangersToday()).toBe(5);
});

it('does not slow answers to people who wrote first, short of a flood', async () => {
  const { pacing, strangersToday } = await open(atMorning());
  expect(await strangersToday()).toBe(5);
  for (let count = 0; count < 30; count++) await pacing.admit(false);
});

it('reports how long to wait, and waits no longer than WhatsApp asks', async () => {
  const clock = atMorning();
  const { pacing } = await open(clock);
  await pacing.restrict(new Date(clock.now().getTime() + 600_000));
  await expect(pacing.admit(true)).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 600_000 });
  await pacing.admit(false);
  clock.advance(600_000);
  await pacing.admit(true);
});

it('makes the next process that holds the number wait just as long', async () => {
  const clock = atMorning();
  const state = createMemoryState();
  const { pacing } = await open(clock, state);
  await pacing.admit(true);
  const { pacing: next } = await open(clock, state);
  await expect(next.admit(true)).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 20_000 });
  await next.restrict(new Date(clock.now().getTime() + 600_000));
  const { pacing: third } = await open(clock, state);
  await expect(third.admit(true)).rejects.toMatchObject({ retryAfterMs: 600_000 });
  expect(third.restrictedUntil).toBeDefined();
  clock.advance(600_000);
  await third.admit(true);
});
