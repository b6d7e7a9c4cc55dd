import { beforeAll, describe, expect, it } from 'vitest';
import type { AnswerIndex } from '../../../src/knowledge/understanding/texts/answer-index.js';
import { ask, indexOf, saidTo } from './business.js';

/** Camping gear for hire, as its owner would write it. */
const RENTAL = {
  documents: [
    {
      id: 'sewa',
      title: 'Sewa alat kemah',
      locale: 'id',
      isTable: true,
      text: [
        'Alat,Ukuran,Sewa per malam (Rp),Berat',
        'Tenda dome,2 orang,45000,2.4 kg',
        'Tenda dome,4 orang,65000,3.9 kg',
        'Kompor portabel,kecil,12000,0.8 kg',
        'Carrier 60L,L,30000,2.1 kg',
        'Jaket gunung,XL,25000,0.9 kg',
        'Jaket gunung,XXL,27000,1 kg',
        'Sleeping bag,M,115000,1.2 kg',
      ].join('\n'),
    },
    {
      id: 'antar',
      title: 'Ongkos antar',
      locale: 'id',
      isTable: true,
      text: 'Wilayah,Lama\nKota,90 menit\nPinggiran,3 jam\nLuar kota,2 hari',
    },
  ],
} as const;

describe('a question about a whole table', () => {
  let index: AnswerIndex;
  beforeAll(async () => {
    index = await indexOf(RENTAL);
  });
  const replyTo = (question: string): string => String(saidTo(ask(index, question)));

  it('finds the least and the most by number, not by spelling', () => {
    expect(replyTo('yang paling murah apa kak?')).toMatch(/^Kompor portabel — Sewa per malam: Rp12\.000/);
    expect(replyTo("what's the cheapest?")).toMatch(/^Kompor portabel/);
    expect(replyTo("what's the cheapest tent you offer here")).toMatch(/^Tenda dome 2 orang/);
    expect(replyTo('jaket paling murah yang dijual di sini apa')).toMatch(/^Jaket gunung XL/);
    // Compared as text, 65000 would be more than 115000.
    expect(replyTo('sewa termahal yang mana')).toMatch(/^Sleeping bag — Sewa per malam: Rp115\.000/);
    expect(replyTo('the heaviest tent')).toMatch(/^Tenda dome 4 orang — Berat: 3\.9 kg/);
    expect(replyTo('tenda paling murah')).toMatch(/^Tenda dome 2 orang/);
    expect(replyTo('ongkos antar paling cepat ke mana')).toMatch(/^Kota — Lama: 90 menit/);
  });

  it('returns a list when the list is asked for', () => {
    const list = replyTo('minta daftar harga dong');
    expect(list.split('\n')).toHaveLength(7);
    expect(list).toContain('Carrier 60L — Sewa per malam: Rp30.000\n');
    expect(replyTo('price list?').split('\n')).toHaveLength(7);
  });

  it.each([
    'ada jaket apa saja?',
    'jual jaket apa aja kak',
    'what jackets do you have?',
    'which kinds of jackets are there',
  ])('lists all of one kind with their prices: %j', (question) => {
    expect(replyTo(question).split('\n')).toHaveLength(2);
    expect(replyTo(question)).toContain('Jaket gunung XL — ');
    expect(replyTo(question)).toContain('Rp27.000');
  });

  it.each([
    ['jaket apa saja yang boleh dipinjam?', 'Hanya jaket tipis.'],
    ['jaket apa saja?', 'Hanya jaket tipis.'],
  ])('leaves a question about a kind to an entry about it: %j', async (question, answer) => {
    const faq = [
      { question: 'Jaket apa saja yang boleh dipinjam?', answer },
      { question: 'Ada voucher hadiah?', answer: 'Ada, untuk jaket dan tenda.' },
    ];
    const withEntry = await indexOf({ ...RENTAL, faq });
    expect(String(saidTo(ask(withEntry, question)))).toBe(answer);
  });

  it('compares rows side by side', () => {
    const both = replyTo('beda harga carrier sama kompor');
    expect(both).toContain('Rp30.000');
    expect(both).toContain('Rp12.000');
    expect(both.split('\n')).toHaveLength(2);
  });

  it('distinguishes rows with the same name', () => {
    expect(replyTo('ada jaket ukuran XXL?')).toMatch(/Rp27\.000|27000/);
    expect(replyTo('harga tenda 4 orang')).toContain('65.000');
  });

  it('is not answered about things that the table does not contain', () => {
    expect(ask(index, 'sepatu paling murah').type).not.toBe('sure');
    expect(ask(index, 'daftar harga perahu').type).not.toBe('sure');
    expect(ask(index, 'perahu apa saja yang ada?').type).not.toBe('sure');
  });
});
