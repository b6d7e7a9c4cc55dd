import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { newStemmer } from 'snowball-stemmers';
import { projectRoot } from '../../../lib/project-root.js';
import { writtenForm } from '../../search/text/chat-forms.js';
import { stemIndonesian } from '../../search/text/indonesian-stemmer.js';
import { canonical } from './canonical.js';
import { addTo, dot, unit } from './vectors.js';
import { wordTable, type WordTable } from '../../../lib/words/word-table.js';
import { isQuestionWord, withoutParticles, wordsOf } from './words.js';

const FOLDER = join(projectRoot, 'src/knowledge/understanding/table');
const GROUP_FILES = ['commerce-words.txt', 'everyday-words.txt'].map((file) => join(FOLDER, file));
const DICTIONARY_FILE = join(FOLDER, 'dictionary.txt');

/** A word, or a phrase with a meaning of its own: the unit by which texts are compared. */
export interface Term {
  readonly text: string;
  /** Whether it consists of several words. */
  readonly isPhrase: boolean;
  /** The word and its stems; two terms are the same if they share a key. */
  readonly keys: readonly string[];
  /** Groups of synonyms it belongs to. */
  readonly groups: readonly number[];
  /** Translations of the word and their stems. */
  readonly translations: ReadonlySet<string>;
  /** Unit vector; zero if none of its words has a vector, such as a number. */
  readonly vector: Float32Array;
  /** How much information it carries in running text, 0..1. */
  readonly weight: number;
}

/** From this weight upwards, a term says what a sentence is about. */
const HEAVY = 0.3;

/** Whether a term is a content word that says what a sentence is about. */
export function isHeavy({ weight, text }: Term): boolean {
  return weight >= HEAVY && /^\p{L}/u.test(text) && !isQuestionWord(text);
}

/** Minimum nearness of two words in one group. */
export const SAME_GROUP = 0.85;
/** Minimum nearness of a word and its translation. */
export const TRANSLATED = 0.85;
const LONGEST_PHRASE = 4;
const SHORTEST_STEM = 3;
const MEMO_LIMIT = 20_000;
const RECENT_SENTENCES = 100;

/**
 * What Sapa knows about words: their vectors, stems, translations, and which of them mean the same in
 * commerce.
 */
export class Lexicon {
  private readonly groupsOf = new Map<string, number[]>();
  /** First words of all phrases. */
  private readonly beginnings = new Set<string>();
  private readonly groupVectors: Float32Array[] = [];
  private readonly inEnglish: ReadonlyMap<string, readonly string[]>;
  private readonly english = newStemmer('english');
  private readonly memo = new Map<string, Term>();
  /** Of recent texts, because the best answers to one message are compared with each other. */
  private readonly sentences = new LRUCache<string, Float32Array>({ max: RECENT_SENTENCES });

  constructor(
    readonly table: WordTable,
    groups: string,
    dictionary: string,
  ) {
    this.inEnglish = new Map(dictionary.split('\n').flatMap(readEntry));
    for (const line of groups.split('\n'))
      if (!line.startsWith('#') && line.trim() !== '') this.addGroup(line);
  }

  /** The terms of a text in order; the words of a known phrase become one term. */
  terms(text: string): Term[] {
    return this.termsOf(writtenWords(text));
  }

  /** `terms` and `sentence` of the same text. */
  read(text: string): { readonly terms: Term[]; readonly sentence: Float32Array } {
    const words = writtenWords(text);
    return { terms: this.termsOf(words), sentence: this.sentenceOf(words) };
  }

  termsOf(words: readonly string[]): Term[] {
    const terms: Term[] = [];
    for (let at = 0; at < words.length;) {
      const length = this.phraseAt(words, at);
      terms.push(this.term(length === 1 ? (words[at] ?? '') : words.slice(at, at + length).join(' ')));
      at += length;
    }
    return terms;
  }

  isKnown(word: string): boolean {
    return this.groupsOf.has(word) || this.table.find(word) !== undefined;
  }

  /** Sum of the word vectors, normalised to unit length. */
  sentence(text: string): Float32Array {
    const cached = this.sentences.get(text);
    if (cached !== undefined) return cached;
    const sentence = this.sentenceOf(writtenWords(text));
    this.sentences.set(text, sentence);
    return sentence;
  }

  sentenceOf(words: readonly string[]): Float32Array {
    const { table } = this;
    const sum = new Float32Array(table.dimensions);
    for (const word of words) {
      const vector = table.vector(word);
      if (vector !== null) addTo(sum, vector);
    }
    return unit(sum);
  }

  term(text: string): Term {
    const cached = this.memo.get(text);
    if (cached !== undefined) return cached;
    const term = this.makeTerm(text);
    if (this.memo.size >= MEMO_LIMIT) this.memo.clear();
    this.memo.set(text, term);
    return term;
  }

