import { beforeAll, expect, it } from 'vitest';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { runStorm } from './run-storm.js';

beforeAll(() => silenceLibsignal());

it.each([11, 12])(
  'in a storm on three platforms everything is answered once, in order and to the right person (seed %i)',
  { timeout: 240_000 },
  async (seed) => {
    const { platforms, kills, log } = await runStorm({
      conversations: 4,
      messages: 6,
      kills: 2,
      seed,
      longestPauseMs: 2_500,
      patienceMs: 60_000,
    });
    expect(kills).toBe(2);
    for (const { name, verdict, unexcused, violations } of platforms) {
      const { lost, disordered, strays } = verdict;
      const nothing = { name, lost: [], disordered: [], strays: [], unexcused: [], violations: [] };
      expect({ name, lost, disordered, strays, unexcused, violations }, log.slice(-4_000)).toEqual(nothing);
    }
  },
);
