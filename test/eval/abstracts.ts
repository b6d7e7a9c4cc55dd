import MiniSearch from 'minisearch';
import type { EmbeddingModel } from '../../src/contracts/embedding.js';
import { createBuiltinEmbedding } from '../../src/knowledge/index.js';
import { searchIndex } from '../../src/knowledge/search/search-index.js';
import { createAnalyzer } from '../../src/knowledge/search/text/analyzer.js';
import { hasDataSets, loadCranfield, type RetrievalSet } from '../knowledge/search/datasets.js';
import { embedAll, indexOfSet } from '../knowledge/search/set-index.js';

const DEPTH = 50;
const TOP = 10;
type Rank = (query: string, position: number) => readonly number[];

/**
 * Cranfield: nDCG@10 and MAP of search by words, with the built-in word table, and with a model; in percent.
 */
export async function abstractSet(
  model: EmbeddingModel | undefined,
): Promise<Readonly<Record<string, number>>> {
  if (!hasDataSets()) return {};
  const set = loadCranfield();
  const ways: (readonly [string, Rank])[] = [
    ['words', await ourRank(set, undefined)],
    ['builtin', await ourRank(set, createBuiltinEmbedding())],
    ['MiniSearch', miniSearchRank(set)],
  ];
  if (model !== undefined) ways.push(['local model', await ourRank(set, model)]);
  return Object.fromEntries(
    ways.flatMap(([name, rank]) => {
      const { ndcg, map } = quality(set, rank);
      return [
        [`Cranfield, ${name}: nDCG@10`, 100 * ndcg] as const,
        [`Cranfield, ${name}: MAP`, 100 * map] as const,
      ];
    }),
  );
}

async function ourRank(set: RetrievalSet, model: EmbeddingModel | undefined): Promise<Rank> {
  const texts = set.passages.map(({ title, text }) => `${title}\n${text}`);
  const queryTexts = set.queries.map(({ text }) => text);
  const vectors = model && (await embedAll(model, texts, 'passage'));
  const questions = model && (await embedAll(model, queryTexts, 'query'));
  const index = indexOfSet(set.passages, vectors, 'en');
  const analyzer = createAnalyzer({ keepQuestionWords: false });
  return (text, position) => {
    const query = {
      text,
      vector: questions?.[position],
      mode: 'hybrid',
      topK: DEPTH,
      allowed: undefined,
    } as const;
    return searchIndex(index, query, analyzer).map(({ documentId }) => Number(documentId));
  };
}

function miniSearchRank(set: RetrievalSet): Rank {
  const index = new MiniSearch({ fields: ['title', 'text'] });
  index.addAll(set.passages.map((passage, id) => ({ id, ...passage })));
  return (query) =>
    index
      .search(query)
      .map(({ id }) => Number(id))
      .slice(0, DEPTH);
}

function quality({ queries }: RetrievalSet, rank: Rank): { readonly ndcg: number; readonly map: number } {
  let ndcg = 0;
  let map = 0;
  queries.forEach(({ text, relevant }, position) => {
    const order = rank(text, position);
    const discount = (place: number): number => 1 / Math.log2(place + 2);
    const gain = order
      .slice(0, TOP)
      .reduce((sum, id, place) => sum + (relevant.has(id) ? discount(place) : 0), 0);
    const ideal = [...relevant].slice(0, TOP).reduce((sum, _id, place) => sum + discount(place), 0);
    if (ideal > 0) ndcg += gain / ideal;
    let hits = 0;
    const precision = order.reduce(
      (sum, id, place) => (relevant.has(id) ? sum + ++hits / (place + 1) : sum),
      0,
    );
    if (relevant.size > 0) map += precision / relevant.size;
  });
  return { ndcg: ndcg / queries.length, map: map / queries.length };
}
