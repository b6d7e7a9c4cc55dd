import { afterEach, describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../../src/contracts/channel.js';
import { telegramTestbed, PERSON, type TelegramTestbed } from './testbed.js';

const GROUP = -77;

const text = (words: string): OutboundMessage => ({ type: 'text', key: words, text: words });

describe('how fast Telegram is written to', () => {
  let bed: TelegramTestbed;
  afterEach(() => bed.close());
  const send = (chatId: number, words: string) =>
    bed.channel.send(
      { chat: { chatId: String(chatId), kind: chatId < 0 ? 'group' : 'direct' } },
      text(words),
      bed.account,
      new AbortController().signal,
    );
  const waitedMs = () => bed.waits.reduce((sum, ms) => sum + ms, 0);

  it('is never so fast in a chat that Telegram refuses a message', async () => {
    bed = await telegramTestbed({ isStrict: true, longestWaitMs: 5_000 });
    for (const words of ['satu', 'dua', 'tiga']) await send(PERSON, words);
    expect(bed.bot.journal.messages(PERSON).map((message) => message.text)).toEqual(['satu', 'dua', 'tiga']);
    expect(bed.bot.journal.callsOf('sendMessage')).toHaveLength(3);
  });

  it('is one message a second in a chat, and another chat does not wait for it', async () => {
    bed = await telegramTestbed();
    bed.bot.user(PERSON + 1);
    await send(PERSON, 'satu');
    await send(PERSON + 1, 'di sana');
    expect(waitedMs()).toBe(0);
    await send(PERSON, 'dua');
    expect(waitedMs()).toBeGreaterThan(800);
    expect(waitedMs()).toBeLessThanOrEqual(1_000);
  });

  it('is twenty messages a minute in a group: the next says when it may go', async () => {
    bed = await telegramTestbed();
    bed.bot.user(PERSON, GROUP);
    for (let count = 1; count <= 20; count++) await send(GROUP, `pesan ${count}`);
    const tooEarly = await send(GROUP, 'pesan 21').then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(tooEarly).toMatchObject({ kind: 'rate-limited' });
    expect((tooEarly as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(35_000);
    expect(bed.bot.journal.callsOf('sendMessage')).toHaveLength(20);
  });

  it('is thirty messages a second to everybody together', async () => {
    bed = await telegramTestbed();
    const people = Array.from({ length: 31 }, (_, index) => PERSON + index);
    for (const person of people) bed.bot.user(person);
    await Promise.all(people.slice(0, 30).map((person) => send(person, 'kabar')));
    expect(waitedMs()).toBe(0);
    await send(PERSON + 30, 'kabar');
    expect(waitedMs()).toBeGreaterThan(0);
  });
});
