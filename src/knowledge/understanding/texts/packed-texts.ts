import { LRUCache } from 'lru-cache';
import type { Text } from '../matching/features.js';
import { SIGN_NAMES, signsIn, type Sign } from '../matching/signs.js';
import { canonical } from '../words/canonical.js';
import { LetterGroups } from '../words/letter-groups.js';
import { distinctTerms, writtenWords, type Lexicon, type Term } from '../words/lexicon.js';
import { VocabularyBuilder, type Vocabulary } from '../words/vocabulary.js';
import { answerKindsIn, isNegated, numbersIn, wordsOf } from '../words/words.js';
import { GrowingNumbers } from './growing-numbers.js';
import type { PreparedText } from './prepared-text.js';

/** How many terms of the body and the context, and how many characters of the whole text, are considered. */
const BODY_TERMS = 200;
const CONTEXT_TERMS = 120;
const WHOLE_CHARACTERS = 400;
/** The vectors of this many recently compared texts are kept, 1.5 KB each. */
const MOST_VECTORS = 400;
/** Numbers at the start of each text's record; see `TextPacker.add`. */
const FIELDS = 6;

/** The words of a body, and the terms of a text. Reading a text takes longer than all else done with it. */
export interface ReadText {
  readonly bodyWords: readonly string[];
  readonly head: readonly Term[];
  readonly body: readonly Term[];
}

export function readText({ head, body }: Text, lexicon: Lexicon): ReadText {
  const bodyWords = writtenWords(body);
  return { bodyWords, head: lexicon.terms(head), body: lexicon.termsOf(bodyWords) };
}

/**
 * Packs what the words of each text are into numbers, four bytes for each term of a head, a body (at most 200)
 * and a context (at most 120, stored once for neighbours that share it).
 */
export class TextPacker {
  private readonly vocabulary = new VocabularyBuilder();
  private readonly data = new GrowingNumbers();
  private readonly starts = new GrowingNumbers();
  private readonly numbers = new Map<string, number>();
  private context = { text: '', at: 0, count: 0 };

  constructor(private readonly lexicon: Lexicon) {}

  add(text: Text, { head, body }: ReadText = readText(text, this.lexicon)): void {
    const context = this.packContext(text);
    const digits = numbersIn(canonical(`${text.head} ${text.body} ${text.context}`));
    const bodyTerms = body.slice(0, BODY_TERMS);
    this.starts.push(this.data.size);
    this.data.push(bitsOf(signsIn(text.body)), context.at, context.count);
    this.data.push(head.length, bodyTerms.length, digits.size);
    this.data.push(...this.vocabulary.numbersOf(head), ...this.vocabulary.numbersOf(bodyTerms));
    for (const each of digits) this.data.push(this.numberOf(each));
  }

  finish(): PackedTexts {
    const names = [...this.numbers.keys()];
    return new PackedTexts(
      this.lexicon,
      this.vocabulary.finish(),
      names,
      this.starts.finish(),
      this.data.finish(),
    );
  }

  private packContext({ context }: Text): { readonly at: number; readonly count: number } {
    if (context === this.context.text) return this.context;
    const terms = distinctTerms(this.lexicon.terms(context).slice(0, CONTEXT_TERMS));
    this.context = { text: context, at: this.data.size, count: terms.length };
    this.data.push(...this.vocabulary.numbersOf(terms));
    return this.context;
  }

  private numberOf(digits: string): number {
    const number = this.numbers.get(digits) ?? this.numbers.size;
    this.numbers.set(digits, number);
    return number;
  }
}

type TextVectors = Pick<PreparedText, 'headVector' | 'bodyVector' | 'wholeVector'>;

/** Texts that can be compared with messages at once, without being read again. Immutable. */
export class PackedTexts {
  private readonly noVector: Float32Array;
  private readonly vectors = new LRUCache<number, TextVectors>({ max: MOST_VECTORS });

  constructor(
    private readonly lexicon: Lexicon,
    readonly vocabulary: Vocabulary,
    /** The numbers written in the texts. */
    private readonly numbers: readonly string[],
    private readonly starts: Int32Array,
    private readonly data: Int32Array,
  ) {
    this.noVector = lexicon.sentenceOf([]);
  }

  /** Memory taken by the terms of all texts, in bytes; their vocabulary is not included. */
  get bytes(): number {
    return this.starts.byteLength + this.data.byteLength;
  }

  /** The text packed at a position; `sentence` is the vector of its head and body if it is known. */
  at(position: number, text: Text, sentence?: Float32Array): PreparedText {
    const { data } = this;
    const start = this.starts[position] ?? 0;
    const [signs = 0, contextAt = 0, contextCount = 0, headCount = 0, bodyCount = 0, numberCount = 0] =
      data.subarray(start, start + FIELDS);
    const headAt = start + FIELDS;
    const bodyAt = headAt + headCount;
    const numbersAt = bodyAt + bodyCount;
    const head = data.subarray(headAt, bodyAt);
    const body = data.subarray(bodyAt, numbersAt);
    const numbers = data.subarray(numbersAt, numbersAt + numberCount);
    return {
      kind: text.kind,
      head,
      body,
      context: data.subarray(contextAt, contextAt + contextCount),
      numbers: new Set(Array.from(numbers, (number) => this.numbers[number] ?? '')),
      signs: signsOf(signs),
      ...comparedHead(text.head),
      ...(isSentence(text) && sentence !== undefined
        ? { headVector: this.noVector, bodyVector: sentence, wholeVector: sentence }
        : this.vectorsOf(position, text, head, body)),
    };
  }

  private vectorsOf(position: number, text: Text, head: Int32Array, body: Int32Array): TextVectors {
    const cached = this.vectors.get(position);
    if (cached !== undefined) return cached;
    const { lexicon } = this;
    const isShort = text.body.length <= WHOLE_CHARACTERS;
    const headWords = this.wordsOf(head);
    // The numbers of a long body may stand for its beginning only.
    const bodyWords = isShort ? this.wordsOf(body) : writtenWords(text.body);
    const beginning = isShort ? bodyWords : writtenWords(text.body.slice(0, WHOLE_CHARACTERS));
    const vectors = {
      headVector: lexicon.sentenceOf(headWords),
      bodyVector: lexicon.sentenceOf(bodyWords),
      wholeVector: lexicon.sentenceOf([...headWords, ...beginning]),
    };
    this.vectors.set(position, vectors);
    return vectors;
  }

  private wordsOf(terms: Int32Array): readonly string[] {
    return [...terms].flatMap((number) => this.vocabulary.text(number).split(' '));
  }
}

/** Whether a text is only a short body, so that one vector says all. */
function isSentence({ head, body }: Text): boolean {
  return head === '' && body.length <= WHOLE_CHARACTERS;
}

const NO_HEAD = headOf([]);

function comparedHead(head: string): Pick<PreparedText, 'letters' | 'isNegated' | 'asks'> {
  return head === '' ? NO_HEAD : headOf(wordsOf(canonical(head)));
}

function headOf(words: readonly string[]): Pick<PreparedText, 'letters' | 'isNegated' | 'asks'> {
  return { letters: new LetterGroups(words), isNegated: isNegated(words), asks: answerKindsIn(words) };
}

function bitsOf(signs: ReadonlySet<Sign>): number {
  return SIGN_NAMES.reduce((bits, sign, i) => (signs.has(sign) ? bits | (1 << i) : bits), 0);
}

function signsOf(bits: number): ReadonlySet<Sign> {
  return new Set(SIGN_NAMES.filter((_, i) => (bits & (1 << i)) !== 0));
}
