import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/contracts/runtime.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { dayIn } from '../../src/lib/time/calendar.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { compiledEntry } from '../../src/lib/project-root.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { RecordedUsage } from '../../src/llm/index.js';
import { plannedCall } from '../fakes/planned-call.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import type { ReservingTask } from './reserving-child.js';

const MINUTE_MS = 60_000;
const LIMIT = 1_000;
const call = {
  provider: 'scripted',
  model: 'scripted',
  usage: { inputTokens: 1, outputTokens: 1 },
  isEstimated: false,
  outcome: 'ok',
  tookMs: 1,
} as const;

let laterMs = 0;
/** Never sleeps, so that a refusal comes at once. */
const clock: Clock = {
  ...systemClock,
  now: () => new Date(Date.now() + laterMs),
  sleep: () => Promise.resolve(),
};
const usage = new RecordedUsage({ clock, makeId, logger: silentLogger, warn: () => Promise.resolve() });

let store: TestStore;
let scope: TenantScope;
beforeAll(async () => {
  store = await openTestStore({ clock });
  await store.service.putTenant(
    'spender',
    tenantSettingsSchema.parse({ name: 'Spender', timezone: atNoon() }),
  );
  const opened = await store.service.scope('spender');
  if (opened === undefined) throw new Error('no scope');
  scope = opened;
  await usage.setBudget(scope, { dayMicros: LIMIT, monthMicros: LIMIT });
});
afterAll(() => store.close());

/** A time zone in which it is about noon, so that the day does not end during the test. */
function atNoon(): string {
  const hoursToNoon = new Date().getUTCHours() - 12;
  return `Etc/GMT${hoursToNoon < 0 ? '' : '+'}${hoursToNoon}`;
}

async function reserveAndDie(micros: number, leastMicros: number): Promise<void> {
  const { uri, masterKey, serviceDatabase = '', databasePrefix = '' } = store.options;
  const task: ReservingTask = {
    uri,
    masterKey: Buffer.from(masterKey).toString('base64'),
    serviceDatabase,
    databasePrefix,
    tenantId: scope.tenantId,
    micros,
    leastMicros,
  };
  const child = fork(fileURLToPath(compiledEntry(join('test/llm', 'reserving-child.js'))), { execArgv: [] });
  child.send(task);
  expect(await once(child, 'message')).toEqual(['reserved', undefined]);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('budget reserved by a killed process', () => {
  const reserve = (micros: number, leastMicros?: number) =>
    usage.account(scope, { purpose: 'answer' }).reserve(plannedCall(micros, leastMicros));
  const ledger = async () => {
    const today = dayIn(scope.settings.timezone, clock.now());
    const [totals] = await usage.report(scope, { from: today, to: today, groupBy: 'model' });
    return totals;
  };

  it('stays reserved for its call for a while, then pays for its request, and the rest is released', async () => {
    await reserveAndDie(900, 120);
    expect(await reserve(900)).toBeUndefined();
    laterMs = 9 * MINUTE_MS;
    expect(await reserve(900)).toBeUndefined();
    expect(await ledger()).toBeUndefined();
    laterMs = 11 * MINUTE_MS;
    expect(await reserve(881)).toBeUndefined();
    const reserved = await reserve(880);
    reserved?.settle({ ...call, costMicros: 300 });
    await usage.flush();
    expect((await usage.budget(scope)).spent).toEqual({ dayMicros: 420, monthMicros: 420 });
    expect(await reserve(581)).toBeUndefined();
    expect(await reserve(580)).toBeDefined();
  }, 30_000);

  it('becomes one ledger entry, marked as estimated and counted once by any number of readers', async () => {
    const [first] = await Promise.all([ledger(), ledger(), ledger()]);
    // One call was killed, and one ended.
    const expected = {
      turns: 1,
      calls: 2,
      failedCalls: 1,
      estimatedCalls: 1,
      inputTokens: 41,
      outputTokens: 1,
      costMicros: 420,
    };
    expect(await ledger()).toMatchObject(expected);
    expect(first?.calls).toBeLessThanOrEqual(expected.calls);
  });

  it('counts once even if its call ends after all, exceeding the limit by no more than that call', async () => {
    await usage.setBudget(scope, { dayMicros: LIMIT });
    const before = await ledger();
    const slow = await reserve(570, 70);
    laterMs += 11 * MINUTE_MS;
    expect(await ledger()).toMatchObject({ calls: 4, estimatedCalls: 3 });
    const quick = await reserve(500);
    quick?.settle({ ...call, costMicros: 100 });
    slow?.settle({ ...call, costMicros: 200 });
    await usage.flush();
    expect((await usage.budget(scope)).spent.dayMicros).toBe((before?.costMicros ?? 0) + 300);
    expect(await ledger()).toMatchObject({ calls: 5, failedCalls: 2, estimatedCalls: 2, outputTokens: 3 });
    expect(await reserve(281)).toBeUndefined();
    expect(await reserve(280)).toBeDefined();
  });
});
