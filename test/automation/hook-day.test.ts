import { afterAll, beforeAll, expect, it } from 'vitest';
import { OutboundError, type GuardedFetch } from '../../src/lib/net/guarded-fetch.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { openHookDesk, type HookDesk } from './hook-desk.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const clock = new ManualClock();
/** The receiver's status, or the error with which it fails. */
let receiver: () => number | OutboundError = () => 200;
const bodies: string[] = [];
const outbound = {
  check: () => Promise.resolve(),
  fetch: (_url: URL, { body }: { body: string }) => {
    bodies.push(body);
    const answer = receiver();
    if (answer instanceof OutboundError) return Promise.reject(answer);
    return Promise.resolve({ status: answer, headers: {} });
  },
} as unknown as GuardedFetch;

let desk: HookDesk;
beforeAll(async () => {
  desk = await openHookDesk({ clock, outbound });
}, 60_000);
afterAll(() => desk.close());

/** Runs each job at its time until none is waiting. */
async function passes(): Promise<void> {
  for (;;) {
    const at = Math.min(...[...desk.waiting.values()].map((job) => job.at.getTime()));
    if (at === Infinity) return;
    clock.advance(Math.max(0, at - clock.now().getTime()));
    await desk.runNext();
  }
}

it.each([
  ['is down or too slow', () => new OutboundError('unreachable', 'nobody answers'), 'unreachable'],
  ['answers with an error', () => 500, 'answered 500'],
  ['redirects to a private address', () => 302, 'answered 302'],
])(
  'retries a receiver that %s for about a day, then gives up until a manual retry',
  async (_, fails, error) => {
    const { hooks, scope, deliveriesOf } = desk;
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
