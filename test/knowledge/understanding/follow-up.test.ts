import { beforeAll, describe, expect, it } from 'vitest';
import type { AnswerIndex } from '../../../src/knowledge/understanding/texts/answer-index.js';
import { questionsBefore } from '../../../src/lib/text/follow-up.js';
import type { Locale } from '../../../src/contracts/message.js';
import { ask, indexOf, saidTo } from './business.js';

const DELIVERIES = [
  'Klaten: Rp 90.000, setengah hari untuk dua sepeda dan dua helm.',
  'Magelang: Rp 110.000, satu hari untuk dua sepeda dan dua helm.',
  'Semarang: Rp 230.000, dua hari untuk dua sepeda dan dua helm.',
  'Purworejo: Rp 150.000, satu hari untuk dua sepeda dan dua helm.',
  'Kebumen: Rp 180.000, satu hari untuk dua sepeda dan dua helm.',
  'Wonosobo: Rp 240.000, dua hari untuk dua sepeda dan dua helm.',
];

/** A cycling club that rents bicycles: no trade that anything was tuned for. */
const CLUB = {
  faq: [
    {
      question: 'Do you deliver bicycles?',
      answer: 'Yes, to hotels in Yogyakarta for Rp40.000, and to Solo for Rp150.000.',
      locale: 'en' as const,
    },
    {
      question: 'Can I rent a helmet?',
      answer: 'Helmets come with every bicycle. A child seat is Rp25.000 a day.',
      locale: 'en' as const,
    },
    { question: 'Bisa sewa mingguan?', answer: 'Bisa, Rp350.000 untuk tujuh hari.' },
    {
      question: 'Kalau bannya bocor?',
      answer: 'Kami tambal gratis di bengkel kami. Di jalan kami datang dalam 45 menit.',
    },
    { question: 'Bayar pakai apa?', answer: 'Tunai atau QRIS.' },
    {
      question: 'Di mana tempatnya?',
      answer: 'Jl. Prawirotaman 9, di belakang pasar. Parkir mobil ada dua.',
    },
    { question: 'Ada tur malam?', answer: 'Ada, setiap Sabtu, mulai jam 7 malam.' },
  ],
  documents: [
    {
      id: 'antar',
      title: 'Antar sepeda',
      text: `# Ongkos antar\n\n${DELIVERIES.join('\n\n')}\n`,
    },
    {
      id: 'sepeda',
      title: 'Harga sewa sepeda',
      isTable: true,
      text: 'Sepeda,Sehari (Rp),Durasi paling lama,Catatan\nOnthel,60000,3 hari,\nSepeda lipat,85000,7 hari,\nSepeda gunung,120000,14 hari,\nTandem,150000,2 hari,untuk dua orang\n',
    },
  ],
};

let index: AnswerIndex;
beforeAll(async () => {
  index = await indexOf(CLUB);
});

/** What is said to a question and then to its follow-up, as the conversation asks them. */
function follow(question: string, next: string, locale: Locale = 'id'): string | readonly string[] {
  const first = ask(index, question, { locale });
  const previous = first.type === 'sure' ? first.answer.reference : undefined;
  const before = questionsBefore(next, [question]);
  return saidTo(ask(index, next, { locale, before, ...(previous === undefined ? {} : { previous }) }));
}

describe('a follow-up to an answer', () => {
  it.each([
    ['do you deliver bicycles?', 'and to Solo?', 'en', 'Solo for Rp150.000'],
    ['can i rent a helmet?', 'what about a child seat?', 'en', 'Rp25.000'],
    ['bisa sewa mingguan?', 'berapa?', 'id', 'Rp350.000'],
    ['bisa sewa mingguan?', 'how much is that?', 'en', 'Rp350.000'],
    ['kalau bannya bocor?', 'berapa lama datangnya?', 'id', '45 menit'],
    ['ada tur malam?', 'sampai jam berapa', 'id', 'jam 7 malam'],
    ['do you deliver bicycles?', 'kalau ke solo?', 'id', 'Solo for Rp150.000'],
  ] as const)('is answered by it if it contains what is new: %j, %j', (question, next, locale, expected) => {
    const said = follow(question, next, locale);
    expect(said).toContain(expected);
    expect(said).not.toContain('only:');
  });

  it.each([
    ['do you deliver bicycles?', 'to Malang too?', 'en', 'Rp40.000'],
    ['bayar pakai apa?', 'kalau pakai cek?', 'id', 'Tunai atau QRIS'],
    ['can i rent a helmet?', 'in pink?', 'en', 'Helmets come with'],
    ['bisa sewa mingguan?', 'kalau 30 hari?', 'id', 'tujuh hari'],
  ] as const)('is told what is known if nothing contains it: %j, %j', (question, next, locale, known) => {
    const said = follow(question, next, locale);
    expect(said).toContain('only:');
    expect(said).toContain(known);
  });

  it.each([
    ['do you deliver bicycles?', 'bayar pakai apa?', 'Tunai atau QRIS'],
    ['bayar pakai apa?', 'sepeda lipat?', 'Sepeda lipat'],
    ['kalau bannya bocor?', 'tur malam?', 'setiap Sabtu'],
  ])('goes elsewhere with a subject of its own: %j, %j', (question, next, expected) => {
    expect(follow(question, next)).toContain(expected);
  });

  it('asks for another row, or another column, of the table just quoted', () => {
    expect(follow('onthel sehari berapa?', 'kalau tandem?')).toContain('150.000');
    expect(follow('tandem berapa?', 'brp lama?')).toContain('2 hari');
  });

  it.each(['kalau Magelang?', 'kalau ke Magelang?'])('asks for the next line of a document: %j', (next) => {
    const said = follow('ongkos antar ke Klaten?', next);
    expect(said).toContain('110.000');
    expect(said).not.toContain('90.000');
  });

  it('is not given an answer about something else', () => {
    expect(follow('di mana tempatnya?', 'wifi?')).toEqual([]);
  });
});
