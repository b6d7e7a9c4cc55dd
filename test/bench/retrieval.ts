import MiniSearch from 'minisearch';
import { Bm25Index } from '../../src/knowledge/search/bm25-index.js';
import { queryWords } from '../../src/knowledge/search/query-words.js';
import { createAnalyzer } from '../../src/knowledge/search/text/analyzer.js';
import { turnWithKnowledgeBench } from './turn/with-knowledge.js';
import { hasDataSets, loadCranfield, loadXquad, type RetrievalSet } from '../knowledge/search/datasets.js';

const ROUNDS = 9;
const TOP_K = 10;
/** Long enough to measure, short enough that both rivals see the same machine. */
const ROUND_MS = 200;

type Search = (query: string) => unknown;

/**
 * Keyword search: queries per second against MiniSearch, in interleaved rounds; then whole turns that search
 * 10,000 passages.
 */
export async function retrievalBench(): Promise<void> {
  if (!hasDataSets()) return;
  compare('Cranfield', loadCranfield());
  compare('XQuAD', loadXquad());
  await turnWithKnowledgeBench();
}

function compare(name: string, set: RetrievalSet): void {
  const ours = ourSearch(set);
  const rival = miniSearch(set);
  const queries = set.queries.map(({ text }) => text);
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const rate = perSecond(ours, queries);
    const ratio = rate / perSecond(rival, queries);
    // The first round only warms up.
    if (round < 0) continue;
    rates.push(rate);
    ratios.push(ratio);
  }
  const sorted = ratios.toSorted((a, b) => a - b);
  console.log(
    `retrieval, ${name}: ${median(ratios).toFixed(0)}x MiniSearch ` +
      `(${(sorted[0] ?? 0).toFixed(0)} to ${(sorted.at(-1) ?? 0).toFixed(0)}), ${median(rates).toFixed(0)} queries/s`,
  );
}

function ourSearch(set: RetrievalSet): Search {
  const analyzer = createAnalyzer({ keepQuestionWords: false });
  const index = Bm25Index.build(
    set.passages.map(({ title, text }) => ({
      terms: analyzer.terms(text, 'en'),
      boosted: analyzer.terms(title, 'en'),
    })),
  );
  return (query) => {
    const words = queryWords(query, index, analyzer, ['en']);
    return index.search(
      words.flatMap(({ termIds }) => [...termIds]),
      TOP_K,
    );
  };
}

function miniSearch(set: RetrievalSet): Search {
  const index = new MiniSearch({ fields: ['title', 'text'] });
  index.addAll(set.passages.map((passage, id) => ({ id, ...passage })));
  return (query) => index.search(query).slice(0, TOP_K);
}

function perSecond(search: Search, queries: readonly string[]): number {
  const started = performance.now();
  let done = 0;
  let elapsed = 0;
  while (elapsed < ROUND_MS) {
    // Read the clock once per 20 queries, not for each.
    for (let i = 0; i < 20; i += 1) search(queries[(done + i) % queries.length] ?? '');
    done += 20;
    elapsed = performance.now() - started;
  }
  return (done / elapsed) * 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
