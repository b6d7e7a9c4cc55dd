import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FaqEntry } from '../../../src/contracts/knowledge.js';
import type { Locale } from '../../../src/contracts/message.js';
import { FAQ_THRESHOLD } from '../../../src/knowledge/faq/calibration.js';
import { parseFaqCsv } from '../../../src/knowledge/faq/faq-csv.js';
import { FaqIndex } from '../../../src/knowledge/faq/faq-index.js';
import { buildFaqIndexes, matchFaq, type FaqIndexes } from '../../../src/knowledge/faq/match-faq.js';
import { createAnalyzer } from '../../../src/knowledge/search/text/analyzer.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import { hasDataSets, loadClinc, loadNaughtyStrings, loadStackFaq } from '../search/datasets.js';
import { SHOP_FAQ, SHOP_UNANSWERABLE } from './shop-faq.js';

const AT = new Date(1_700_000_000_000);
const analyzer = createAnalyzer({ keepQuestionWords: true });

function entry(id: string, text: Pick<FaqEntry, 'question' | 'answer' | 'locale'>): FaqEntry {
  return { ...text, id, createdAt: AT, updatedAt: AT };
}

/** Question of the entry that is sent as the answer, if any is. */
function answeredBy(indexes: FaqIndexes, question: string, locale: Locale): string | undefined {
  const best = matchFaq(indexes, question, locale);
  return best !== undefined && best.score >= FAQ_THRESHOLD ? best.entry.question : undefined;
}

describe('a shop whose customers write as people chat', () => {
  const indexes = buildFaqIndexes(
    SHOP_FAQ.map(({ question, answer }) => entry(question, { question, answer, locale: 'id' })),
    analyzer,
  );
  const asked = SHOP_FAQ.flatMap(({ question, asked: texts }) => texts.map((text) => ({ text, question })));

  it('is answered from its own entries nine times in ten, and wrongly at most once in a hundred', () => {
    const answers = asked.map(({ text, question }) => ({
      right: question,
      given: answeredBy(indexes, text, 'id'),
    }));
    const right = answers.filter(({ right: wanted, given }) => given === wanted).length;
    const wrong = answers.filter(
      ({ right: wanted, given }) => given !== undefined && given !== wanted,
    ).length;
    process.stdout.write(`shop: ${right} of ${asked.length} right, ${wrong} wrong\n`);
    expect(right / asked.length).toBeGreaterThanOrEqual(0.9);
    expect(wrong / asked.length).toBeLessThanOrEqual(0.01);
  });

  it('gets no answer to what none of its entries answers', () => {
    expect(SHOP_UNANSWERABLE.filter((text) => answeredBy(indexes, text, 'id') !== undefined)).toEqual([]);
  });

  it('knows the entry itself, whatever its case and punctuation', () => {
    for (const { question } of SHOP_FAQ) {
      const best = matchFaq(indexes, ` ${question.toUpperCase().replace('?', ' !! ')}`, 'id');
      expect(best).toMatchObject({ score: 1, exact: true, entry: { question } });
    }
  });
});

describe('the sample business, which speaks two languages', () => {
  const rows = parseFaqCsv(readFileSync(join(projectRoot, 'src/seed/demo/faq.csv')), 'id');
  const indexes = buildFaqIndexes(
    rows.map((row, i) => entry(String(i), row)),
    analyzer,
  );

  it.each([
    ['jam buka toko?', 'id', 'Jam buka toko kapan saja?'],
    ['buka jam brp kak', 'id', 'Jam buka toko kapan saja?'],
    ['what time do you open?', 'en', 'What are your opening hours?'],
    ['alamatnya dmn', 'id', 'Di mana alamat tokonya?'],
    ['bisa bayar di tempat gak?', 'id', 'Apakah bisa bayar di tempat (COD)?'],
    ['can i pay cash on delivery?', 'en', 'Do you offer cash on delivery (COD)?'],
    ['kopinya halal?', 'id', 'Apakah kopi dan makanannya halal?'],
    ['what are your opening hours?', 'id', 'What are your opening hours?'],
  ] as const)('answers %j (%s)', (question, locale, wanted) => {
    expect(answeredBy(indexes, question, locale)).toBe(wanted);
  });

  it.each([
    ['do you ship to Bandung?', 'en'],
    ['berapa ongkir ke bandung?', 'id'],
    ['berapa harga kemeja batik?', 'id'],
    ['who is the president?', 'en'],
    ['do you sell cars?', 'en'],
    ['promo', 'id'],
    ['halo', 'id'],
    ['hello', 'en'],
    // Each has much in common with an entry, and asks for something else of it.
    ['bisa tukar batik custom?', 'id'],
    ['berapa harga batik custom?', 'id'],
    ['bisa dikirim hari minggu?', 'id'],
    ['apakah kelas batik bisa refund?', 'id'],
    ['ada parkir untuk kelas membatik?', 'id'],
    ['bisa cicil untuk kelas batik?', 'id'],
    ['can I return a custom order?', 'en'],
  ] as const)('leaves %j (%s) to its documents', (question, locale) => {
    expect(answeredBy(indexes, question, locale)).toBeUndefined();
  });
});

