import { describe, expect, it } from 'vitest';
import { createMessageReader } from '../../../src/knowledge/index.js';

/** Questions of no trade in particular; the first of each is known, the others ask the same. */
const QUESTIONS: readonly (readonly string[])[] = [
  ['Apakah ada garansi?', 'ada garansinya ga kak', 'garansi berapa lama?', 'is there a warranty?'],
  ['Bisa sewa kebaya?', 'boleh sewa kebaya nggak', 'kebayanya bisa disewa?', 'can I rent a kebaya?'],
  ['Do you wrap presents?', 'is gift wrapping available?', 'bisa bungkus kado?'],
  ['Do you deliver on Sundays?', 'is there delivery on sunday', 'minggu ada pengiriman?'],
  ['Do you deliver on Mondays?'],
  ['Apakah buka cabang di Medan?', 'di medan ada cabang ga?'],
  ['Apakah buka cabang di Jakarta?'],
  ['Ada kelas merajut untuk anak?', 'apakah ada kelas rajut buat anak anak'],
  ['Ada kelas melukis untuk anak?'],
  ['Parkir mobil di mana?', 'ada tempat parkir mobil?'],
];
const reader = createMessageReader();
const known = QUESTIONS.map(([first = ''], position) => ({
  id: String(position),
  wordings: [first],
  locale: 'id' as const,
}));

describe('the same question', () => {
  it('is known in most other words, in the other language too, whatever else is open', () => {
    const asked = QUESTIONS.flatMap(([, ...others], position) =>
      others.map((text) => ({ text, id: String(position) })),
    );
    const found = asked.map(({ text }) => reader.sameQuestion(text, 'id', known));
    expect(found.filter((id, at) => id !== undefined && id !== asked[at]?.id)).toEqual([]);
    expect(found.filter((id) => id !== undefined).length).toBeGreaterThanOrEqual(asked.length * 0.8);
    const alone = asked.filter(
      ({ text, id }) =>
        reader.sameQuestion(
          text,
          'id',
          known.filter((each) => each.id === id),
        ) === id,
    );
    expect(alone.length).toBeGreaterThanOrEqual(asked.length * 0.7);
  });

  it('is never one about another city, day or craft', () => {
    for (const one of known) {
      const others = known.filter((each) => each !== one);
      expect([one.wordings, reader.sameQuestion(one.wordings[0] ?? '', 'id', others)]).toEqual([
        one.wordings,
        undefined,
      ]);
    }
    expect(reader.sameQuestion('Berapa ongkos kirimnya?', 'id', known)).toBeUndefined();
    expect(reader.sameQuestion('anything', 'en', [])).toBeUndefined();
  });
});
