import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/time/clock.js';
import { LaneWorker, type LaneWork } from '../../src/delivery/lane-worker.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { eventually, pause } from '../support/wait.js';

const TENANT = 'shop';
let store: TestStore;
let workers: LaneWorker[] = [];
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(async () => {
  for (const worker of workers) await worker.stop(0);
  workers = [];
  await store.close();
});

function startWorker(run: LaneWork['run'], owner = `owner-${workers.length}`, sweeps = true): LaneWorker {
  const { lanes } = store.service;
  const worker = new LaneWorker({
    connections: new Set(),
    lanes,
    owner,
    work: { run },
    clock: systemClock,
    logger: silentLogger,
  });
  worker.start({ sweeps });
  workers.push(worker);
  return worker;
}

function mark(conversationId: string, dueAt = new Date()): Promise<void> {
  return store.service.lanes.mark(TENANT, conversationId, dueAt);
}

const soon = (): Date => new Date(Date.now() + 60_000);

it('runs a lane again for what arrived while it was running', async () => {
  let waiting = 1;
  let answered = 0;
  const worker = startWorker(async () => {
    const batch = waiting;
    await pause(200);
    answered += batch;
    waiting -= batch;
    return {};
  });
  await mark('c', soon());
  worker.wake(TENANT, 'c');
  await pause(100);
  waiting += 1;
  await mark('c', soon());
  worker.wake(TENANT, 'c');
  await eventually(
    () => answered,
    (count) => count === 2,
  );
  await eventually(
    () => store.service.lanes.owners(),
    (owners) => owners.length === 0,
  );
});

it('runs a lane that was removed before its event was stored', async () => {
  let runs = 0;
  const worker = startWorker(() => Promise.resolve({ ...(runs++, {}) }));
  worker.wake(TENANT, 'a lane nobody marked');
  await eventually(
    () => runs,
    (count) => count > 0,
  );
});

it('leaves a lane to the process that holds it, which looks again', async () => {
  let first = 0;
  let second = 0;
  const one = startWorker(async () => {
    first += 1;
    await pause(600);
    return {};
  });
  await mark('c', soon());
  one.wake(TENANT, 'c');
  await eventually(
    () => first,
    (count) => count === 1,
  );
  const two = startWorker(() => Promise.resolve({ ...(second++, {}) }), 'another', false);
  two.wake(TENANT, 'c');
  await pause(200);
  expect(second).toBe(0);
  await eventually(
    () => first + second,
    (count) => count >= 2,
  );
});

it('never runs a lane in two workers at once', { timeout: 60_000 }, async () => {
  const active = new Map<string, number>();
  let most = 0;
  let runs = 0;
  const run: LaneWork['run'] = async ({ conversationId }) => {
    const now = (active.get(conversationId) ?? 0) + 1;
    active.set(conversationId, now);
    most = Math.max(most, now);
    await pause(Math.random() * 20);
    active.set(conversationId, now - 1);
    runs += 1;
    return {};
  };
  const both = [startWorker(run, 'a'), startWorker(run, 'b')];
  for (let round = 0; round < 40; round++) {
    const lane = `c${round % 5}`;
    await mark(lane, soon());
    for (const worker of both) worker.wake(TENANT, lane);
  }
  await eventually(
    () => store.service.lanes.owners(),
    (owners) => owners.length === 0,
    30_000,
  );
  expect(most).toBe(1);
  expect(runs).toBeGreaterThanOrEqual(5);
});

it('aborts the work on a lane that another process took over', { timeout: 60_000 }, async () => {
  let reason: unknown;
  const worker = startWorker(
    (_lane, _wakes, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(new Error('interrupted'));
        });
      }),
    'slow',
    false,
  );
  await mark('c', soon());
  worker.wake(TENANT, 'c');
  await eventually(
    () => store.service.lanes.owners(),
    (owners) => owners.includes('slow'),
  );
  await store.service.lanes.releaseOwner('slow');
  const lane = await store.service.lanes.claim(TENANT, 'c', 'new owner', 30_000);
  expect(lane).toBeDefined();
  await eventually(
    () => reason,
    (value) => value !== undefined,
  );
  expect(String(reason)).toContain('taken over');
  expect(await store.service.lanes.owners()).toEqual(['new owner']);
});

it('runs a lane again after its work failed', { timeout: 60_000 }, async () => {
  let runs = 0;
  const worker = startWorker(() =>
    runs++ === 0 ? Promise.reject(new Error('broken')) : Promise.resolve({}),
  );
  await mark('c', soon());
  worker.wake(TENANT, 'c');
  await eventually(
    () => runs,
    (count) => count === 2,
  );
});

it('releases a lane at once when it is stopped midway', async () => {
  const begun = { lanes: 0 };
  const worker = startWorker(async (_lane, _wakes, signal) => {
    begun.lanes += 1;
    await systemClock.sleep(60_000, signal);
    return {};
  });
  await mark('c', soon());
  worker.wake(TENANT, 'c');
  await eventually(
    () => begun.lanes,
    (count) => count === 1,
  );
  await worker.stop(50);
  expect(await store.service.lanes.claimDue('next', 1_000)).toMatchObject({ conversationId: 'c' });
});

it('no longer waits for a burst once it stops', async () => {
  let paused = 0;
  const worker = startWorker(async (_lane, wakes, signal) => {
    while (!wakes.stopping) {
      paused += 1;
      await wakes.pause(60_000, signal);
    }
    return { nextDueAt: new Date() };
  });
  await mark('c', soon());
  worker.wake(TENANT, 'c');
  await eventually(
    () => paused,
    (count) => count === 1,
  );
  await worker.stop(20_000);
  expect(paused).toBe(1);
});

it('only marks lanes before it is started and after it was stopped', async () => {
  let runs = 0;
  const { lanes } = store.service;
  const work: LaneWork = { run: () => Promise.resolve({ ...(runs++, {}) }) };
  const worker = new LaneWorker({
    connections: new Set(),
    lanes,
    owner: 'idle',
    work,
    clock: systemClock,
    logger: silentLogger,
  });
  worker.wake(TENANT, 'c');
  const lane = await eventually(
    () => lanes.claimDue('other', 1_000),
    (value) => value !== undefined,
  );
  expect(lane?.conversationId).toBe('c');
  expect(runs).toBe(0);
});

it('works on at most 256 lanes at once, and on all of them in the end', { timeout: 90_000 }, async () => {
  const all = 300;
  let active = 0;
  let most = 0;
  const done = new Set<string>();
  const worker = startWorker(async ({ conversationId }) => {
    most = Math.max(most, ++active);
    await pause(1_500);
    active -= 1;
    done.add(conversationId);
    return {};
  });
  for (let n = 0; n < all; n++) {
    await mark(`c${n}`, soon());
    worker.wake(TENANT, `c${n}`);
  }
  await eventually(
    () => done.size,
    (count) => count === all,
    60_000,
  );
  expect(most).toBeLessThanOrEqual(256);
});
