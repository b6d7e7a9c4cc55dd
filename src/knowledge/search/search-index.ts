import type { SearchHit, SearchMode } from '../../contracts/retriever.js';
import { fuse } from './fuse.js';
import { coverage, highestScore, queryWords, type QueryWord } from './query-words.js';
import type { TenantIndex } from './tenant-index.js';
import type { Analyzer } from './text/analyzer.js';

/** Candidates each half contributes to a fusion. */
const FUSION_DEPTH = 50;

export interface IndexQuery {
  readonly text: string;
  /** From the current model; `undefined` for a keyword search. */
  readonly vector: Float32Array | undefined;
  readonly mode: SearchMode;
  readonly topK: number;
  readonly allowed: Uint8Array | undefined;
}

interface Ranked {
  readonly id: number;
  readonly score: number;
  readonly scores: SearchHit['scores'];
}

/** The best chunks of the index, best first. Synchronous. */
export function searchIndex(index: TenantIndex, query: IndexQuery, analyzer: Analyzer): SearchHit[] {
  const words = queryWords(query.text, index.keywords, analyzer, index.languages);
  return rank(index, words, query).flatMap(({ id, score, scores }) => {
    const chunk = index.chunks[id];
    if (chunk === undefined) return [];
    const { document } = chunk;
    return {
      documentId: document.id,
      chunkId: chunk.id,
      title: document.title,
      text: chunk.text,
      locale: document.locale,
      score,
      scores,
      coverage: coverage(words, index.keywords, id),
    };
  });
}

function rank(index: TenantIndex, words: readonly QueryWord[], query: IndexQuery): Ranked[] {
  const { vector } = query;
  const { vectors } = index;
  if (vector === undefined || vectors === undefined)
    return query.mode === 'semantic' ? [] : byKeyword(index, words, query);
  if (query.mode === 'semantic') return bySemantic(vectors.search(vector, query.topK, query.allowed));
  return byBoth(index, words, query, vector);
}

function byKeyword(index: TenantIndex, words: readonly QueryWord[], query: IndexQuery): Ranked[] {
  const highest = highestScore(words);
  const top = index.keywords.search(termIds(words), query.topK, query.allowed);
  return [...entries(top)].map(({ id, score }) => {
    const keyword = share(score, highest);
    return { id, score: keyword, scores: { keyword } };
  });
}

function bySemantic(top: TopEntries): Ranked[] {
  return [...entries(top)].map(({ id, score }) => {
    const semantic = share(score, 1);
    return { id, score: semantic, scores: { semantic } };
  });
}

/** Takes the best of both halves, scores each candidate exactly with both, then fuses the scores. */
function byBoth(
  index: TenantIndex,
  words: readonly QueryWord[],
  query: IndexQuery,
  vector: Float32Array,
): Ranked[] {
  const depth = Math.max(query.topK, FUSION_DEPTH);
  const terms = termIds(words);
  const highest = highestScore(words);
  const ids = new Set<number>();
  for (const { id } of entries(index.keywords.search(terms, depth, query.allowed))) ids.add(id);
  if (index.vectors !== undefined) {
    for (const { id } of entries(index.vectors.search(vector, depth, query.allowed))) ids.add(id);
  }
  const candidates = new Map(
    [...ids].map((id) => [
      id,
      { id, keyword: index.keywords.score(id, terms), semantic: index.vectors?.similarity(vector, id) },
    ]),
  );
  return fuse([...candidates.values()])
    .slice(0, query.topK)
    .map(({ id, score }) => {
      const raw = candidates.get(id);
      const semantic = raw?.semantic;
      const keyword = share(raw?.keyword ?? 0, highest);
      return {
        id,
        score,
        scores: semantic === undefined ? { keyword } : { keyword, semantic: share(semantic, 1) },
      };
    });
}

interface TopEntries {
  readonly ids: Uint32Array;
  readonly scores: Float32Array;
  readonly size: number;
}

function* entries(top: TopEntries): Generator<{ readonly id: number; readonly score: number }> {
  for (let i = 0; i < top.size; i += 1) yield { id: top.ids[i] ?? 0, score: top.scores[i] ?? 0 };
}

function termIds(words: readonly QueryWord[]): number[] {
  return words.flatMap((word) => [...word.termIds]);
}

function share(part: number, total: number): number {
  return total <= 0 ? 0 : Math.min(1, Math.max(0, part / total));
}
