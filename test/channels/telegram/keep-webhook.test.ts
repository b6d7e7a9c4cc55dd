import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTelegramChannel } from '../../../channels/telegram/index.js';
import { webhookSecretOf } from '../../../channels/telegram/webhook.js';
import { hurriedClock } from '../../fakes/hurried-clock.js';
import { createMemoryState } from '../../fakes/memory-state.js';
import { noOffers } from '../../fakes/no-offers.js';
import { recordingLogger } from '../../fakes/recording-logger.js';
import { waitUntil } from '../../support/wait.js';
import { runConnection } from '../../support/run-connection.js';
import { PERSON, telegramTestbed, TOKEN, type TelegramTestbed } from './testbed.js';
import { LocalWaits } from '../../../src/lib/work/local-waits.js';

/** The server that Telegram calls; it answers as the test sets. */
async function startReceiver() {
  const received: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] =
    [];
  const state = { status: 200, retryAfter: 0 };
  const server = createServer((request, response) => {
    let body = '';
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => (body += chunk))
      .on('end', () => {
        received.push({ url: request.url ?? '', headers: request.headers, body });
        if (state.retryAfter > 0) response.setHeader('Retry-After', state.retryAfter);
        response.writeHead(state.status, { 'content-type': 'application/json' }).end('{}');
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    state,
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/webhooks/telegram/account_1`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

describe('a Telegram bot in webhook mode', () => {
  let bed: TelegramTestbed;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  beforeEach(async () => {
    [bed, receiver] = await Promise.all([
      telegramTestbed({ config: { mode: 'webhook' }, secondMs: 10 }),
      startReceiver(),
    ]);
  });
  afterEach(async () => {
    await bed.close();
    await receiver.close();
  });
  const run = (url: string | undefined = receiver.url) => runConnection(bed, undefined, { webhookUrl: url });
  const person = () => bed.bot.user(PERSON);

  it('sets its webhook with a secret, keeps waiting updates, and never polls', async () => {
    person().sends('written before');
    const connection = run();
    await waitUntil(() => receiver.received.length === 1);
    await waitUntil(connection.isOpen);
    await connection.stop();
    expect(bed.bot.journal.callsOf('setWebhook').map(({ params }) => params)).toEqual([
      {
        url: `${receiver.url}?bot=${bed.bot.me.username}`,
        secret_token: webhookSecretOf(bed.account),
        allowed_updates: ['message', 'edited_message', 'callback_query'],
        max_connections: 40,
        drop_pending_updates: false,
      },
    ]);
    expect(receiver.received[0]?.headers['x-telegram-bot-api-secret-token']).toBe(
      webhookSecretOf(bed.account),
    );
    expect(receiver.received[0]?.body).toContain('written before');
    expect(bed.bot.journal.callsOf('getUpdates')).toEqual([]);
    expect(bed.bot.menus.size).toBe(2);
    expect(connection.states.map(({ state }) => state)).toEqual(['connecting', 'open', 'stopped']);
  });

  it('remembers across a restart that a group became a supergroup', async () => {
    const [old, now] = [-500, -1_000_000_000_500];
    const kept = { ...bed, state: createMemoryState() };
    const first = runConnection(kept, undefined, { webhookUrl: receiver.url });
    await waitUntil(first.isOpen);
    bed.bot.user(PERSON, old);
    bed.bot.upgrade(old, now);
    await waitUntil(() => receiver.received.length === 2);
    const hears = (channel: typeof bed.channel, body: string) =>
      channel.webhook?.open({ headers: {}, query: {} }, Buffer.from(body), bed.account, noOffers);
    for (const { body } of receiver.received) hears(bed.channel, body);
    await first.stop();

    const clock = hurriedClock([], 20);
    const channel = createTelegramChannel({
      clock,
      logger: recordingLogger([]),
      waits: new LocalWaits(clock),
    });
    const second = runConnection({ ...kept, channel }, undefined, { webhookUrl: receiver.url });
    await waitUntil(second.isOpen);
    bed.bot.user(PERSON, now).sends(`still there, @${bed.bot.me.username}?`);
    await waitUntil(() => receiver.received.length === 3);
    expect(hears(channel, receiver.received[2]?.body ?? '')).toMatchObject({
      receptions: [{ event: { chat: { chatId: String(old), kind: 'group' } } }],
    });
    await second.stop();
  });

  it('leaves its webhook set when it stops, because another process may take the calls', async () => {
    const connection = run();
    await waitUntil(connection.isOpen);
    await connection.stop();
    expect(bed.bot.webhook.url).toContain(receiver.url);
    expect(bed.bot.journal.callsOf('deleteWebhook')).toEqual([]);
  });

  it('reports while Telegram’s calls do not arrive, and when they do again', async () => {
    const connection = run();
    await waitUntil(connection.isOpen);
    receiver.state.status = 503;
    person().sends('can you hear me?');
    await waitUntil(() => connection.states.at(-1)?.state === 'backing-off');
    expect(connection.states.at(-1)).toMatchObject({
      reason: expect.stringMatching(
        /^Telegram cannot deliver: Wrong response from the webhook: 503 Service Unavailable \(1 waiting, since [-\d]+ \d\d:\d\d UTC\)$/,
      ) as unknown,
    });
    await waitUntil(() => bed.logged.some((line) => line.startsWith('error: Telegram’s calls do not')));
    receiver.state.status = 200;
    await waitUntil(connection.isOpen);
    await connection.stop();
    expect(bed.bot.updates.unconfirmed).toEqual([]);
  });

  it('reports updates that wait at Telegram without an error until none wait any more', async () => {
    const connection = run();
    await waitUntil(connection.isOpen);
    bed.bot.webhook.holdsBack();
    person().sends('can you hear me?');
    person().sends('can you hear me now?');
    await waitUntil(() => connection.states.at(-1)?.state === 'backing-off');
    expect(connection.states.at(-1)).toMatchObject({
      reason: expect.stringMatching(
        /^Telegram delivers late, without naming an error \(2 waiting, since .+ UTC\)$/,
      ) as unknown,
    });
    bed.bot.webhook.delivers();
    await waitUntil(connection.isOpen);
    await connection.stop();
    expect(receiver.received).toHaveLength(2);
  });

  it('ignores an old delivery error', async () => {
    receiver.state.status = 500;
    bed.bot.webhook.set({
      url: `${receiver.url}?bot=${bed.bot.me.username}`,
      secret_token: webhookSecretOf(bed.account),
    });
    person().sends('hello?');
    await waitUntil(() => bed.bot.webhook.info()['last_error_message'] !== undefined);
    receiver.state.status = 200;
    await waitUntil(() => bed.bot.updates.unconfirmed.length === 0);
    const connection = run();
    await waitUntil(connection.isOpen);
    await waitUntil(() => bed.bot.journal.callsOf('getWebhookInfo').length > 3);
    await connection.stop();
    expect(connection.states.map(({ state }) => state)).not.toContain('backing-off');
  });

  it('takes its webhook back from another program, and reports it', async () => {
    const connection = run();
    await waitUntil(connection.isOpen);
    bed.bot.webhook.set({ url: 'https://rival.example.com' });
    await waitUntil(() => connection.states.some(({ state }) => state === 'backing-off'));
    expect(connection.states.find(({ state }) => state === 'backing-off')).toMatchObject({
      reason: 'another program took the webhook of this bot',
    });
    await waitUntil(() => bed.bot.webhook.url.startsWith(receiver.url));
    await waitUntil(connection.isOpen);
    await connection.stop();
  });

  it('reports why Telegram refuses the address, and tries again', async () => {
    bed.bot.webhook.requiresHttps = true;
    const connection = run();
    await waitUntil(() => connection.states.at(-1)?.state === 'backing-off');
    expect(connection.states.at(-1)).toMatchObject({
      reason: 'setWebhook: 400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
    });
    bed.bot.webhook.requiresHttps = false;
    await waitUntil(connection.isOpen);
    await connection.stop();
  });

  it('is blocked without a public URL, before it calls Telegram at all', async () => {
    const connection = runConnection(bed);
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(connection.states.at(-1)).toEqual({
      state: 'blocked',
      reason: 'Telegram has no address to call: PUBLIC_URL is not set',
    });
    expect(bed.bot.journal.calls).toEqual([]);
  });

  it('is blocked if its token is revoked while it runs', async () => {
    const connection = run();
    await waitUntil(connection.isOpen);
    bed.bot.isRevoked = true;
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(connection.states.at(-1)).toMatchObject({ state: 'blocked' });
  });

  it.each([
    ['a server error', { status: 500 }],
    ['an HTML reply from a proxy', { body: '<html>502</html>' }],
    ['an invalid reply', { body: '{"ok":true,"result":7}' }],
    ['a dropped connection', { drop: 'before' }],
  ] as const)('recovers after %s', async (_, fault) => {
    bed.bot.faults.add('setWebhook', fault);
    bed.bot.faults.add('getWebhookInfo', fault, fault);
    const connection = run();
    await waitUntil(() => connection.isOpen() && bed.bot.journal.callsOf('getWebhookInfo').length > 2);
    await connection.stop();
  });

  it('never logs or reports the token or the secret', async () => {
    bed.bot.faults.add('setWebhook', { drop: 'before' }, { status: 400 }, { body: 'no' });
    receiver.state.status = 401;
    person().sends('hello');
    const connection = run();
    await waitUntil(() => bed.bot.journal.callsOf('getWebhookInfo').length > 1);
    await connection.stop();
    expect(bed.logged.length).toBeGreaterThan(0);
    const log = JSON.stringify([bed.logged, connection.states]);
    expect(log).not.toContain(TOKEN.split(':')[1]);
    expect(log).not.toContain(webhookSecretOf(bed.account));
  });
});

describe('a change of mode', () => {
  it('from webhook to polling and back loses no waiting update', async () => {
    const [receiver, calling, polling] = await Promise.all([
      startReceiver(),
      telegramTestbed({ config: { mode: 'webhook' }, secondMs: 10 }),
      telegramTestbed(),
    ]);
    try {
      receiver.state.status = 503;
      const first = runConnection(calling, undefined, { webhookUrl: receiver.url });
      for (const text of ['a', 'b', 'c']) calling.bot.user(PERSON).sends(text);
      await waitUntil(() => receiver.received.length > 0);
      await first.stop();

      const account = { ...polling.account, config: { ...calling.account.config, mode: 'polling' as const } };
      const second = runConnection({ ...polling, account });
      await waitUntil(() => second.accepted.length === 3);
      await waitUntil(() => calling.bot.updates.unconfirmed.length === 0);
      await second.stop();
      expect(second.accepted.map(({ sequence }) => sequence)).toEqual([1_000, 1_001, 1_002]);
      expect(calling.bot.webhook.url).toBe('');

      calling.bot.user(PERSON).sends('d');
      receiver.state.status = 200;
      const third = runConnection(calling, undefined, { webhookUrl: receiver.url });
      await waitUntil(() => calling.bot.updates.unconfirmed.length === 0);
      await third.stop();
      expect(receiver.received.at(-1)?.body).toContain('"text":"d"');
    } finally {
      await Promise.all([calling.close(), polling.close(), receiver.close()]);
    }
  });
});
