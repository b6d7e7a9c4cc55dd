import { describe, expect, it } from 'vitest';
import type { SmallTalk } from '../../src/conversation/small-talk/phrases.js';
import { smallTalkIn, withoutCourtesies } from '../../src/conversation/small-talk/small-talk.js';
import { demoQuestions } from '../fixtures/demo-questions.js';
import { SHOP_FAQ, SHOP_UNANSWERABLE } from '../knowledge/faq/shop-faq.js';

const MESSAGES: Record<SmallTalk, readonly string[]> = {
  greeting: [
    'halo',
    'Haloooo kak!',
    'hi',
    'Hello there',
    'selamat pagi',
    'Selamat sore min',
    'pagi',
    'P',
    'assalamualaikum',
    'Assalamu’alaikum kak',
    'kak',
    'min?',
    'permisi, mau tanya kak',
    'good morning',
    'hey, how are you?',
    '👋',
    'hai semuanya',
    '@toko_bot',
    ' @6281100000001, ',
  ],
  thanks: [
    'thanks',
    'thank you so much!',
    'makasih ya',
    'Makasiiih banyak kak',
    'terima kasih',
    'Terima kasih banyak atas infonya ya kak',
    'ok makasih',
    'oke sip, makasih kak 🙏',
    'tq',
    'no, thanks',
    'matur nuwun',
    '🙏🙏',
    'thx bye',
  ],
  farewell: [
    'bye',
    'dadah',
    'sampai jumpa lagi kak',
    'ok bye',
    'see you!',
    "that's all",
    'itu saja kak',
    'have a nice day',
  ],
  acknowledgement: [
    'ok',
    'Okeee',
    'oke kak',
    'sip',
    'siap kak',
    'baik',
    'got it',
    'oh gitu',
    'noted ya',
    '👍',
    'wkwkwk',
    'great',
  ],
};

const QUESTIONS = [
  'halo kak, jam buka?',
  'hi, how much is shipping?',
  'ok, berapa harganya?',
  'terima kasih sudah dikirim, kapan sampai?',
  'terima pesanan?',
  'pagi buka jam berapa?',
  'malam buka?',
  'good price?',
  'makasih, alamatnya mana?',
  'siap antar?',
  'baik untuk kulit?',
  'kasih diskon dong',
  'batik',
  'cod',
  'help',
  'info',
  'sampai jam berapa',
  'berapa',
  '12',
  '?',
  '',
];

describe('a message without a question', () => {
  for (const [kind, texts] of Object.entries(MESSAGES)) {
    it.each(texts)(`is recognised as ${kind}: %s`, (text) => {
      expect(smallTalkIn(text)).toBe(kind);
    });
  }

  it('is never mistaken for a customer’s question', () => {
    const questions = [
      ...QUESTIONS,
      ...demoQuestions.answerable.map(({ question }) => question),
      ...demoQuestions.unanswerable.map(({ question }) => question),
      ...SHOP_FAQ.flatMap((entry) => [entry.question, ...entry.asked]),
      ...SHOP_UNANSWERABLE,
    ];
    expect(questions.filter((text) => smallTalkIn(text) !== undefined)).toEqual([]);
  });
});

describe('a question with a courtesy before it', () => {
  it.each([
    ['halo kak, jam buka?', 'jam buka?'],
    ['Selamat pagi min, ongkir ke Solo berapa?', 'ongkir ke Solo berapa?'],
    ['Assalamu’alaikum wr wb. Permisi, mau tanya kak: bisa COD?', 'bisa COD?'],
    ['hi there! are you open on Mondays?', 'are you open on Mondays?'],
    ['pagi kak buka jam berapa', 'buka jam berapa'],
    ['Halo\nada batik tulis?', 'ada batik tulis?'],
    ['oke makasih, jam buka besok?', 'jam buka besok?'],
    ['ok kak. senin depan buka?', 'senin depan buka?'],
    ['thanks 🙏 and to Bandung?', 'and to Bandung?'],
    ['Great, thank you! Do you gift-wrap?', 'Do you gift-wrap?'],
  ])('is looked up without it: %j', (text, question) => {
    expect(withoutCourtesies(text)).toBe(question);
  });

  it.each([
    'pagi buka jam berapa?',
    'malam minggu buka?',
    'min order berapa?',
    'halo',
    'bukanya jam berapa, halo?',
    'good coffee?',
    'makasih banyak infonya kak',
    'ok google?',
    '',
  ])('keeps words that only look like one: %j', (text) => {
    expect(withoutCourtesies(text)).toBe(text);
  });
});
