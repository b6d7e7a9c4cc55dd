import { Bm25Builder, type Bm25Index } from '../../search/bm25-index.js';
import { TopK } from '../../search/top-k.js';
import { VectorScan } from '../../search/vector-scan.js';
import type { Text } from './features.js';
import type { Lexicon, Term } from '../words/lexicon.js';
import type { ReadText } from '../texts/packed-texts.js';
import type { Meaning } from './meanings.js';
import { dot } from '../words/vectors.js';

/** How many texts each search method contributes. */
const DEPTH = { keyword: 50, meaning: 40 } as const;
const BODY_TERMS = 200;
const CONTEXT_CHARACTERS = 120;

/** Selects from many texts those worth comparing closely, by words and by meaning. */
export class Shortlist {
  private readonly vectors: VectorScan;

  constructor(
    private readonly lexicon: Lexicon,
    private readonly keywords: Bm25Index,
    sentences: readonly Float32Array[],
    private readonly meaning?: Meaning,
  ) {
    this.vectors = new VectorScan(
      lexicon.table.dimensions,
      Uint32Array.from(sentences.keys()),
      sentences,
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

  /** The vector of a text's head and body. */
  sentence(position: number): Float32Array {
    return this.vectors.vector(position);
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

/** Collects texts one by one, so that each is read only once. */
export class ShortlistBuilder {
  private readonly keywords = new Bm25Builder();
  private readonly sentences: Float32Array[] = [];

  constructor(private readonly lexicon: Lexicon) {}

  add({ head, body, context }: Text, read: ReadText): void {
    const { lexicon } = this;
    // A phrase may begin in the head and end in the body.
    const { terms, sentence } =
      head === ''
        ? { terms: read.body, sentence: lexicon.sentenceOf(read.bodyWords) }
        : lexicon.read(`${head} ${body}`);
    this.keywords.add({
      terms: keysOf(terms),
      boosted: keysOf(lexicon.terms(context.slice(0, CONTEXT_CHARACTERS))),
    });
    this.sentences.push(sentence);
  }

  finish(meaning?: Meaning): Shortlist {
    return new Shortlist(this.lexicon, this.keywords.finish(), this.sentences, meaning);
  }
}

function keysOf(terms: readonly Term[]): string[] {
  const all: string[] = [];
  for (const { keys } of terms.slice(0, BODY_TERMS)) all.push(...keys);
  return all;
}

function idsIn({ ids, size }: TopK): readonly number[] {
  return [...ids.subarray(0, size)];
}
