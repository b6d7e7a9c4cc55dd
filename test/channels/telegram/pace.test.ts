import { describe, expect, it } from 'vitest';
import { Pace } from '../../../channels/telegram/outbound/pace.js';
import { TelegramError } from '../../../channels/telegram/telegram-error.js';
import type { OutboundMessage } from '../../../src/contracts/channel.js';
import { telegramTestbed, PERSON } from './testbed.js';

const { signal } = new AbortController();
const GROUP = -77;

/** A pace whose clock only advances by sleeping. */
function paced() {
  let nowMs = 0;
  const sent: { readonly chatId: number; readonly atMs: number }[] = [];
  const pace = new Pace({
    monotonicMs: () => nowMs,
    sleep(ms) {
      nowMs += ms;
      return Promise.resolve();
    },
  });
  const send = (chatId: number, outcome: () => void = () => undefined): Promise<void> =>
    pace.during(chatId, signal, () => {
      outcome();
      sent.push({ chatId, atMs: nowMs });
      return Promise.resolve();
    });
  return { send, sent, timesOf: (chatId: number) => sent.filter((one) => one.chatId === chatId) };
}

describe('the pace of sending to Telegram', () => {
  it('is never so fast in a chat that Telegram refuses a message', async () => {
    const bed = await telegramTestbed({ isStrict: true, longestWaitMs: 5_000 });
    try {
      for (const text of ['satu', 'dua', 'tiga']) {
        const message: OutboundMessage = { type: 'text', key: text, text };
        await bed.channel.send(bed.target, message, bed.account, signal);
      }
      const shown = bed.bot.journal.messages(PERSON).map(({ text }) => text);
      expect(shown).toEqual(['satu', 'dua', 'tiga']);
      expect(bed.bot.journal.callsOf('sendMessage')).toHaveLength(3);
    } finally {
      await bed.close();
    }
  });

  it('is one message per second in a chat, and other chats do not wait for it', async () => {
    const { send, sent } = paced();
    await send(PERSON);
    await send(PERSON + 1);
    await send(PERSON);
    expect(sent).toEqual([
      { chatId: PERSON, atMs: 0 },
      { chatId: PERSON + 1, atMs: 0 },
      { chatId: PERSON, atMs: 1_000 },
    ]);
  });

  it('is twenty messages per minute in a group, and the next one reports its wait', async () => {
    const { send, timesOf } = paced();
    for (let count = 1; count <= 20; count++) await send(GROUP);
    await expect(send(GROUP)).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 41_000 });
    expect(timesOf(GROUP)).toHaveLength(20);
    await send(PERSON);
  });

  it('is thirty messages per second overall', async () => {
    const { send, timesOf } = paced();
    for (let person = 1; person <= 31; person++) await send(person);
    expect(timesOf(30)).toEqual([{ chatId: 30, atMs: 0 }]);
    expect(timesOf(31)).toEqual([{ chatId: 31, atMs: 1_000 }]);
  });

  it('does not count a message that Telegram rejected', async () => {
    const { send, sent } = paced();
    const refuse = (): never => {
      throw new TelegramError('rejected', 'sendMessage: 400');
    };
    await expect(send(PERSON, refuse)).rejects.toMatchObject({ kind: 'rejected' });
    await send(PERSON);
    expect(sent).toEqual([{ chatId: PERSON, atMs: 0 }]);
  });
});
