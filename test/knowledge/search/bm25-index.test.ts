import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bm25Index } from '../../../src/knowledge/search/bm25-index.js';
import { coverage, queryWords } from '../../../src/knowledge/search/query-words.js';
import { createAnalyzer } from '../../../src/knowledge/search/text/analyzer.js';

const OPTIONS = { k1: 1.2, b: 0.5, boost: 2 };

/** The formula term by term, as in textbooks. */
function plainBm25(
  texts: readonly (readonly string[])[],
  query: readonly string[],
  document: number,
): number {
  const { k1, b } = OPTIONS;
  const mean = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  const own = texts[document] ?? [];
  return query.reduce((sum, term) => {
    const matches = texts.filter((text) => text.includes(term)).length;
    const frequency = own.filter((other) => other === term).length;
    const idf = Math.log(1 + (texts.length - matches + 0.5) / (matches + 0.5));
    return sum + (idf * frequency) / (frequency + k1 * (1 - b + (b * own.length) / Math.max(1, mean)));
  }, 0);
}

const word = fc.constantFrom('batik', 'kopi', 'toko', 'buka', 'kirim', 'harga', 'baru');
const texts = fc.array(fc.array(word, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 20 });

describe('the BM25 index', () => {
  it('scores by the BM25 formula, whatever its internal layout', () => {
    fc.assert(
      fc.property(texts, fc.uniqueArray(word, { minLength: 1 }), (all, query) => {
        const index = Bm25Index.build(
          all.map((terms) => ({ terms, boosted: [] })),
          OPTIONS,
        );
        const ids = query.flatMap((term) => index.termId(term) ?? []);
        const top = index.search(ids, 50);
        for (let i = 0; i < top.size; i += 1) {
          const document = top.ids[i] ?? -1;
          expect(top.scores[i]).toBeCloseTo(plainBm25(all, query, document), 4);
          expect(index.score(document, ids)).toBeCloseTo(top.scores[i] ?? 0, 4);
          if (i > 0) expect(top.scores[i]).toBeLessThanOrEqual(top.scores[i - 1] ?? 0);
        }
        expect(top.size).toBe(all.filter((terms) => query.some((term) => terms.includes(term))).length);
      }),
    );
  });

  it('returns the first K of the full ranking, unaffected by earlier searches', () => {
    fc.assert(
      fc.property(
        texts,
        fc.uniqueArray(word, { minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        (all, query, k) => {
          const index = Bm25Index.build(
            all.map((terms) => ({ terms, boosted: [] })),
            OPTIONS,
          );
          const ids = query.flatMap((term) => index.termId(term) ?? []);
          const whole = [...index.search(ids, 50).ids.slice(0, Math.min(k, index.search(ids, 50).size))];
          const top = index.search(ids, k);
          expect([...top.ids.slice(0, top.size)]).toEqual(whole);
        },
      ),
    );
  });

  it('weighs a word in the title more than one in the text', () => {
    const index = Bm25Index.build([
      { terms: ['retur', 'kain', 'satu'], boosted: ['batik'] },
      { terms: ['retur', 'kain', 'batik'], boosted: ['satu'] },
    ]);
    expect(index.search([index.termId('batik') ?? -1], 1).ids[0]).toBe(0);
  });

  it('returns only allowed documents', () => {
    const index = Bm25Index.build([
      { terms: ['kopi', 'kopi'], boosted: [] },
      { terms: ['kopi'], boosted: [] },
    ]);
    const top = index.search([index.termId('kopi') ?? -1], 5, Uint8Array.of(0, 1));
    expect([top.size, top.ids[0]]).toEqual([1, 1]);
  });

  it('returns nothing when it is empty', () => {
    expect(Bm25Index.build([]).search([0], 5).size).toBe(0);
  });
});

describe('coverage', () => {
  const analyzer = createAnalyzer({ keepQuestionWords: false });
  const index = Bm25Index.build(
    ['kopi arabika temanggung', 'kain batik tulis', 'opening hours of the shop'].map((text, i) => ({
      terms: analyzer.terms(text, i === 2 ? 'en' : 'id'),
      boosted: [],
    })),
  );
  const covered = (query: string, document: number): number =>
    coverage(queryWords(query, index, analyzer, ['en', 'id']), index, document);

  it('is 1 if every content word occurs, and drops with each missing one', () => {
    expect(covered('arabika temanggung ya kak?', 0)).toBe(1);
    expect(covered('what are the opening hours?', 2)).toBe(1);
    expect(covered('arabika vietnam', 0)).toBeLessThan(0.5);
    expect(covered('arabika vietnam', 0)).toBeGreaterThan(0.3);
    expect(covered('batik', 0)).toBe(0);
  });

  it('is 0 for a question without words', () => {
    expect(covered('', 0)).toBe(0);
    expect(covered('yang di ke dari', 0)).toBe(0);
  });
});
