import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectQuote } from '../../src/knowledge/index.js';
import { createExtractiveModel } from '../../src/llm/extractive/index.js';
import { openConversation, PUSH, type Said } from './support/open-conversation.js';

const models = [createExtractiveModel({ select: selectQuote, lead: () => '' })];
const PEOPLE = { capabilities: PUSH, models };
const ORCHIDS = Array.from({ length: 27 }, (_, at) => `| Anggrek nomor ${at + 1} | Rp ${at + 10}.000 |`);
let shop: Awaited<ReturnType<typeof openConversation>>;

beforeAll(async () => {
  shop = await openConversation({ locale: 'id' });
  const text = ['# Anggrek', '| Nama | Harga |', '|---|---|', ...ORCHIDS].join('\n');
  await shop.services.knowledge.upsert(await shop.scope(), { title: 'Daftar anggrek', text, locale: 'id' });
}, 60_000);
afterAll(() => shop.close());

/** The numbers of the orchids in an answer. */
function orchidsIn({ turn }: Said): readonly number[] {
  return [...turn.answer.text.matchAll(/Anggrek nomor (\d+) —/g)].map(([, number]) => Number(number));
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

describe('a long list', () => {
  it('comes in parts, and a button brings the next one until nothing is left', async () => {
    const first = await shop.say('daftar harga', { ...PEOPLE, person: 'tuti' });
    expect(orchidsIn(first)).toEqual(range(1, 12));
    expect(first.turn.answer.text).toContain('Masih ada 15 lagi.');
    const button = first.turn.answer.bubbles.at(-1)?.buttons?.[0]?.[0];
    expect(button?.label).toBe('Tampilkan berikutnya');

    const second = await shop.press(button?.action ?? '', { ...PEOPLE, person: 'tuti' });
    expect(orchidsIn(second)).toEqual(range(13, 24));
    expect(second.turn.answer.text).toContain('Masih ada 3 lagi.');
    const last = second.turn.answer.bubbles.at(-1)?.buttons?.[0]?.[0];
    const third = await shop.press(last?.action ?? '', { ...PEOPLE, person: 'tuti' });
    expect(orchidsIn(third)).toEqual(range(25, 27));
    expect(third.turn.answer.choices).toBeUndefined();

    const again = await shop.press(button?.action ?? '', { ...PEOPLE, person: 'tuti' });
    expect(orchidsIn(again), 'the first button still leads to the second part').toEqual(range(13, 24));
  });

  it.each(['ya', 'lanjut', 'ada lagi kak?', 'yang lain', 'show more'])(
    'goes on when told so: %j',
    async (word) => {
      const person = `wati ${word}`;
      await shop.say('daftar harga', { ...PEOPLE, person });
      expect(orchidsIn(await shop.say(word, { ...PEOPLE, person }))).toEqual(range(13, 24));
    },
  );

  it('does not stand in the way of another question', async () => {
    await shop.say('daftar harga', { ...PEOPLE, person: 'rini' });
    const other = await shop.say('harga anggrek nomor 5?', { ...PEOPLE, person: 'rini' });
    expect(other.turn.answer.text).toContain('Anggrek nomor 5 — Harga: Rp 14.000');
    await shop.say('daftar harga', { ...PEOPLE, person: 'rini' });
    const no = await shop.say('tidak, makasih', { ...PEOPLE, person: 'rini' });
    expect(orchidsIn(no)).toEqual([]);
    expect(no.turn.answer.source).not.toBe('fallback');
  });
});