describe('languages', () => {
  const bilingual = (id: string, en: string): FaqIndexes =>
    buildFaqIndexes(
      [
        entry('id', { question: id, answer: 'Jawaban', locale: 'id' }),
        entry('en', { question: en, answer: 'Answer', locale: 'en' }),
        entry('other', { question: 'Apakah ada parkir?', answer: 'Ada', locale: 'id' }),
        entry('another', { question: 'Is there parking?', answer: 'Yes', locale: 'en' }),
      ],
      analyzer,
    );

  it('an entry in the language of the question comes before one in another', () => {
    const indexes = bilingual('Promo voucher Ramadan?', 'promo voucher ramadan');
    expect(answeredBy(indexes, 'promo voucher ramadan', 'id')).toBe('Promo voucher Ramadan?');
    expect(answeredBy(indexes, 'promo voucher ramadan', 'en')).toBe('promo voucher ramadan');
  });

  it('one word that happens to be an entry of another language is no answer', () => {
    expect(answeredBy(bilingual('Kapan buka?', 'Air'), 'air', 'id')).toBeUndefined();
  });

  it('of two entries with the same words the newer one answers', () => {
    const older = entry('old', { question: 'Ada wifi?', answer: 'Tidak', locale: 'id' });
    const newer = { ...older, id: 'new', answer: 'Ada', updatedAt: new Date(AT.getTime() + 1) };
    for (const entries of [
      [older, newer],
      [newer, older],
    ]) {
      expect(matchFaq(buildFaqIndexes(entries, analyzer), 'ada WIFI', 'id')?.entry.id).toBe('new');
    }
  });
});

describe.runIf(hasDataSets())('on public questions', () => {
  // Read also when all of this is skipped, so only where they are.
  const { pairs, queries } = hasDataSets() ? loadStackFaq() : { pairs: [], queries: [] };

  it('ranks the pairs of StackFAQ with a mean average precision of at least .75', () => {
    const index = new FaqIndex(
      pairs.map(({ question, answer }, i) => entry(String(i), { question, answer, locale: 'en' })),
      'en',
      analyzer,
    );
    const threadSizes = new Map<number, number>();
    for (const { thread } of pairs) threadSizes.set(thread, (threadSizes.get(thread) ?? 0) + 1);
    const precisions = queries.map(({ text, thread }) => {
      let found = 0;
      let sum = 0;
      index.rank(text).forEach((position, i) => {
        if (pairs[position]?.thread !== thread) return;
        found += 1;
        sum += found / (i + 1);
      });
      return sum / (threadSizes.get(thread) ?? 1);
    });
    const map = precisions.reduce((sum, value) => sum + value, 0) / precisions.length;
    process.stdout.write(`StackFAQ MAP: ${map.toFixed(4)} over ${queries.length} questions (BM25 .665)\n`);
    expect(map).toBeGreaterThanOrEqual(0.75);
  });

  it('refuses 95 of 100 questions whose entry was taken out, and 99 of 100 that are out of scope', () => {
    const firsts = pairs.filter(({ thread }, i) => pairs.findIndex((other) => other.thread === thread) === i);
    let letThrough = 0;
    let strangers = 0;
    const outOfScope = loadClinc().oos_test;
    for (const half of [0, 1]) {
      const kept = firsts.filter(({ thread }) => thread % 2 === half);
      const indexes = buildFaqIndexes(
        kept.map(({ question, answer, thread }) => entry(String(thread), { question, answer, locale: 'en' })),
        analyzer,
      );
      const removed = queries.filter(({ thread }) => thread % 2 !== half);
      letThrough += removed.filter(({ text }) => answeredBy(indexes, text, 'en') !== undefined).length;
      strangers += outOfScope.filter(([text]) => answeredBy(indexes, text, 'en') !== undefined).length;
    }
    process.stdout.write(`StackFAQ without the entry: ${letThrough} of ${queries.length} answered\n`);
    expect(letThrough / queries.length).toBeLessThanOrEqual(0.05);
    expect(strangers / (2 * outOfScope.length)).toBeLessThanOrEqual(0.01);
  });

  it('survives strings that break programs, as questions and as entries', () => {
    const strings = loadNaughtyStrings();
    const indexes = buildFaqIndexes(
      strings.map((text, i) =>
        entry(String(i), { question: text, answer: text, locale: i % 2 === 0 ? 'en' : 'id' }),
      ),
      analyzer,
    );
    for (const text of [...strings, 'a'.repeat(100_000), 'kata '.repeat(20_000)]) {
      const score = matchFaq(indexes, text, 'id')?.score ?? 0;
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  });
});
