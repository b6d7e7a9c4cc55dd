import { describe, expect, it } from 'vitest';
import { isFollowUp, questionsBefore } from '../../../src/lib/text/follow-up.js';

describe('a follow-up question', () => {
  it.each([
    'and the black one?',
    'What about the tote bag?',
    'kalau ke Surabaya?',
    'klo bandung kak',
    'yang hitam ada?',
    'gimana kalau dua kilo?',
    'for two people?',
    'pakai kartu bisa?',
    'hari minggu juga?',
  ])('is recognised by its opening: %s', (question) => {
    expect(isFollowUp(question)).toBe(true);
  });

  it.each(['is it in stock?', 'how much are those', 'stoknya masih ada kak?', 'ongkirnya ya', 'Surabaya?'])(
    'is recognised by what it leaves open: %s',
    (question) => {
      expect(isFollowUp(question)).toBe(true);
    },
  );

  it.each([
    'How much is shipping to Bandung?',
    'kalau pesan batik custom buat seragam kantor, berapa lama jadinya?',
    'Berapa harga kopi Gayo?',
    'di mana alamat tokonya?',
    'In which cities do you have shops?',
    'and can you tell me which payment methods you accept?',
    '',
    '???',
  ])('is not a question that states its subject: %s', (question) => {
    expect(isFollowUp(question)).toBe(false);
  });

  it('refers to the last self-contained question and the follow-ups since', () => {
    const earlier = ['Do you sell tea?', 'Ongkir ke Medan berapa ya?', '', 'kalau ke Surabaya?'];
    expect(questionsBefore('berapa hari?', earlier)).toEqual([
      'Ongkir ke Medan berapa ya?',
      'kalau ke Surabaya?',
    ]);
    expect(questionsBefore('Berapa harga kopi Gayo?', earlier)).toEqual([]);
    expect(questionsBefore('buat matic?', ['busi berapa?'])).toEqual(['busi berapa?']);
    expect(questionsBefore('kalau ke Surabaya?', [])).toEqual([]);
    expect(questionsBefore('kalau ke Surabaya?', ['halo', 'kak'])).toEqual([]);
  });

  it('no longer refers to a question long past', () => {
    const cities = ['Solo', 'Malang', 'Medan'].map((city) => `kalau ke ${city}?`);
    expect(questionsBefore('kalau ke Bali?', ['Ongkir ke Ambon berapa ya?', ...cities])).toEqual([]);
  });
});
