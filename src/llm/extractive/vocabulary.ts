import { LOCALES, type Locale } from '../../contracts/message.js';
import { ASKED, CONCEPTS, LIGHT_WORDS, PHRASES, SIGNS, type Concept } from './concepts.js';

/** Content words of a text as stems, without stop words and question words. */
export type Terms = (text: string, locale: Locale) => readonly string[];

export interface Question {
  /** Subjects of the question with the weight of each before rarity is known. */
  readonly terms: ReadonlyMap<string, number>;
  /** What would make one of two equal answers the better one. */
  readonly wishes: ReadonlySet<string>;
}

/** Less than a subject weighs, because such a word is often missing from the answer. */
const LIGHT_WEIGHT = 0.15;
/** What the question before was about, compared with what is asked now, which may replace part of it. */
const EARLIER_WEIGHT = 0.5;
/** The same of each question further back. */
const FURTHER_BACK = 0.7;
/** "check-out" is also found as "checkout". */
const HYPHENATED = /\p{L}+-\p{L}+/gu;
const WORD = /[\p{L}\p{N}]+(?:[.,'’/_-][\p{L}\p{N}]+)*/gu;

/** Words of one language as subjects: stems, or the concept they belong to. */
export class Vocabulary {
  private readonly conceptOf = new Map<string, string>();
  private readonly light: ReadonlySet<string>;

  constructor(
    private readonly terms: Terms,
    private readonly locale: Locale,
  ) {
    for (const [concept, words] of Object.entries(CONCEPTS)) {
      for (const stem of terms(words, locale)) this.conceptOf.set(stem, `#${concept}`);
    }
    this.light = new Set(terms(LIGHT_WORDS, locale));
  }

  /** All subjects a text names or shows. */
  subjects(text: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (const stem of this.terms(text, this.locale)) {
      found.add(stem);
      const concept = this.conceptOf.get(stem);
      if (concept !== undefined) found.add(concept);
    }
    for (const joined of text.match(HYPHENATED) ?? []) {
      for (const stem of this.terms(joined.replace('-', ''), this.locale)) found.add(stem);
    }
    for (const [phrase, concept] of PHRASES) if (phrase.test(text)) found.add(`#${concept}`);
    for (const [concept, sign] of Object.entries(SIGNS)) if (sign.test(text)) found.add(`#${concept}`);
    return found;
  }

  /** Whether a text has more function words of another language than of this one. */
  isForeign(text: string): boolean {
    const words = text.match(WORD) ?? [];
    const functionWords = (locale: Locale): number =>
      words.filter((word) => this.terms(word, locale).length === 0).length;
    const own = functionWords(this.locale);
    return LOCALES.some((locale) => locale !== this.locale && functionWords(locale) > own);
  }

  /** `earlier`: the questions that `text` goes on from, oldest first. */
  question(text: string, earlier: readonly string[] = []): Question {
    const asked = this.ownQuestion(text);
    if (asked.terms.size === 0) return asked;
    const before = earlier.flatMap((each, index) => {
      const worth = EARLIER_WEIGHT * FURTHER_BACK ** (earlier.length - 1 - index);
      return [...this.ownQuestion(each).terms].map(([term, weight]) => [term, weight * worth] as const);
    });
    return { ...asked, terms: new Map([...before, ...asked.terms]) };
  }

  private ownQuestion(text: string): Question {
    const wishes = new Set<string>(
      ASKED.filter(([asked]) => asked.test(text)).map(([, concept]) => `#${concept}`),
    );
    const terms = new Map<string, number>();
    for (const word of this.contentWords(text)) {
      for (const stem of this.terms(word, this.locale)) {
        const concept = this.conceptOf.get(stem);
        terms.set(concept ?? stem, this.light.has(stem) && concept === undefined ? LIGHT_WEIGHT : 1);
        if (concept !== undefined) wishes.add(stem);
      }
    }
    for (const [phrase, concept] of PHRASES) if (phrase.test(text)) terms.set(`#${concept}`, 1);
    // "Where are you?" has no other subject than the place.
    const place: `#${Concept}` = '#address';
    if (!hasSubject(terms) && wishes.has(place)) terms.set(place, 1);
    return { terms: hasSubject(terms) ? terms : new Map(), wishes };
  }

  /** A stop word of any language is none here either: people mix languages within a sentence. */
  private contentWords(text: string): readonly string[] {
    return (text.match(WORD) ?? []).filter((word) =>
      LOCALES.every((locale) => this.terms(word, locale).length > 0),
    );
  }
}

function hasSubject(terms: ReadonlyMap<string, number>): boolean {
  return [...terms.values()].some((weight) => weight === 1);
}
