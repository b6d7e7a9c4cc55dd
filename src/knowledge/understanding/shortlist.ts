import { Bm25Builder, type Bm25Index } from '../search/bm25-index.js';
import type { Text } from './features.js';
import type { Lexicon, Term } from './lexicon.js';
import type { Meaning } from './meanings.js';
import { dot } from './vectors.js';

/** How many texts each search method contributes. */
const DEPTH = { keyword: 50, meaning: 40 } as const;
const BODY_TERMS = 200;

/** Selects from many texts those worth comparing closely, by words and by meaning. */
export class Shortlist {
  private readonly keywords: Bm25Index;
  private readonly vectors: Float32Array;

  constructor(
    private readonly lexicon: Lexicon,
    texts: readonly Text[],
    private readonly meaning?: Meaning,
  ) {
    const builder = new Bm25Builder();
    const { dimensions } = lexicon.table;
    this.vectors = new Float32Array(texts.length * dimensions);
    texts.forEach(({ head, body, context }, position) => {
      const { terms, sentence } = lexicon.read(`${head} ${body}`);
      builder.add({ terms: keysOf(terms), boosted: keysOf(lexicon.terms(context.slice(0, 120))) });
      this.vectors.set(sentence, position * dimensions);
    });
    this.keywords = builder.finish();
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
    const result = new Set<number>();
    const top = this.keywords.search(new Set(ids), DEPTH.keyword);
    for (let i = 0; i < top.size; i += 1) result.add(top.ids[i] ?? 0);
    for (const position of this.nearest(this.lexicon.sentence(message))) result.add(position);
    for (const position of this.nearestByModel(vector)) result.add(position);
    return [...result].sort((a, b) => a - b);
  }

  private nearest(vector: Float32Array): number[] {
    const { dimensions } = this.lexicon.table;
    const cosines = new Float32Array(this.keywords.size);
    for (let position = 0; position < cosines.length; position += 1) {
      let sum = 0;
      const start = position * dimensions;
      for (let i = 0; i < dimensions; i += 1) sum += (vector[i] ?? 0) * (this.vectors[start + i] ?? 0);
      cosines[position] = sum;
    }
    return highest(cosines);
  }

  private nearestByModel(vector: Float32Array | undefined): readonly number[] {
    const texts = this.meaning?.texts;
    if (vector === undefined || texts === undefined) return [];
    return highest(Float32Array.from(texts, ({ whole }) => dot(vector, whole)));
  }
}

function keysOf(terms: readonly Term[]): string[] {
  return terms.slice(0, BODY_TERMS).flatMap(({ keys }) => keys);
}

function highest(cosines: Float32Array): number[] {
  return [...cosines.keys()].sort((a, b) => (cosines[b] ?? 0) - (cosines[a] ?? 0)).slice(0, DEPTH.meaning);
}
