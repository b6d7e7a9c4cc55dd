import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import type { Locale } from '../../../src/contracts/message.js';
import { Bm25Index } from '../../../src/knowledge/search/bm25-index.js';
import type { TenantIndex } from '../../../src/knowledge/search/tenant-index.js';
import { createAnalyzer } from '../../../src/knowledge/search/text/analyzer.js';
import { VectorScan } from '../../../src/knowledge/search/vector-scan.js';
import type { RetrievalSet } from './datasets.js';

const BATCH = 64;
const DEPTH = 50;

/** A public set as the index of a business; each passage is a document named by its position. */
export function indexOfSet(
  passages: RetrievalSet['passages'],
  vectors: readonly Float32Array[] | undefined,
  locale: Locale,
): TenantIndex {
  const analyzer = createAnalyzer({ keepQuestionWords: false });
  const [first] = vectors ?? [];
  return {
    chunks: passages.map(({ text, title }, id) => ({
      id: String(id),
      text,
      document: { id: String(id), title, kind: 'text', locale, metadata: {} },
    })),
    keywords: Bm25Index.build(
      passages.map(({ text, title }) => ({
        terms: analyzer.terms(text, locale),
        boosted: analyzer.terms(title, locale),
      })),
    ),
    vectors:
      vectors === undefined || first === undefined
        ? undefined
        : new VectorScan(first.length, Uint32Array.from(passages.keys()), vectors, DEPTH),
    languages: [locale],
  };
}

export async function embedAll(
  model: EmbeddingModel,
  texts: readonly string[],
  purpose: 'query' | 'passage',
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += BATCH) {
    const batch = texts.slice(at, at + BATCH);
    vectors.push(...(await model.embed(batch, purpose, AbortSignal.timeout(600_000))));
  }
  return vectors;
}
