import MiniSearch from 'minisearch';
import { describe, expect, it } from 'vitest';
import type { Locale } from '../../../src/contracts/message.js';
import { Bm25Index } from '../../../src/knowledge/search/bm25-index.js';
import { queryWords } from '../../../src/knowledge/search/query-words.js';
import { createAnalyzer } from '../../../src/knowledge/search/text/analyzer.js';
import { hasDataSets, loadCranfield, loadFacqa, loadXquad, type RetrievalSet } from './datasets.js';

const DEPTH = 10;
type Rank = (query: string) => readonly number[];

function ourRank(set: RetrievalSet, language: Locale): Rank {
  const analyzer = createAnalyzer({ keepQuestionWords: false });
  const index = Bm25Index.build(
    set.passages.map(({ title, text }) => ({
      terms: analyzer.terms(text, language),
      boosted: analyzer.terms(title, language),
    })),
  );
  return (query) => {
    const words = queryWords(query, index, analyzer, [language]);
    const top = index.search(
      words.flatMap(({ termIds }) => [...termIds]),
      DEPTH,
    );
    return [...top.ids.slice(0, top.size)];
  };
}

function miniSearchRank(set: RetrievalSet): Rank {
  const index = new MiniSearch({ fields: ['title', 'text'] });
  index.addAll(set.passages.map((passage, id) => ({ id, ...passage })));
  return (query) =>
    index
      .search(query)
      .slice(0, DEPTH)
      .map(({ id }) => Number(id));
}

/** The share of queries whose first hit is relevant. */
function hitAt1(set: RetrievalSet, rank: Rank): number {
  return mean(set.queries.map(({ text, relevant }) => (relevant.has(rank(text)[0] ?? -1) ? 1 : 0)));
}

/** Normalised discounted cumulative gain of the first ten, with binary relevance. */
function ndcgAt10(set: RetrievalSet, rank: Rank): number {
  return mean(
    set.queries.map(({ text, relevant }) => {
      const gain = rank(text).reduce((sum, id, i) => sum + (relevant.has(id) ? 1 / Math.log2(i + 2) : 0), 0);
      const ideal = [...relevant].slice(0, DEPTH).reduce((sum, _, i) => sum + 1 / Math.log2(i + 2), 0);
      return ideal === 0 ? 0 : gain / ideal;
    }),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function report(name: string, ours: number, rival: number): void {
  process.stdout.write(`${name}: ${ours.toFixed(4)} (MiniSearch ${rival.toFixed(4)})\n`);
}

describe.runIf(hasDataSets())('search quality', { timeout: 180_000 }, () => {
  it('reaches nDCG@10 of .393 on aerodynamics abstracts (Cranfield)', () => {
    const set = loadCranfield();
    const ours = ndcgAt10(set, ourRank(set, 'en'));
    report('Cranfield nDCG@10', ours, ndcgAt10(set, miniSearchRank(set)));
    expect(ours).toBeGreaterThanOrEqual(0.393);
  });

  it('ranks the right English paragraph first at least 94 times in 100 (XQuAD)', () => {
    const set = loadXquad();
    const ours = hitAt1(set, ourRank(set, 'en'));
    report('XQuAD hit@1', ours, hitAt1(set, miniSearchRank(set)));
    expect(ours).toBeGreaterThanOrEqual(0.94);
  });

  it('ranks the right Indonesian news article first more often than MiniSearch (FacQA)', () => {
    const set = loadFacqa();
    const ours = hitAt1(set, ourRank(set, 'id'));
    const rival = hitAt1(set, miniSearchRank(set));
    report('FacQA hit@1', ours, rival);
    expect(ours).toBeGreaterThan(rival);
    expect(ours).toBeGreaterThanOrEqual(0.85);
  });
});
