import { LRUCache } from 'lru-cache';
import { BLOCK_ROWS, dotAt, rowsFor, type VectorRows } from '../../search/vector-rows.js';
import { mostNearness, SAME, SAME_GROUP, TRANSLATED, type Term } from './lexicon.js';

/** A smaller nearness changes nothing in any comparison, so it counts as 0. */
const LEAST = 0.2;
/** More than single precision can be wrong by. */
const ROUNDING = 1e-3;
/** Neighbours are cached up to this many numbers, or this many per term if that is more: 12 bytes each. */
const REMEMBERED = { least: 65_536, aTerm: 20 } as const;

/** The terms near to one term: their numbers and how near they are. */
interface Neighbours {
  readonly numbers: Uint32Array;
  readonly values: Float64Array;
}

/**
 * The distinct terms of a set of texts, numbered. The nearness of a message's term to all of them is computed
 * once, however many texts share a term. Immutable.
 */
export class Vocabulary {
  /** Cached, because most messages consist of the same words. */
  private readonly remembered: LRUCache<string, Neighbours>;
  private readonly rows: VectorRows;

  constructor(
    private readonly terms: NumberedTerms,
    vectors: readonly Float32Array[],
  ) {
    this.rows = rowsFor(vectors.length, vectors[0]?.length ?? 0);
    vectors.forEach((vector, number) => {
      this.rows.values.set(vector, number * this.rows.stride);
    });
    this.remembered = new LRUCache<string, Neighbours>({
      maxSize: Math.max(REMEMBERED.least, REMEMBERED.aTerm * vectors.length),
      sizeCalculation: ({ numbers }) => Math.max(1, numbers.length),
    });
  }

  get size(): number {
    return this.terms.texts.length;
  }

  text(number: number): string {
    return this.terms.texts[number] ?? '';
  }

  keys(number: number): readonly string[] {
    return this.terms.keys[number] ?? [];
  }

  weight(number: number): number {
    return this.terms.weights[number] ?? 0;
  }

  /** The numbers of the terms with this key. */
  withKey(key: string): readonly number[] {
    return this.terms.byKey.get(key) ?? [];
  }

  /** The `nearness` of a term to each term of the vocabulary, by number; 0 if it makes no difference. */
  nearness(term: Term): Float64Array {
    const all = new Float64Array(this.size);
    const cached = this.remembered.get(term.text);
    if (cached === undefined) this.remembered.set(term.text, this.fillIn(all, term));
    else cached.numbers.forEach((number, i) => (all[number] = cached.values[i] ?? 0));
    return all;
  }

  private fillIn(all: Float64Array, term: Term): Neighbours {
    const { byKey, byGroup, byTranslation } = this.terms;
    const near = this.fillInVectors(all, term);
    const raise = (numbers: readonly number[] | undefined, least: number): void => {
      for (const number of numbers ?? []) {
        const value = all[number] ?? 0;
        if (value === 0) near.push(number);
        all[number] = Math.max(least, value);
      }
    };
    for (const word of term.translations) raise(byKey.get(word), TRANSLATED);
    for (const key of term.keys) raise(byTranslation.get(key), TRANSLATED);
    for (const group of term.groups) raise(byGroup.get(group), SAME_GROUP);
    for (const key of term.keys) raise(byKey.get(key), SAME);
    const numbers = Uint32Array.from(near);
    return { numbers, values: Float64Array.from(numbers, (number) => all[number] ?? 0) };
  }

  /**
   * Single precision finds what is near, and double precision says how near. Returns the numbers of the terms
   * that are.
   */
  private fillInVectors(all: Float64Array, { vector, isPhrase }: Term): number[] {
    const { rows, size } = this;
    const near: number[] = [];
    rows.ask(vector);
    for (let first = 0; first < size; first += BLOCK_ROWS) {
      const roughly = rows.block(first);
      for (let at = 0; at < roughly.length; at += 1) {
        if ((roughly[at] as number) < LEAST - ROUNDING) continue;
        const number = first + at;
        const most = mostNearness(isPhrase || this.terms.isPhrase(number));
        const exact = Math.min(most, dotAt(vector, rows.values, number * rows.stride));
        if (exact < LEAST) continue;
        all[number] = exact;
        near.push(number);
      }
    }
    return near;
  }
}

/** What is known of each term of a vocabulary except its vector, by number. */
class NumberedTerms {
  readonly texts: string[] = [];
  readonly keys: (readonly string[])[] = [];
  readonly weights: number[] = [];
  readonly byKey = new Map<string, number[]>();
  readonly byGroup = new Map<number, number[]>();
  readonly byTranslation = new Map<string, number[]>();
  private readonly phrases = new Set<number>();

  add({ text, keys, groups, translations, weight, isPhrase }: Term): number {
    const number = this.texts.push(text) - 1;
    this.keys.push(keys);
    this.weights.push(weight);
    if (isPhrase) this.phrases.add(number);
    for (const key of keys) file(this.byKey, key, number);
    for (const group of groups) file(this.byGroup, group, number);
    for (const word of translations) file(this.byTranslation, word, number);
    return number;
  }

  isPhrase(number: number): boolean {
    return this.phrases.has(number);
  }
}

/** Numbers the terms of texts as they come; `finish` makes them comparable. */
export class VocabularyBuilder {
  private readonly terms = new NumberedTerms();
  private readonly vectors: Float32Array[] = [];
  private readonly numbers = new Map<string, number>();

  numbersOf(terms: readonly Term[]): Int32Array {
    return Int32Array.from(terms, (term) => this.numbers.get(term.text) ?? this.add(term));
  }

  finish(): Vocabulary {
    return new Vocabulary(this.terms, this.vectors);
  }

  private add(term: Term): number {
    const number = this.terms.add(term);
    this.vectors.push(term.vector);
    this.numbers.set(term.text, number);
    return number;
  }
}

function file<Key>(under: Map<Key, number[]>, key: Key, number: number): void {
  const numbers = under.get(key);
  if (numbers === undefined) under.set(key, [number]);
  else numbers.push(number);
}
