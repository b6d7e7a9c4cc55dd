import { beforeAll, describe, expect, it } from 'vitest';
import type { AnswerIndex } from '../../../src/knowledge/understanding/texts/answer-index.js';
import { ask, indexOf, saidTo } from './business.js';

/** A list of goods as a shop keeps it: codes first, hardly a name, how many are left. */
const STOCK = {
  documents: [
    {
      id: 'barang',
      title: 'Daftar helm',
      locale: 'id',
      isTable: true,
      text: [
        'Kode,Bahan,Warna,Harga toko,Harga toko daring,Stok',
        'H-11,polikarbonat,hitam; putih,310000,299000,4',
        'H-12,ABS1,merah; hitam,185000,179000,0',
        'H-13,karbon,abu; perak,1250000,1190000,2',
        'H-14,polikarbonat,biru; kuning,305000,295000,9',
      ].join('\n'),
    },
  ],
} as const;

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

describe('a row without a name of its own', () => {
  let index: AnswerIndex;
  beforeAll(async () => {
    index = await indexOf(STOCK);
  });
  const replyTo = (question: string): string => String(saidTo(ask(index, question)));

  it.each(['harga H-12?', 'h12 brp', 'H 12 harganya', 'brp harga h_12 kak'])(
    'is found by its code however it is written: %j',
    (question) => {
      expect(replyTo(question)).toMatch(/^ABS1 — .*Harga toko: 185\.000/);
    },
  );

  it('is called by what tells it from the others, not by a list of colours', () => {
    const choices = saidTo(ask(index, 'harga helm polikarbonat'));
    expect(choices.slice(0, 2)).toEqual(['polikarbonat H-11', 'polikarbonat H-14']);
  });

  it('says how many are left when that is the question', () => {
    expect(replyTo('H-12 masih ada?')).toContain('Stok: 0');
    expect(replyTo('is H-14 still available')).toContain('Stok: 9');
  });

  it('shows the column that is named in full before one that shares a word with it', () => {
    expect(replyTo('harga toko daring H-13')).toMatch(
      /^karbon — Kode: H-13, Harga toko daring: 1\.190\.000, /,
    );
  });
});

describe('a question that does not say which of several tables it means', () => {
  const TOURS = {
    id: 'tur',
    title: 'Harga tur',
    locale: 'id',
    isTable: true,
    text: 'Tur,Harga\nGunung,450000\nPantai,250000\nDesa,300000',
  } as const;
  let index: AnswerIndex;
  beforeAll(async () => {
    index = await indexOf({ documents: [...STOCK.documents, TOURS] });
  });

  it('is met with the tables to choose from', () => {
    expect(saidTo(ask(index, 'yang paling murah apa?'))).toEqual(['Daftar helm', 'Harga tur']);
    expect(String(saidTo(ask(index, 'tur paling murah')))).toMatch(/^Pantai — Harga: 250\.000/);
  });

  it('is not answered with whatever was said last', () => {
    const last = ask(index, 'harga tur gunung');
    const previous = last.type === 'sure' ? last.answer.reference : undefined;
    expect(previous).toBeDefined();
    const follow = { before: ['harga tur gunung'], ...(previous && { previous }) };
    expect(String(saidTo(ask(index, 'yang paling murah apa?', follow)))).toMatch(/^Pantai/);
    expect(String(saidTo(ask(index, 'kalau helm yang termurah?', follow)))).toMatch(
      /^ABS1 — Harga toko: 185\.000/,
    );
  });

  it('lists the prices of the table it names by its title', () => {
    expect(String(saidTo(ask(index, 'harga tur'))).split('\n')).toHaveLength(3);
  });
});

describe('a table that sorts its rows into kinds', () => {
  const BAKERY = {
    faq: [
      { question: 'Ada kelas membuat roti?', answer: 'Ada, setiap Minggu, Rp200.000.' },
      { question: 'Do you bake bread in the morning?', answer: 'Yes, at five.', locale: 'en' },
    ],
    documents: [
      {
        id: 'menu',
        title: 'Menu',
        locale: 'id',
        isTable: true,
        text: [
          'Nama,Jenis,Harga',
          'Sourdough,roti,65000',
          'Baguette,roti,32000',
          'Croissant,kue,28000',
          'Nastar,kue,90000',
          'Bingkisan roti dan selai,hadiah,250000',
          'Kotak kayu,hadiah,40000',
        ].join('\n'),
      },
    ],
  } as const;
  let index: AnswerIndex;
  beforeAll(async () => {
    index = await indexOf(BAKERY);
  });

  it('is asked for the extreme of a kind, not of everything that mentions it', () => {
    expect(String(saidTo(ask(index, 'roti paling mahal apa kak')))).toMatch(/^Sourdough — Harga: 65\.000/);
    expect(String(saidTo(ask(index, 'roti apa aja yg ada kak')))).toMatch(
      /^Sourdough — .+\nBaguette — [^\n]+$/,
    );
  });

  it('is asked rather than an entry that says nothing of the most or the least', () => {
    const finding = ask(index, "what's your cheapest bread?", { locale: 'en' });
    expect(String(saidTo(finding))).toMatch(/^Baguette — Harga: 32\.000/);
  });
});

describe('a table with prices by day', () => {
  it.each([
    ['tiket dewasa hari minggu berapa', /^Dewasa — Sabtu-Minggu: Rp30\.000/],
    ['harga tiket dewasa rabu', /^Dewasa — Senin-Jumat: Rp20\.000/],
    ['tiket dewasa akhir pekan', /^Dewasa — Sabtu-Minggu: Rp30\.000/],
  ])('gives the price of the day that %j names first', async (question, expected) => {
    const text = 'Tiket,Senin-Jumat (Rp),Sabtu-Minggu (Rp)\nDewasa,20000,30000\nAnak,15000,20000';
    const index = await indexOf({
      documents: [{ id: 'tiket', title: 'Harga tiket', locale: 'id', isTable: true, text }],
    });
    expect(String(saidTo(ask(index, question)))).toMatch(expected);
  });
});
