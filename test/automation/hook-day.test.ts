import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HookDelivery } from '../../src/automation/hook.js';
import { hookStore } from '../../src/automation/hook-store.js';
import { Hooks } from '../../src/automation/hooks.js';
import type { JobQueue } from '../../src/contracts/queue.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { OutboundError, type GuardedFetch } from '../../src/lib/guarded-fetch.js';
import { makeId } from '../../src/lib/make-id.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const clock = new ManualClock();
const waiting = new Map<string, { readonly at: Date; readonly data: unknown }>();
/** The receiver's status, or the error with which it fails. */
let receiver: () => number | OutboundError = () => 200;
const bodies: string[] = [];
let store: TestStore;
let scope: TenantScope;
let hooks: Hooks;

const queue: JobQueue = {
  enqueue: (_type, _tenant, data, { key = '', at = clock.now() } = {}) => {
    waiting.set(key, { at, data });
    return Promise.resolve(key);
  },
  cancel: (_type, _tenant, key) => Promise.resolve(waiting.delete(key)),
  repeat: () => Promise.reject(new Error('not expected')),
  find: () => Promise.resolve(undefined),
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};
const outbound = {
  check: () => Promise.resolve(),
  fetch: (_url: URL, { body }: { body: string }) => {
    bodies.push(body);
    const answer = receiver();
    if (answer instanceof OutboundError) return Promise.reject(answer);
    return Promise.resolve({ status: answer, headers: {} });
  },
} as unknown as GuardedFetch;

beforeAll(async () => {
  store = await openTestStore({ clock });
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Toko' }));
  const tenantScope = await store.service.scope('shop');
  if (tenantScope === undefined) throw new Error('no scope');
  scope = tenantScope;
  hooks = new Hooks({ outbound, queue, sealingKey: randomBytes(32), clock, makeId, logger: silentLogger });
}, 60_000);
afterAll(() => store.close());

/** Runs each job at its time until nothing is due within two days. */
async function passes(): Promise<void> {
  const run = { signal: new AbortController().signal, attempt: 1, progress: () => Promise.resolve() };
  for (;;) {
    const [next] = [...waiting].toSorted(([, one], [, other]) => one.at.getTime() - other.at.getTime());
    if (next === undefined) return;
    const [key, { at, data }] = next;
    clock.advance(Math.max(0, at.getTime() - clock.now().getTime()));
    waiting.delete(key);
    await hooks.jobs()[0]?.run(scope, data, run);
  }
}

async function deliveriesOf(hookId: string): Promise<readonly HookDelivery[]> {
  const { items } = await scope.store(hookStore).deliveries(hookId, undefined, { limit: 50 });
  return items.toSorted((one, other) => (one.order ?? 0) - (other.order ?? 0));
}

it.each([
  ['is down or too slow', () => new OutboundError('unreachable', 'nobody answers'), 'unreachable'],
  ['answers wrongly', () => 500, 'answered 500'],
  ['sends elsewhere, to a private address', () => 302, 'answered 302'],
])(
  'retries a receiver that %s for about a day, then gives up until a manual retry',
  async (_, fails, error) => {
    const { hook } = await hooks.create(scope, 'https://shop.example/x', ['contact.created']);
    receiver = fails;
    const began = clock.now().getTime();
    await hooks.emit(scope, 'contact.created', { id: 'contact_a', name: 'Ani' });
    await hooks.emit(scope, 'contact.created', { id: 'contact_a', name: 'Ani again' });
    await passes();
    const dead = await deliveriesOf(hook.id);
    expect(dead.map(({ status }) => status)).toEqual(['dead', 'dead']);
    // The second delivery to this contact waits for the first, and has a full day of retries of its own.
    const [first, second] = dead;
    expect(first).toMatchObject({ attempts: 11, lastError: error });
    const tookMs = (first?.lastAttemptAt?.getTime() ?? 0) - began;
    expect([tookMs > 20 * HOUR_MS, tookMs < 30 * HOUR_MS]).toEqual([true, true]);
    expect((second?.lastAttemptAt?.getTime() ?? 0) - began).toBeGreaterThan(DAY_MS);
    receiver = () => 204;
    bodies.length = 0;
    for (const delivery of [first, second]) await hooks.retry(scope, delivery?.id ?? '');
    await passes();
    expect((await deliveriesOf(hook.id)).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
    expect(bodies).toEqual([first?.body, second?.body]);
    await hooks.remove(scope, hook.id);
  },
);
