import { inverseFrequency, saturationOf } from '../../lib/search-maths.js';
import { TopK } from './top-k.js';

/** One indexed item: the terms of its text, and those of its title and headings, which count more. */
export interface Bm25Document {
  readonly terms: readonly string[];
  readonly boosted: readonly string[];
}

export interface Bm25Options {
  /** k1: how quickly repeated occurrences of a term stop adding to the score. */
  readonly k1: number;
  /** b: how strongly long documents are penalised, 0..1. */
  readonly b: number;
  /** How many occurrences in the text one occurrence in the title or headings is worth. */
  readonly boost: number;
}

/** The best compromise in a grid search over Cranfield (abstracts), XQuAD (paragraphs) and FacQA (Indonesian). */
const BM25_OPTIONS = { k1: 1.2, b: 0.5, boost: 2 } as const satisfies Bm25Options;

/** The contract's largest `topK`. */
const MAXIMUM_TOP_K = 50;

/**
 * BM25 with all scores computed when the index is built: each term has a column of documents and their final
 * scores, so a query only adds numbers (X. H. Lù, "BM25S", 2024). Immutable. Inverse document frequency as in
 * Lucene: ln(1 + (N - n + 0.5) / (n + 0.5)).
 */
export class Bm25Index {
  private readonly sums: Float32Array;
  private readonly touched: Uint32Array;
  private readonly top = new TopK(MAXIMUM_TOP_K);

  constructor(
    readonly size: number,
    private readonly vocabulary: ReadonlyMap<string, number>,
    /** The column of term t is at positions offsets[t] to offsets[t + 1] of the next two arrays. */
    private readonly offsets: Uint32Array,
    private readonly documents: Uint32Array,
    private readonly scores: Float32Array,
  ) {
    this.sums = new Float32Array(size);
    this.touched = new Uint32Array(size);
  }

  static build(items: Iterable<Bm25Document>, options: Bm25Options = BM25_OPTIONS): Bm25Index {
    const builder = new Bm25Builder(options);
    for (const item of items) builder.add(item);
    return builder.finish();
  }

  termId(term: string): number | undefined {
    return this.vocabulary.get(term);
  }

  /** How many documents contain the term. */
  frequency(termId: number): number {
    return (this.offsets[termId + 1] ?? 0) - (this.offsets[termId] ?? 0);
  }

  /** Weight of a word whose terms occur in `matches` documents in total. */
  idf(matches: number): number {
    return inverseFrequency(this.size, Math.min(matches, this.size));
  }

  /**
   * The best documents for the terms, in memory that the next search reuses. `allowed` holds 1 for each
   * document that may be returned.
   */
  search(termIds: Iterable<number>, topK: number, allowed?: Uint8Array): TopK {
    const { sums, touched, offsets, documents, scores, top } = this;
    let touchedCount = 0;
    for (const termId of termIds) {
      const end = offsets[termId + 1] ?? 0;
      for (let at = offsets[termId] ?? 0; at < end; at += 1) {
        const document = documents[at] as number;
        const sum = sums[document] as number;
        if (sum === 0) {
          touched[touchedCount] = document;
          touchedCount += 1;
        }
        sums[document] = sum + (scores[at] as number);
      }
    }
    top.reset(topK);
    let floor = -Infinity;
    for (let i = 0; i < touchedCount; i += 1) {
      const document = touched[i] as number;
      const score = sums[document] as number;
      sums[document] = 0;
      if (score < floor || allowed?.[document] === 0) continue;
      top.offer(document, score);
      floor = top.floor;
    }
    return top;
  }

  /** Whether the document contains the term. */
  holds(document: number, termId: number): boolean {
    return this.position(document, termId) !== undefined;
  }

  /** Score of one document, equal to its score in `search`. */
  score(document: number, termIds: Iterable<number>): number {
    let sum = 0;
    for (const termId of termIds) {
      const at = this.position(document, termId);
      if (at !== undefined) sum += this.scores[at] ?? 0;
    }
    return sum;
  }

  private position(document: number, termId: number): number | undefined {
    let low = this.offsets[termId] ?? 0;
    let high = (this.offsets[termId + 1] ?? 0) - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const current = this.documents[middle] ?? 0;
      if (current === document) return middle;
      if (current < document) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

/** Counts item by item, so that a long build can be split into slices; `finish` computes the scores. */
export class Bm25Builder {
  private readonly vocabulary = new Map<string, number>();
  private readonly counts: ReadonlyMap<number, number>[] = [];
  private readonly lengths: number[] = [];

  constructor(private readonly options: Bm25Options = BM25_OPTIONS) {}

  add(item: Bm25Document): void {
    const counts = new Map<number, number>();
    for (const term of item.terms) this.count(counts, term, 1);
    for (const term of item.boosted) this.count(counts, term, this.options.boost);
    this.counts.push(counts);
    this.lengths.push(item.terms.length + this.options.boost * item.boosted.length);
  }

  finish(): Bm25Index {
    const size = this.counts.length;
    const offsets = columnOffsets(this.counts, this.vocabulary.size);
    const documents = new Uint32Array(offsets[this.vocabulary.size] ?? 0);
    const scores = new Float32Array(documents.length);
    const meanLength = Math.max(1, this.lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, size));
    const next = offsets.slice();
    this.counts.forEach((counts, document) => {
      const saturation = saturationOf(this.options, this.lengths[document] ?? 0, meanLength);
      for (const [term, count] of counts) {
        const at = next[term] ?? 0;
        const matches = (offsets[term + 1] ?? 0) - (offsets[term] ?? 0);
        documents[at] = document;
        scores[at] = (inverseFrequency(size, matches) * count) / (count + saturation);
        next[term] = at + 1;
      }
    });
    return new Bm25Index(size, this.vocabulary, offsets, documents, scores);
  }

  private count(counts: Map<number, number>, term: string, weight: number): void {
    let id = this.vocabulary.get(term);
    if (id === undefined) {
      id = this.vocabulary.size;
      this.vocabulary.set(term, id);
    }
    counts.set(id, (counts.get(id) ?? 0) + weight);
  }
}

/** Start of each term's column, plus one final entry for the end. */
function columnOffsets(counts: readonly ReadonlyMap<number, number>[], terms: number): Uint32Array {
  const offsets = new Uint32Array(terms + 1);
  for (const termCounts of counts) {
    for (const term of termCounts.keys()) offsets[term + 1] = (offsets[term + 1] ?? 0) + 1;
  }
  for (let term = 0; term < terms; term += 1) {
    offsets[term + 1] = (offsets[term + 1] ?? 0) + (offsets[term] ?? 0);
  }
  return offsets;
}
