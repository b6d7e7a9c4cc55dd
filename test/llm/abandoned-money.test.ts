import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/contracts/runtime.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { systemClock } from '../../src/lib/clock.js';
import { compiledEntry } from '../../src/lib/project-root.js';
import { makeId } from '../../src/lib/make-id.js';
import { createUsageService } from '../../src/llm/index.js';
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
const usage = createUsageService({ clock, makeId, logger: silentLogger, warn: () => Promise.resolve() });

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

async function reserveAndDie(micros: number): Promise<void> {
  const { uri, masterKey, serviceDatabase = '', databasePrefix = '' } = store.options;
  const task: ReservingTask = {
    uri,
    masterKey: Buffer.from(masterKey).toString('base64'),
    serviceDatabase,
    databasePrefix,
    tenantId: scope.tenantId,
    micros,
  };
  const child = fork(fileURLToPath(compiledEntry(join('test/llm', 'reserving-child.js'))), { execArgv: [] });
  child.send(task);
  expect(await once(child, 'message')).toEqual(['reserved', undefined]);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('money that a killed process had put aside', () => {
  const reserve = (micros: number) => usage.account(scope, { purpose: 'answer' }).reserve(micros);

  it('is kept for its call for a while, and is there for others after that', async () => {
    await reserveAndDie(900);
    expect(await reserve(900)).toBeUndefined();
    laterMs = 9 * MINUTE_MS;
    expect(await reserve(900)).toBeUndefined();
    laterMs = 11 * MINUTE_MS;
    const reserved = await reserve(900);
    reserved?.settle({ ...call, costMicros: 300 });
    await usage.flush();
    expect((await usage.budget(scope)).spent).toEqual({ dayMicros: 300, monthMicros: 300 });
    expect(await reserve(701)).toBeUndefined();
    expect(await reserve(700)).toBeDefined();
  }, 30_000);

  it('counts once although its call ends after all, and no limit is exceeded by more than that call', async () => {
    await usage.setBudget(scope, { dayMicros: LIMIT });
    const slow = await reserve(700);
    laterMs += 11 * MINUTE_MS;
    const quick = await reserve(700);
    quick?.settle({ ...call, costMicros: 100 });
    slow?.settle({ ...call, costMicros: 200 });
    await usage.flush();
    expect((await usage.budget(scope)).spent.dayMicros).toBe(600);
    expect(await reserve(401)).toBeUndefined();
    expect(await reserve(400)).toBeDefined();
  });
});
