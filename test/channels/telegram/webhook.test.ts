import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { telegramConfigSchema, type TelegramConfig } from '../../../channels/telegram/config.js';
import { webhookSecretOf, webhookUrlFor } from '../../../channels/telegram/webhook.js';
import type { ChannelAccount, WebhookContent } from '../../../src/contracts/channel.js';
import { noOffers } from '../../fakes/no-offers.js';
import { PERSON, telegramTestbed, TOKEN, type TelegramTestbed } from './testbed.js';

const SECRET = 'a-secret-of-thirty-two-characters';

function accountWith(config: Partial<TelegramConfig>, id = 'account_1'): ChannelAccount<TelegramConfig> {
  const parsed = telegramConfigSchema.parse({ token: '1:abc', mode: 'webhook', ...config });
  return { id, tenantId: 'demo', channel: 'telegram', config: parsed };
}

describe('a Telegram webhook call', () => {
  let bed: TelegramTestbed;
  beforeEach(async () => {
    bed = await telegramTestbed({ config: { mode: 'webhook' } });
  });
  afterEach(() => bed.close());

  const admits = (header: string | string[] | undefined, account = bed.account): boolean => {
    const headers = { 'x-telegram-bot-api-secret-token': header };
    return bed.channel.webhook?.admits({ headers, query: {} }, account) ?? false;
  };
  const opened = (body: string | Uint8Array, query = {}, account = bed.account): WebhookContent => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const content = bed.channel.webhook?.open({ headers: {}, query }, bytes, account, noOffers);
    if (content === undefined) throw new Error('Telegram has no webhooks');
    return content;
  };

  it('is accepted with the secret', () => {
    const account = accountWith({ webhookSecret: SECRET });
    expect(admits(SECRET, account)).toBe(true);
    expect(admits(webhookSecretOf(bed.account))).toBe(true);
  });

  it.each([
    ['a moment', 0, false],
    ['nine minutes', 9, false],
    ['eleven minutes', 11, true],
    ['a day', 24 * 60, true],
    ['longer than Telegram keeps it, so our clock is wrong,', 26 * 60, false],
    ['less than no time, so our clock is wrong,', -60, false],
  ])('that waited %s is one that Telegram kept: after %i minutes %s', (_, minutes, wasKept) => {
    const date = Math.floor(Date.now() / 1000) - minutes * 60;
    const chat = { id: PERSON, type: 'private', first_name: 'Ani' };
    const from = { id: PERSON, is_bot: false, first_name: 'Ani' };
    const update = { update_id: 7, message: { message_id: 1, date, chat, from, text: 'are you open?' } };
    const content = opened(JSON.stringify(update));
    const [reception] = content.type === 'accepted' ? content.receptions : [];
    const event = reception?.type === 'event' ? reception.event : undefined;
    expect(event?.type).toBe('message');
    expect(event?.wasKept === true).toBe(wasKept);
  });

  it.each([undefined, '', SECRET.slice(1), `${SECRET}x`, SECRET.toUpperCase(), [SECRET], 'Ä'.repeat(33)])(
    'is refused with the header %j',
    (header) => expect(admits(header, accountWith({ webhookSecret: SECRET }))).toBe(false),
  );

  it('is refused with the secret of another account or of an earlier token', () => {
    const mine = accountWith({});
    for (const other of [accountWith({}, 'account_2'), accountWith({ token: '1:abd' })]) {
      expect(webhookSecretOf(other)).not.toBe(webhookSecretOf(mine));
      expect(admits(webhookSecretOf(other), mine)).toBe(false);
    }
  });

  it('uses a secret that Telegram accepts and that does not reveal the token', () => {
    const secret = webhookSecretOf(bed.account);
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(TOKEN).not.toContain(secret.slice(0, 8));
  });

  it('is expected only for an account in webhook mode', () => {
    expect(bed.channel.webhook?.isUsedBy(telegramConfigSchema.parse({ token: '1:abc' }))).toBe(false);
    expect(bed.channel.webhook?.isUsedBy(bed.account.config)).toBe(true);
  });

  it('yields the same event as the same update from polling', () => {
    const update = bed.rawText('halo');
    const content = opened(JSON.stringify(update));
    expect(content).toEqual({
      type: 'accepted',
      receptions: [bed.channel.receive(update, bed.account)],
    });
    expect(content).toMatchObject({ receptions: [{ event: { parts: [{ text: 'halo' }] } }] });
  });

  it('takes the bot’s name from the URL, so that a mention counts in any process', () => {
    bed.bot.user(PERSON, -100).sends(`halo @${bed.bot.me.username}`);
    const body = JSON.stringify(bed.bot.updates.unconfirmed.at(-1));
    const namedAccount = { ...bed.account, config: { ...bed.account.config, username: bed.bot.me.username } };
    const { searchParams } = new URL(webhookUrlFor('https://sapa.example/v1/x', namedAccount));
    expect(opened(body)).toMatchObject({ receptions: [{ event: { addressed: false } }] });
    expect(opened(body, Object.fromEntries(searchParams))).toMatchObject({
      receptions: [{ event: { addressed: true } }],
    });
  });

  it.each([
    '',
    'null',
    '{',
    '[]',
    '"update"',
    '{"update_id":"x"}',
    '['.repeat(500_000),
    Uint8Array.of(0x7b, 0xff, 0x7d),
  ])('is acknowledged, but its body rejected if it is no update: number %#', (body) => {
    expect(opened(body)).toMatchObject({ type: 'accepted', receptions: [{ type: 'rejected' }] });
  });
});

describe('the configuration of a Telegram account', () => {
  it('polls Telegram itself by default', () => {
    expect(telegramConfigSchema.parse({ token: '1:abc' })).toEqual({
      token: '1:abc',
      apiRoot: 'https://api.telegram.org',
      mode: 'polling',
    });
  });

  it('accepts an address with a trailing slash', () => {
    expect(telegramConfigSchema.parse({ token: '1:abc', apiRoot: 'http://127.0.0.1:81/' }).apiRoot).toBe(
      'http://127.0.0.1:81',
    );
  });

  it.each([
    { token: 'abc' },
    { token: '1:a/b' },
    { token: '1:abc', apiRoot: 'ftp://x' },
    { token: '1:abc', mode: 'carrier pigeon' },
    { token: '1:abc', webhookSecret: 'kurz' },
    { token: '1:abc', colour: 'red' },
  ])('refuses %j without quoting the token', (wrong) => {
    const result = telegramConfigSchema.safeParse(wrong);
    expect(result.success).toBe(false);
    expect(result.error?.message).not.toContain(wrong.token);
  });
});
