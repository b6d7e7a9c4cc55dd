import { beforeEach, expect, it } from 'vitest';
import { Outages } from '../../src/gateway/outages.js';
import type { ConnectionState } from '../../src/contracts/channel.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { pause } from '../support/wait.js';

const ACCOUNT = { id: 'bot', tenantId: 'shop', channel: 'telegram', config: {} };
const MINUTE_MS = 60_000;

let clock: ManualClock;
let outages: Outages;
let reasons: string[];
beforeEach(() => {
  clock = new ManualClock();
  reasons = [];
  outages = new Outages({ clock, longMs: 2 * MINUTE_MS, long: (_, state) => reasons.push(reasonOf(state)) });
});

const down = (reason: string): ConnectionState => ({ state: 'backing-off', reason, until: clock.now() });
const reasonOf = (state: ConnectionState): string => ('reason' in state ? (state.reason ?? '') : state.state);
async function minutesPass(count: number): Promise<void> {
  clock.advance(count * MINUTE_MS);
  await pause(0);
}

it('reports a connection once after a long outage, with its latest reason', async () => {
  outages.changed(ACCOUNT, down('no network'));
  await minutesPass(1);
  outages.changed(ACCOUNT, { state: 'connecting' });
  outages.changed(ACCOUNT, down('another program polls'));
  expect(reasons).toEqual([]);
  await minutesPass(1);
  expect(reasons).toEqual(['another program polls']);
  outages.changed(ACCOUNT, down('still another program'));
  await minutesPass(30);
  expect(reasons).toHaveLength(1);
});

it('reports the next outage again', async () => {
  for (const reason of ['first', 'second']) {
    outages.changed(ACCOUNT, down(reason));
    await minutesPass(2);
    outages.changed(ACCOUNT, { state: 'open' });
  }
  expect(reasons).toEqual(['first', 'second']);
});

it.each<ConnectionState>([
  { state: 'open' },
  { state: 'stopped' },
  { state: 'blocked', reason: 'told already' },
  { state: 'needs-pairing', reason: 'told already' },
])('reports nothing if the outage ended in time: $state', async (state) => {
  outages.changed(ACCOUNT, down('no network'));
  await minutesPass(1);
  outages.changed(ACCOUNT, state);
  await minutesPass(5);
  expect(reasons).toEqual([]);
});

it('leaves the outage to the process that took over the connection', async () => {
  outages.changed(ACCOUNT, down('no network'));
  outages.end(ACCOUNT);
  await minutesPass(5);
  expect(reasons).toEqual([]);
});
