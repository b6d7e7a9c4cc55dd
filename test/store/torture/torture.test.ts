import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mendWaitsOnClosedConnections } from '../../../src/store/closed-connections.js';
import { seededRandom } from '../../storm/random.js';
import { runHostileFrames } from './hostile.js';
import { runKills, runRepairKills } from './kills.js';
import { isLinearizable, type Event } from './linearizable.js';
import { runPowerCuts } from './power.js';
import { runWorkload } from './workload.js';

mendWaitsOnClosedConnections();

/** The short form of `npm run store:torture`. */
describe('a store under torture', { timeout: 240_000 }, () => {
  let dataDir: string;
  const random = seededRandom(20_261_128);

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-torture-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it('answers eight clients as if there were one, with atomic transactions, across kills', async () => {
    const report = await runWorkload({ dataDir, clients: 8, kills: 1, pauseMs: 1_500, random });
    expect(report.violations).toEqual([]);
    expect(report.operations).toBeGreaterThan(10);
    expect(report.commits).toBeGreaterThan(0);
  });

  it('loses nothing if it is killed during long operations', async () => {
    const report = await runKills(dataDir, 6, random);
    expect(report.violations).toEqual([]);
    expect(Object.keys(report.kills)).toHaveLength(6);
    expect(await runRepairKills(dataDir, 1, random)).toEqual({ kills: 1, violations: [] });
  });

  it('keeps what it acknowledged when the power is cut', async () => {
    const report = await runPowerCuts(2, random);
    expect(report.violations).toEqual([]);
    expect(report.unsynced).toBeGreaterThan(0);
  });

  it('accepts hostile frames without growing', async () => {
    const report = await runHostileFrames(dataDir, 2_000, random);
    expect(report.isAlive).toBe(true);
    expect(report.memoryAfter - report.memoryBefore).toBeLessThan(64);
  });
});

describe('the linearizability check', () => {
  const set = (to: number, started: number, ended: number | undefined): Event => ({
    operation: { type: 'set', to },
    started,
    ended,
  });
  const read = (value: number, started: number, ended: number): Event => ({
    operation: { type: 'read', value },
    started,
    ended,
  });

  it.each([
    ['accepts a read of an earlier write', [set(1, 0, 1), read(1, 2, 3)], true],
    ['rejects a read of an overwritten value', [set(1, 0, 1), set(2, 2, 3), read(1, 4, 5)], false],
    ['accepts either of two concurrent writes', [set(1, 0, 3), set(2, 1, 4), read(1, 5, 6)], true],
    ['rejects a read that goes back in time', [set(1, 0, 9), read(1, 1, 2), read(0, 3, 4)], false],
    ['accepts a write with an unknown outcome', [set(1, 0, undefined), read(0, 1, 2), read(1, 3, 4)], true],
    ['rejects a lost write', [set(1, 0, 1), read(0, 2, 3)], false],
  ])('%s', (_name, events, isRight) => {
    expect(isLinearizable(events, 0)).toBe(isRight);
  });
});
