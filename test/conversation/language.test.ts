import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Locale } from '../../src/contracts/message.js';
import { languageOf, turnLocale, type LanguageSigns } from '../../src/conversation/language.js';
import { hasDataSets, loadClinc, loadFacqa, loadXquad } from '../knowledge/search/datasets.js';
import { createI18n } from '../../src/i18n/index.js';
import { projectRoot } from '../../src/lib/project-root.js';

/** First messages people write in a chat, by their language; `none` if they do not indicate any. */
const MESSAGES: Record<Locale | 'none', readonly string[]> = {
  id: [
    'halo',
    'selamat pagi',
    'kak',
    'min',
    'makasih ya',
    'mksh kak',
    'sip, makasih',
    'brp?',
    'hrg brp kak',
    'no wa admin brp?',
    'stock baru kpn?',
    'kode voucernya dimasukin dimana?',
    'ready ga?',
    'ready gan?',
    'msh ada?',
    'bisa cod?',
    'ongkir ke bandung',
    'order dong',
    'mau order yang size M',
    'size L warna navy ada?',
    'gmn cara returnya',
    'blm sampe2 nih paketnya',
    'udh transfer ya',
    'tf kemana?',
    'dmn lokasinya',
    'jam brp tutup',
    'gabisa checkout',
    'ga bisa login',
    'tokonya dimana',
    'minggu buka?',
    'kopi susu gula aren berapaan',
    'besok buka gak',
    'kain batiknya dicuci pake apa',
    'pesanan saya belum datang',
    'harganya bisa nego?',
    'diskon berapa persen',
    'alamat',
    'ongkirnya mahal amat',
    'bisa kirim hari ini?',
    'saya mau return barang',
    'wkwk oke deh',
    'please dong kak cepet',
    'thank you kak, kapan dikirim?',
    'assalamualaikum',
    'gw mau beli 2',
    'lu jual apa aja',
    'bang, cekin resi dong',
    'pengiriman pakai JNE?',
    'Lho kok salah warna',
  ],
  en: [
    'hi',
    'hello there',
    'thanks',
    'thx a lot',
    'good morning',
    'price?',
    'how much',
    'how much is shipping to Bandung?',
    'do u ship to Bali',
    'r u open now',
    'opening hours',
    'are you open on Sunday?',
    'where are u located',
    'can i pay cod',
    'is it available',
    'still in stock?',
    'any discount?',
    'pls help',
    'refund please',
    'I want to return my order',
    "where's my package",
    'my order has not arrived',
    'what size is this kebaya?',
    'wanna buy 2 batik shirts',
    'thanks, when will it ship to Yogyakarta?',
    'do you accept QRIS?',
    'do you sell sarung and mukena',
    'no thanks',
    'is the toko at Jalan Malioboro open today?',
    'gimme the address',
  ],
  none: [
    'ok',
    '👍',
    '🙏🙏',
    'Budi',
    'Siti Rahma',
    '081234567890',
    '2',
    'SKU-12',
    '???',
    'JNE',
    'XL',
    'Yogyakarta',
    'cod',
    'x',
  ],
};

describe('the language of short chat messages', () => {
  const cases = Object.entries(MESSAGES).flatMap(([language, texts]) =>
    texts.map((text) => ({ text, wanted: language === 'none' ? undefined : language })),
  );

  it(`is detected correctly in at least 95 % of ${cases.length} messages`, () => {
    const wrong = cases.filter(({ text, wanted }) => languageOf(text) !== wanted);
    process.stdout.write(`language: ${JSON.stringify(wrong.map(({ text }) => text))} wrong\n`);
    expect(wrong.length / cases.length).toBeLessThanOrEqual(0.05);
  });

  it('does not depend on case', () => {
    for (const { text } of cases)
      expect([text, languageOf(text.toUpperCase())]).toEqual([text, languageOf(text)]);
  });
});

describe('the language of a turn', () => {
  const i18n = createI18n({ folder: join(projectRoot, 'locales') });
  const signs: LanguageSigns = {
    text: '👍',
    preferred: undefined,
    requested: undefined,
    previous: undefined,
    languageTag: undefined,
    fallback: 'en',
  };

  it.each<[string, Partial<LanguageSigns>, Locale]>([
    [
      'is the chosen one, whatever is written',
      { preferred: 'id', text: 'how much is it?', previous: 'en' },
      'id',
    ],
    [
      'is that of the message, whatever came before',
      { text: 'berapa harganya?', previous: 'en', languageTag: 'en' },
      'id',
    ],
    [
      'is the requested one, whatever came before',
      { requested: 'id', previous: 'en', languageTag: 'en' },
      'id',
    ],
    ['is that of the message, whatever was requested', { text: 'berapa harganya?', requested: 'en' }, 'id'],
    ['stays the same if only a courtesy is in the other', { text: 'thank you!', previous: 'id' }, 'id'],
    ['stays the same if a single word is in the other', { text: 'diskon?', previous: 'en' }, 'en'],
    ['stays the same if a short message mixes both', { text: 'size M ready ga', previous: 'en' }, 'en'],
    ['changes if a short message is entirely in the other', { text: 'ongkir bandung', previous: 'en' }, 'id'],
    ['stays the same if the text gives no sign', { previous: 'id', languageTag: 'en-US' }, 'id'],
    ['is that of the platform if nothing came before', { languageTag: 'id-ID' }, 'id'],
    ['is that of the business if the platform’s is unsupported', { languageTag: 'de', fallback: 'id' }, 'id'],
  ])('%s', (_name, some, expected) => {
    expect(turnLocale({ ...signs, ...some }, i18n)).toBe(expected);
  });
});

/** Three words of questions not written for this test: as little as a chat message often has. */
describe.skipIf(!hasDataSets())('the language of three-word messages', () => {
  const words = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}-]+/gu) ?? [];
  const firstWords = (texts: readonly string[]): readonly string[] =>
    texts.map((text) => words(text).slice(0, 3).join(' '));
  const lastWords = (texts: readonly string[]): readonly string[] =>
    texts.map((text) => words(text).slice(-3).join(' '));
  const rate = (texts: readonly string[], language: Locale | undefined): number =>
    texts.filter((text) => languageOf(text) === language).length / texts.length;

  it('is right or left open, and rarely wrong, in both languages', () => {
    const id = loadFacqa().queries.map(({ text }) => text);
    const en = loadXquad().queries.map(({ text }) => text);
    const commands = loadClinc()
      .test.map(([text]) => text)
      .filter((text) => words(text).length <= 4);
    const figures = {
      'facqa first': [rate(firstWords(id), 'id'), rate(firstWords(id), 'en')],
      'facqa last': [rate(lastWords(id), 'id'), rate(lastWords(id), 'en')],
      'xquad first': [rate(firstWords(en), 'en'), rate(firstWords(en), 'id')],
      'xquad last': [rate(lastWords(en), 'en'), rate(lastWords(en), 'id')],
      clinc: [rate(commands, 'en'), rate(commands, 'id')],
    } satisfies Record<string, readonly [number, number]>;
    process.stdout.write(`language, right and wrong: ${JSON.stringify(figures)}\n`);
    expect(figures['facqa first'][0]).toBeGreaterThan(0.98);
    expect(figures['facqa last'][1]).toBeLessThan(0.07);
    expect(figures['xquad first'][0]).toBeGreaterThan(0.98);
    expect(figures['xquad last'][1]).toBeLessThan(0.02);
    expect(figures.clinc[0]).toBeGreaterThan(0.9);
  });
});