  private makeTerm(text: string): Term {
    const words = text.split(' ');
    const keys = words.length > 1 ? [text] : this.keysOf(text);
    const groups = [...new Set([text, ...keys].flatMap((key) => this.groupsOf.get(key) ?? []))];
    const weights = words.map((word) => this.table.weight(word));
    return {
      text,
      isPhrase: words.length > 1,
      keys,
      groups,
      translations: this.translationsOf(keys),
      vector: this.vectorOf(words, groups),
      weight: Math.max(...weights),
    };
  }

  private translationsOf(keys: readonly string[]): ReadonlySet<string> {
    const words = keys.flatMap((key) => this.inEnglish.get(key) ?? []);
    return new Set(words.flatMap((word) => [word, this.english.stem(word)]));
  }

  private vectorOf(words: readonly string[], groups: readonly number[]): Float32Array {
    const [group] = groups;
    const isUnknown = words.length === 1 && this.table.find(words[0] ?? '') === undefined;
    if (group !== undefined && isUnknown)
      return this.groupVectors[group] ?? new Float32Array(this.table.dimensions);
    return this.sentenceOf(words);
  }

  private keysOf(word: string): readonly string[] {
    if (!/^[a-z]+$/.test(word)) return [word];
    const stems = [stemIndonesian(word), this.english.stem(word)].filter(
      (stem) => stem.length >= SHORTEST_STEM,
    );
    return [...new Set([word, ...stems])];
  }

  private phraseAt(words: readonly string[], at: number): number {
    if (!this.beginnings.has(words[at] ?? '')) return 1;
    for (let length = Math.min(LONGEST_PHRASE, words.length - at); length > 1; length -= 1) {
      if (this.groupsOf.has(words.slice(at, at + length).join(' '))) return length;
    }
    return 1;
  }

  private addGroup(line: string): void {
    const group = this.groupVectors.length;
    const members = line.split(',').map((member) => wordsOf(member).map(writtenForm).join(' '));
    for (const member of members) {
      const memberGroups = this.groupsOf.get(member) ?? [];
      if (!memberGroups.includes(group)) memberGroups.push(group);
      this.groupsOf.set(member, memberGroups);
      if (member.includes(' ')) this.beginnings.add(member.slice(0, member.indexOf(' ')));
    }
    const sum = new Float32Array(this.table.dimensions);
    for (const member of members) {
      const words = member.split(' ').filter((word) => this.table.find(word) !== undefined);
      addTo(sum, this.sentenceOf(words));
    }
    this.groupVectors.push(unit(sum));
  }
}

/** The words of a text in their standard spelling, without particles. */
export function writtenWords(text: string): readonly string[] {
  return withoutParticles(wordsOf(canonical(text))).map(writtenForm);
}

/** Nearness of two forms of the same word. */
export const SAME = 1;
/** Maximum nearness of different words, even if their vectors are almost identical, such as two spellings. */
const NEARLY_SAME = 0.99;
/** Maximum nearness of a phrase to other terms, judged by the words it consists of. */
const PHRASES = 0.4;

/** How near two terms are in meaning, -1..1. */
export function nearness(a: Term, b: Term): number {
  if (a.keys.some((key) => b.keys.includes(key))) return SAME;
  const cosine = nearnessOfMeaning(a, b);
  if (a.groups.some((group) => b.groups.includes(group))) return Math.max(SAME_GROUP, cosine);
  return isTranslation(a, b) || isTranslation(b, a) ? Math.max(TRANSLATED, cosine) : cosine;
}

/** Each term once, in order. */
export function distinctTerms(terms: readonly Term[]): Term[] {
  return [...new Map(terms.map((term) => [term.text, term])).values()];
}

/** Whether each of the words is said by one of the terms, in whichever form or language. */
export function areNamed(words: readonly Term[], terms: readonly Term[]): boolean {
  return words.every((word) => terms.some((term) => nearness(word, term) >= SAME_GROUP));
}

/** `nearness` for terms that share no key, group or translation. */
function nearnessOfMeaning(a: Term, b: Term): number {
  return Math.min(mostNearness(a.isPhrase || b.isPhrase), dot(a.vector, b.vector));
}

/** A phone number is not just any number, so phrases are less near than their words. */
export function mostNearness(isWithPhrase: boolean): number {
  return isWithPhrase ? PHRASES : NEARLY_SAME;
}

function isTranslation({ translations }: Term, { keys }: Term): boolean {
  return translations.size > 0 && keys.some((key) => translations.has(key));
}

/** `kasur: mattress, bed` */
function readEntry(line: string): [string, readonly string[]][] {
  const at = line.indexOf(': ');
  return at < 0 || line.startsWith('#') ? [] : [[line.slice(0, at), line.slice(at + 2).split(', ')]];
}

let shipped: Lexicon | undefined;

/** The lexicon shipped with Sapa. */
export function lexicon(): Lexicon {
  shipped ??= new Lexicon(
    wordTable(),
    GROUP_FILES.map((file) => readFileSync(file, 'utf8')).join('\n'),
    readFileSync(DICTIONARY_FILE, 'utf8'),
  );
  return shipped;
}
