import { z } from 'zod';
import type { Document } from 'mongodb';
import { LOCALES } from '../../../contracts/message.js';
import type { SearchHit, SearchMode } from '../../../contracts/retriever.js';
import { fuse } from '../fuse.js';
import { HEAD_BOOST } from './pipelines.js';
import type { Projection } from './projection.js';
import { weigh, type QueryTerm } from './query-terms.js';

/** A row as returned by the server; a fusion also returns the score of each pipeline. */
const foundSchema = z.object({
  documentId: z.string(),
  version: z.string(),
  chunkId: z.string(),
  title: z.string(),
  text: z.string(),
  locale: z.enum(LOCALES).nullish(),
  terms: z.string(),
  heads: z.string(),
  keyword: z.number().nullish(),
  semantic: z.number().nullish(),
  details: z
    .object({
      details: z.array(z.object({ inputPipelineName: z.string(), value: z.number().nullish() })),
    })
    .nullish(),
});
type HitRow = z.output<typeof foundSchema>;

interface Candidate {
  readonly row: HitRow;
  keyword: number;
  semantic: number | undefined;
}

/** The rows of live documents as hits, best first. */
export function rankedHits(
  rows: readonly Document[],
  words: readonly QueryTerm[],
  { live, size }: Pick<Projection, 'live' | 'size'>,
  mode: SearchMode,
): readonly SearchHit[] {
  const candidates = joined(rows.map((row) => foundSchema.parse(row)).filter(isLive));
  function isLive({ documentId, version }: HitRow): boolean {
    return live.get(documentId) === version;
  }
  const termSets = candidates.map(({ row }) => new Set(`${row.terms} ${row.heads}`.split(' ')));
  const { coverage, highest } = weigh(words, termSets, size, HEAD_BOOST);
  const isBoth = words.length > 0 && candidates.some(({ semantic }) => semantic !== undefined);
  const scored = candidates.map(({ keyword, semantic }, id) => ({ id, keyword, semantic }));
  const order = isBoth
    ? fuse(scored)
    : scored.map(({ id, keyword, semantic }) => ({
        id,
        score: mode === 'semantic' || words.length === 0 ? share(semantic ?? 0, 1) : share(keyword, highest),
      }));
  return order
    .flatMap(({ id, score }): readonly SearchHit[] => {
      const candidate = candidates[id];
      if (candidate === undefined) return [];
      const { row, keyword, semantic } = candidate;
      return [
        {
          documentId: row.documentId,
          chunkId: row.chunkId,
          title: row.title,
          text: row.text,
          locale: row.locale ?? undefined,
          score,
          scores: {
            ...(words.length === 0 ? {} : { keyword: share(keyword, highest) }),
            ...(semantic === undefined ? {} : { semantic: share(semantic, 1) }),
          },
          coverage: coverage[id] ?? 0,
        },
      ];
    })
    .sort((a, b) => b.score - a.score);
}

/** Merges the rows found by both halves into one candidate. */
function joined(rows: readonly HitRow[]): readonly Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const row of rows) {
    const candidate = candidates.get(row.chunkId) ?? { row, keyword: 0, semantic: undefined };
    candidate.keyword = Math.max(candidate.keyword, row.keyword ?? valueOf(row, 'keyword') ?? 0);
    const near = row.semantic ?? valueOf(row, 'semantic');
    if (near !== undefined) candidate.semantic = cosineOf(near);
    candidates.set(row.chunkId, candidate);
  }
  return [...candidates.values()];
}

function valueOf({ details }: HitRow, pipeline: string): number | undefined {
  const inputDetails = details?.details.find(({ inputPipelineName }) => inputPipelineName === pipeline);
  return inputDetails?.value ?? undefined;
}

/** The server scores a vector as `(1 + cosine) / 2`. */
function cosineOf(score: number): number {
  return 2 * score - 1;
}

function share(part: number, total: number): number {
  return total <= 0 ? 0 : Math.min(1, Math.max(0, part / total));
}
