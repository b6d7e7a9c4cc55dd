import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Lane } from '../../src/contracts/stores.js';
import { LaneWorker } from '../../src/delivery/index.js';
import type { Arrival, EnteredLane, LaneWork } from '../../src/delivery/lane-worker.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { silentLogger } from '../fakes/silent-logger.js';

const TENANT = 'shop';
const LEASE_MS = 30_000;
const later = (): Date => new Date(Date.now() + 60_000);

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

function startWorker(owner: string): { worker: LaneWorker; looks: (Arrival | undefined)[] } {
  const looks: (Arrival | undefined)[] = [];
  const work: LaneWork = {
    run(_lane, _wakes, _signal, arrival) {
      looks.push(arrival);
      return Promise.resolve({});
    },
  };
  const { lanes } = store.service;
  const worker = new LaneWorker({
    connections: new Set(),
    lanes,
    owner,
    work,
    clock: systemClock,
    logger: silentLogger,
  });
  worker.start({ sweeps: false });
  return { worker, looks };
}

function tryOpen(conversationId: string): Promise<Lane | undefined> {
  return store.service.lanes.open(TENANT, conversationId, 'somebody', LEASE_MS);
}

function arrivalIn(conversationId: string): Arrival {
  const at = new Date();
  const chat = { chatId: 'x', kind: 'direct' } as const;
  const place = { accountId: 'api', channel: 'api', contactId: 'p' };
  const event = {
    type: 'message',
    eventId: 'e',
    sequence: 1,
    sentAt: at,
    chat,
    sender: { id: 'u', isBot: false },
    messageId: 'e',
    addressed: true,
    parts: [{ type: 'text', text: 'hello' }],
  } as const;
  return {
    item: { ...place, key: 'api:e', conversationId, event, receivedAt: at, attempts: 0, status: 'pending' },
    conversation: {
      ...place,
      id: conversationId,
      chat,
      title: '',
      mode: 'bot',
      modeNumber: 0,
      activeAt: at,
      status: 'open',
      tags: [],
      createdAt: at,
      updatedAt: at,
    },
    contact: {
      id: 'p',
      identities: [],
      tags: [],
      fields: {},
      formerIds: [],
      optedOut: false,
      updatedAt: new Date(0),
      isStaff: false,
      createdAt: at,
    },
  };
}

it('works on a new lane only once its event is stored, with that event, then releases it', async () => {
  const { worker, looks } = startWorker('one');
  const entered = worker.enter(TENANT, 'new', later());
  await entered.marked;
  expect(await tryOpen('new')).toBeUndefined();
  expect(looks).toEqual([]);
  const arrival = arrivalIn('new');
  entered.go(arrival);
  await worker.stop(5_000);
  expect(looks).toEqual([arrival]);
  expect(await tryOpen('new')).toBeDefined();
});

it('releases a lane whose event could not be stored', async () => {
  const { worker } = startWorker('two');
  const entered = worker.enter(TENANT, 'refused', later());
  entered.go();
  await worker.stop(5_000);
  expect(await tryOpen('refused')).toBeDefined();
});

it('looks again for a second event that arrived while the lane was being entered for the first', async () => {
  const { worker, looks } = startWorker('three');
  const first = worker.enter(TENANT, 'busy', later());
  await first.marked;
  const second = worker.enter(TENANT, 'busy', later());
  await second.marked;
  const arrival = arrivalIn('busy');
  first.go(arrival);
  await expect.poll(() => looks.length).toBeGreaterThan(0);
  second.go();
  await expect.poll(() => looks.at(-1) === undefined && looks.length > 1).toBe(true);
  expect(looks[0]).toBe(arrival);
  await worker.stop(5_000);
});

it('treats a lane that was already waiting as one that may hold other events', async () => {
  await store.service.lanes.mark(TENANT, 'old', later());
  const { worker, looks } = startWorker('four');
  const entered = worker.enter(TENANT, 'old', later());
  await entered.marked;
  entered.go(arrivalIn('old'));
  await expect.poll(() => looks.length).toBe(1);
  expect(looks[0]).toBeUndefined();
  await worker.stop(5_000);
});

it('leaves a lane that another process holds with that process, marked', async () => {
  const lane = await tryOpen('held');
  const { worker, looks } = startWorker('five');
  const entered = worker.enter(TENANT, 'held', later());
  await entered.marked;
  entered.go(arrivalIn('held'));
  await worker.stop(5_000);
  expect(looks).toEqual([]);
  if (lane !== undefined) await store.service.lanes.release(lane);
  expect(await tryOpen('held')).toBeUndefined();
});

it('enters the lane again for an event that arrives while it is being released', async () => {
  const looks: (Arrival | undefined)[] = [];
  const { lanes } = store.service;
  let giveBack = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    giveBack = resolve;
  });
  const worker = new LaneWorker({
    connections: new Set(),
    lanes: Object.assign(Object.create(lanes) as typeof lanes, {
      async release(...given: Parameters<typeof lanes.release>) {
        await asked;
        await lanes.release(...given);
      },
    }),
    owner: 'five',
    work: {
      run(_lane, wakes, _signal, arrival) {
        looks.push(arrival);
        wakes.ending();
        return Promise.resolve({});
      },
    },
    clock: systemClock,
    logger: silentLogger,
  });
  worker.start({ sweeps: false });
  const first = worker.enter(TENANT, 'again', later());
  await first.marked;
  const [one, two] = [arrivalIn('again'), arrivalIn('again')];
  first.go(one);
  await expect.poll(() => looks.length).toBe(1);
  const second = worker.enter(TENANT, 'again', later());
  giveBack();
  await second.marked;
  second.go(two);
  await expect.poll(() => looks.length).toBe(2);
  await worker.stop(5_000);
  expect(looks[1]).toBe(two);
  expect(await tryOpen('again')).toBeDefined();
});

it('does not make an arrival wait for a lane that continues after all', async () => {
  let goOn = (): void => undefined;
  const long = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let looks = 0;
  const entered: EnteredLane[] = [];
  const worker = new LaneWorker({
    connections: new Set(),
    lanes: store.service.lanes,
    owner: 'six',
    work: {
      async run(_lane, wakes) {
        looks += 1;
        if (looks === 2) await long;
        if (looks > 1) return {};
        wakes.ending();
        entered.push(worker.enter(TENANT, 'on', later()));
        worker.wake(TENANT, 'on');
        return {};
      },
    },
    clock: systemClock,
    logger: silentLogger,
  });
  worker.start({ sweeps: false });
  worker.enter(TENANT, 'on', later()).go();
  await expect.poll(() => looks).toBe(2);
  await entered[0]?.marked;
  entered[0]?.go();
  goOn();
  await expect.poll(() => looks).toBe(3);
  await worker.stop(5_000);
  expect(entered).toHaveLength(1);
});
