import { describe, expect, it } from 'vitest';
import { telegramConfigSchema } from '../../../channels/telegram/config.js';
import { isFromTelegram } from '../../../channels/telegram/webhook.js';

const SECRET = 'a-secret-of-thirty-two-characters';
const config = telegramConfigSchema.parse({ token: '1:abc', mode: 'webhook', webhookSecret: SECRET });

describe('a webhook call', () => {
  it('is from Telegram when it carries the secret', () => {
    expect(isFromTelegram(SECRET, config)).toBe(true);
  });

  it.each([undefined, '', SECRET.slice(1), `${SECRET}x`, SECRET.toUpperCase(), [SECRET]])(
    'with the header %j is from somebody else',
    (header) => expect(isFromTelegram(header, config)).toBe(false),
  );

  it('is never from Telegram when no secret is set', () => {
    const polling = telegramConfigSchema.parse({ token: '1:abc' });
    expect(isFromTelegram('', polling)).toBe(false);
    expect(isFromTelegram(undefined, polling)).toBe(false);
  });
});

describe('the config of a Telegram account', () => {
  it('polls Telegram itself unless told otherwise', () => {
    expect(telegramConfigSchema.parse({ token: '1:abc' })).toEqual({
      token: '1:abc',
      apiRoot: 'https://api.telegram.org',
      mode: 'polling',
    });
  });

  it('takes an address with a slash at its end', () => {
    expect(telegramConfigSchema.parse({ token: '1:abc', apiRoot: 'http://127.0.0.1:81/' }).apiRoot).toBe(
      'http://127.0.0.1:81',
    );
  });

  it.each([
    { token: 'abc' },
    { token: '1:a/b' },
    { token: '1:abc', apiRoot: 'ftp://x' },
    { token: '1:abc', mode: 'webhook' },
    { token: '1:abc', webhookSecret: 'kurz' },
    { token: '1:abc', colour: 'red' },
  ])('refuses %j without quoting the token', (wrong) => {
    const result = telegramConfigSchema.safeParse(wrong);
    expect(result.success).toBe(false);
    expect(result.error?.message).not.toContain(wrong.token);
  });
});
