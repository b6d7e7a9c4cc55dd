import { describe, expect, it } from 'vitest';
import { createMessageReader } from '../../../src/knowledge/index.js';

/** Questions of no particular trade; the first of each group is known, the others ask the same. */
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
const questions = QUESTIONS.map(([first = ''], position) => ({
  id: String(position),
  wordings: [first],
  locale: 'id' as const,
}));

describe('matching the same question', () => {
  it('recognises most rewordings, in the other language too, among many other entries', () => {
    const variants = QUESTIONS.flatMap(([, ...others], position) =>
      others.map((text) => ({ text, id: String(position) })),
    );
    const matches = variants.map(({ text }) => reader.sameQuestion(text, 'id', questions));
    expect(matches.filter((id, at) => id !== undefined && id !== variants[at]?.id)).toEqual([]);
    expect(matches.filter((id) => id !== undefined).length).toBeGreaterThanOrEqual(variants.length * 0.8);
    const alone = variants.filter(
      ({ text, id }) =>
        reader.sameQuestion(
          text,
          'id',
          questions.filter((each) => each.id === id),
        ) === id,
    );
    expect(alone.length).toBeGreaterThanOrEqual(variants.length * 0.7);
  });

  it('never matches a question about another city, day or craft', () => {
    for (const one of questions) {
      const others = questions.filter((each) => each !== one);
      expect([one.wordings, reader.sameQuestion(one.wordings[0] ?? '', 'id', others)]).toEqual([
        one.wordings,
        undefined,
      ]);
    }
    expect(reader.sameQuestion('Berapa ongkos kirimnya?', 'id', questions)).toBeUndefined();
    expect(reader.sameQuestion('anything', 'en', [])).toBeUndefined();
  });
});
