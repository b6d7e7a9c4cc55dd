import { Bm25Builder, type Bm25Index } from '../../search/bm25-index.js';
import { TopK } from '../../search/top-k.js';
import { VectorScan } from '../../search/vector-scan.js';
import type { Text } from './features.js';
import type { Lexicon, Term } from '../words/lexicon.js';
import type { Meaning } from './meanings.js';
import { dot } from '../words/vectors.js';

/** How many texts each search method contributes. */
const DEPTH = { keyword: 50, meaning: 40 } as const;
const BODY_TERMS = 200;

/** Selects from many texts those worth comparing closely, by words and by meaning. */
export class Shortlist {
  private readonly keywords: Bm25Index;
  private readonly vectors: VectorScan;

  constructor(
    private readonly lexicon: Lexicon,
    texts: readonly Text[],
    private readonly meaning?: Meaning,
  ) {
    const builder = new Bm25Builder();
    const vectors = texts.map(({ head, body, context }) => {
      const { terms, sentence } = lexicon.read(`${head} ${body}`);
      builder.add({ terms: keysOf(terms), boosted: keysOf(lexicon.terms(context.slice(0, 120))) });
      return sentence;
    });
    this.keywords = builder.finish();
    this.vectors = new VectorScan(
      lexicon.table.dimensions,
      Uint32Array.from(texts.keys()),
      vectors,
      DEPTH.meaning,
    );
  }

  /** How many texts contain a term, and the number of all texts. */
  readonly rarity = {
    count: (term: Term): number =>
      Math.max(
        ...term.keys.map((key) => {
          const id = this.keywords.termId(key);
          return id === undefined ? 0 : this.keywords.frequency(id);
        }),
      ),
    size: (): number => this.keywords.size,
  };

  positions(message: string, vector?: Float32Array): number[] {
    const ids = this.lexicon
      .terms(message)
      .flatMap(({ keys }) => keys)
      .flatMap((key) => this.keywords.termId(key) ?? []);
    const positions = new Set([
      ...idsIn(this.keywords.search(new Set(ids), DEPTH.keyword)),
      ...this.nearest(this.lexicon.sentence(message)),
      ...this.nearestByModel(vector),
    ]);
    return [...positions].sort((a, b) => a - b);
  }

  private nearest(vector: Float32Array): readonly number[] {
    return idsIn(this.vectors.search(vector, DEPTH.meaning));
  }

  private nearestByModel(vector: Float32Array | undefined): readonly number[] {
    const texts = this.meaning?.texts;
    if (vector === undefined || texts === undefined) return [];
    const top = new TopK(DEPTH.meaning);
    top.reset(DEPTH.meaning);
    texts.forEach(({ whole }, position) => top.offer(position, dot(vector, whole)));
    return idsIn(top);
  }
}

function keysOf(terms: readonly Term[]): string[] {
  return terms.slice(0, BODY_TERMS).flatMap(({ keys }) => keys);
}

function idsIn({ ids, size }: TopK): readonly number[] {
  return [...ids.subarray(0, size)];
}
