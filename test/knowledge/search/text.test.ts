import { describe, expect, it } from 'vitest';
import { createAnalyzer } from '../../../src/knowledge/search/text/analyzer.js';
import { writtenForm } from '../../../src/knowledge/search/text/chat-forms.js';
import { guessLanguage } from '../../../src/knowledge/search/text/guess-language.js';
import { stemIndonesian } from '../../../src/knowledge/search/text/indonesian-stemmer.js';
import { tokenize } from '../../../src/knowledge/search/text/tokenize.js';
import { hasDataSets, loadNaughtyStrings } from './datasets.js';

describe('tokenization', () => {
  it.each([
    ['Harga 75.000 atau 75,000?', ['harga', '75000', 'atau', '75000']],
    ['Rp75.000', ['75000']],
    ['SKU-12 dan sku12', ['sku12', 'sku', '12', 'dan', 'sku12']],
    ['paket 5g', ['paket', '5g']],
    ['Medan-Jakarta 26/8', ['medan', 'jakarta', '26', '8']],
    ['Café CAFÉ ｃａｆｅ', ['cafe', 'cafe', 'cafe']],
    ["the shop's hours, don't", ['the', 'shop', 'hours', 'dont']],
    ['東京都', ['東京', '京都']],
    ['?!… 🙂', []],
  ])('finds in %j the words, numbers and codes that a person would name', (text, tokens) => {
    expect(tokenize(text)).toEqual(tokens);
  });

  it('survives naughty strings', () => {
    if (!hasDataSets()) return;
    for (const text of loadNaughtyStrings()) {
      for (const token of tokenize(text)) expect(token).not.toBe('');
    }
  });
});

describe('Indonesian words', () => {
  it.each([
    ['kirim', ['mengirim', 'dikirim', 'pengiriman', 'kirimkan', 'ngirim', 'kirimin', 'kiriman']],
    ['bayar', ['membayar', 'dibayar', 'pembayaran', 'bayarnya', 'bayarin']],
    ['tukar', ['menukar', 'ditukar', 'penukaran', 'nukar']],
    ['kembali', ['pengembalian', 'dikembalikan', 'mengembalikan', 'kembalikan']],
    ['pesan', ['memesan', 'pesanan', 'dipesan', 'pemesanan']],
    ['simpan', ['menyimpan', 'penyimpanan', 'disimpan']],
    ['lambat', ['terlambat', 'keterlambatan']],
    ['cuci', ['mencuci', 'nyuci', 'dicuci', 'pencucian']],
    ['jam', ['jamnya', 'jamkah']],
  ])('share the root "%s"', (root, words) => {
    expect(words.map(stemIndonesian)).toEqual(words.map(() => root));
  });

  it.each(['toko', 'harga', 'berapa', 'ongkir', 'berat', 'kembali', 'menit', 'selasa'])(
    'keep "%s", which only looks as if it had an affix',
    (word) => {
      expect(stemIndonesian(word)).toBe(word);
    },
  );

  it.each([
    ['kemeja', 'meja'],
    ['keranjang', 'ranjang'],
    ['nasi', 'tas'],
    ['permata', 'mata'],
    ['kemangi', 'mangi'],
  ])('are kept apart if they only look related: "%s" is not "%s"', (word, other) => {
    expect(stemIndonesian(word)).not.toBe(stemIndonesian(other));
    expect(stemIndonesian(`${word}nya`)).toBe(word);
  });

  it.each([
    'celana sepatu sandal kerudung mukena selimut bantal sarung kacamata kebaya selendang jilbab jaket',
    'lemari tirai seprai keramik kelambu baterai peniti berlian mentega kedelai kepiting keripik ketumbar',
  ])('keep the names of goods whole: %s', (goods) => {
    expect(goods.split(' ').map(stemIndonesian)).toEqual(goods.split(' '));
  });

  it.each([
    ['alat', 'peralatan'],
    ['hias', 'perhiasan'],
    ['makan', 'makanan'],
    ['minum', 'minuman'],
    ['garis', 'penggaris'],
  ])('find the root "%s" in "%s"', (root, word) => {
    expect(stemIndonesian(word)).toBe(root);
  });

  it('are understood in chat spelling', () => {
    const typed = ['brp', 'gmn', 'nggak', 'bs', 'hrg', 'ongkir', '75rb', '2jt', 'berapaaaa'];
    expect(typed.map(writtenForm)).toEqual([
      'berapa',
      'bagaimana',
      'tidak',
      'bisa',
      'harga',
      'ongkir',
      '75000',
      '2000000',
      'berapa',
    ]);
  });
});

describe('search terms', () => {
  const analyzer = createAnalyzer({ keepQuestionWords: false });

  it('leave out words without meaning of their own, chat particles included', () => {
    expect(analyzer.terms('kak, ini ongkirnya brp ya ke Bandung?', 'id')).toEqual(['ongkir', 'bandung']);
    expect(analyzer.terms('How much is the shipping to Bandung?', 'en')).toEqual(['much', 'ship', 'bandung']);
  });

  it('keep question words when two questions are compared', () => {
    const comparing = createAnalyzer({ keepQuestionWords: true });
    expect(comparing.terms('kapan toko buka', 'id')).not.toEqual(comparing.terms('berapa toko buka', 'id'));
  });

  it('are cut to a limit, so that a megabyte without spaces is one short term', () => {
    const [term, ...others] = analyzer.terms('a'.repeat(1_000_000), 'en');
    expect(term?.length).toBeLessThanOrEqual(64);
    expect(others).toEqual([]);
  });
});

it('a language is recognised by its function words, and is English without any', () => {
  expect(guessLanguage('Barang bisa diretur dalam 14 hari sejak diterima.')).toBe('id');
  expect(guessLanguage('Items can be returned within 14 days of receipt.')).toBe('en');
  expect(guessLanguage('Kawung 240 x 105')).toBe('en');
});
