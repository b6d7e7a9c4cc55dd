import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Webhooks } from '../../src/contracts/webhooks.js';
import { createWebhooks } from '../../src/gateway/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { openPipeline, scopeOf, TENANT, type Pipeline } from '../delivery/support/open-pipeline.js';
import { noOffers } from '../fakes/no-offers.js';
import { createSigningChannel, SIGNATURE, signed } from '../fakes/signing-channel.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { unsharedBots } from '../fakes/unshared-bots.js';

const SECRET = 'the secret of the account';
const ACCOUNT = 'shop.bot';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await openPipeline();
  const config = { secret: SECRET };
  await pipeline.service.putAccount({ id: ACCOUNT, tenantId: TENANT, channel: 'signing', config });
});
afterAll(() => pipeline.close());

/** How often the accounts were reloaded. */
let reads = 0;
beforeEach(() => (reads = 0));

/** A process that only receives calls, as with `ROLES=api`. */
function startListening(): Webhooks {
  const { accounts, intake, metrics } = pipeline.start({ channels: [createSigningChannel()] });
  const reload = accounts.reload.bind(accounts);
  accounts.reload = () => {
    reads += 1;
    return reload();
  };
  const { service } = pipeline;
  return createWebhooks({
    service,
    accounts,
    intake,
    metrics,
    clock: systemClock,
    logger: silentLogger,
    ...noOffers,
    sharedBots: unsharedBots,
  });
}

async function call(webhooks: Webhooks, messages: readonly unknown[], secret = SECRET) {
  const body = Buffer.from(JSON.stringify({ messages }));
  const headers = { [SIGNATURE]: signed(secret, body) };
  const admitted = await webhooks.admit({ channel: 'signing', accountId: ACCOUNT }, { headers, query: {} });
  return admitted?.take(body);
}

const message = (id: string, more = {}) => ({ id, at: 1, chat: 'p', text: 'hello', ...more });

it('stores webhook events in a process that has read nothing but the service store', async () => {
  expect(await call(startListening(), [message('1'), message('2')])).toEqual({
    type: 'stored',
    answer: { heard: true },
  });
  const { inbox } = await scopeOf(pipeline.service);
  expect(await inbox.get(`${ACCOUNT}:1`)).toBeDefined();
  expect(await inbox.get(`${ACCOUNT}:2`)).toBeDefined();
});

it('acts for the business of the account, whatever the body says', async () => {
  await call(startListening(), [message('3', { tenant_id: 'another', account: 'another.bot' })]);
  expect(await (await scopeOf(pipeline.service)).inbox.get(`${ACCOUNT}:3`)).toBeDefined();
});

it('refuses a body signed with another secret, and stores nothing of it', async () => {
  expect(await call(startListening(), [message('4')], 'a guess')).toEqual({ type: 'refused' });
  expect(await (await scopeOf(pipeline.service)).inbox.get(`${ACCOUNT}:4`)).toBeUndefined();
});

it('gives up an event that the store can never accept at its fifth delivery', async () => {
  const webhooks = startListening();
  const calls = [message('5'), message('x'.repeat(2_000)), message('6')];
  for (let tries = 1; tries < 5; tries++) await expect(call(webhooks, calls)).rejects.toThrow();
  expect(await call(webhooks, calls)).toMatchObject({ type: 'stored' });
  expect(await (await scopeOf(pipeline.service)).inbox.get(`${ACCOUNT}:6`)).toBeDefined();
});

it('reads the accounts once for a thousand calls to unknown ones', async () => {
  const webhooks = startListening();
  const forged = { headers: { [SIGNATURE]: '0'.repeat(64) }, query: {} };
  const admitted = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) =>
      webhooks.admit({ channel: 'signing', accountId: `no-${n}` }, forged),
    ),
  );
  expect(admitted.every((one) => one === undefined)).toBe(true);
  expect(reads).toBeLessThanOrEqual(3);
});
