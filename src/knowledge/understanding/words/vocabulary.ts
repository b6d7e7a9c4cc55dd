import { LRUCache } from 'lru-cache';
import { nearnessOfMeaning, SAME, SAME_GROUP, TRANSLATED, type Term } from './lexicon.js';

/** How many numbers are cached: half a megabyte. */
const REMEMBERED = 65_536;

/**
 * The distinct terms of a set of texts, numbered. The nearness of a message's term to all of them is computed
 * once per message, however many texts share a term.
 */
export class Vocabulary {
  private readonly terms: Term[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly byKey = new Map<string, number[]>();
  private readonly byGroup = new Map<number, number[]>();
  private readonly byTranslation = new Map<string, number[]>();
  /** Cached, because most messages consist of the same words. */
  private readonly remembered = new LRUCache<string, Float64Array>({
    maxSize: REMEMBERED,
    sizeCalculation: ({ length }) => Math.max(1, length),
  });

  /** The numbers of the given terms; new terms are added to the vocabulary. */
  numbersOf(terms: readonly Term[]): Int32Array {
    return Int32Array.from(terms, (term) => this.numbers.get(term.text) ?? this.add(term));
  }

  /** The `nearness` of a term to each term of the vocabulary, by number. */
  nearness(term: Term): Float64Array {
    const cached = this.remembered.get(term.text);
    if (cached?.length === this.terms.length) return cached;
    const values = this.nearnessToAll(term);
    this.remembered.set(term.text, values);
    return values;
  }

  private nearnessToAll(term: Term): Float64Array {
    const values = new Float64Array(this.terms.length);
    for (const [number, own] of this.terms.entries()) values[number] = nearnessOfMeaning(term, own);
    const raise = (numbers: readonly number[] | undefined, least: number): void => {
      for (const number of numbers ?? []) values[number] = Math.max(least, values[number] ?? 0);
    };
    for (const word of term.translations) raise(this.byKey.get(word), TRANSLATED);
    for (const key of term.keys) raise(this.byTranslation.get(key), TRANSLATED);
    for (const group of term.groups) raise(this.byGroup.get(group), SAME_GROUP);
    for (const key of term.keys) raise(this.byKey.get(key), SAME);
    return values;
  }

  private add(term: Term): number {
    const number = this.terms.push(term) - 1;
    this.numbers.set(term.text, number);
    for (const key of term.keys) file(this.byKey, key, number);
    for (const group of term.groups) file(this.byGroup, group, number);
    for (const word of term.translations) file(this.byTranslation, word, number);
    return number;
  }
}

function file<Key>(under: Map<Key, number[]>, key: Key, number: number): void {
  const numbers = under.get(key);
  if (numbers === undefined) under.set(key, [number]);
  else numbers.push(number);
}
