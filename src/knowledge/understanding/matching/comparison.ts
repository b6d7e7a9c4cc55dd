import { canonical } from '../words/canonical.js';
import {
  compare,
  wordsInCommon,
  type AskedMessage,
  type AskedWords,
  type Entry,
  type WordsInCommon,
} from './compare.js';
import { addContentWords } from '../words/content-words.js';
import type { AskedByModel, Features, ModelVectors, Text } from './features.js';
import { addLeads } from './leads.js';
import { LetterGroups, LetterIndex } from '../words/letter-groups.js';
import { distinctTerms, type Lexicon, type Term } from '../words/lexicon.js';
import { TextPacker } from '../texts/packed-texts.js';
import type { PreparedText } from '../texts/prepared-text.js';
import type { Vocabulary } from '../words/vocabulary.js';
import { addShares } from './shares.js';
import { signsAskedFor } from './signs.js';
import { addTo, dot, unit } from '../words/vectors.js';
import { answerKindsIn, isNegated, numbersIn, wordsOf } from '../words/words.js';

export interface ComparisonOptions {
  /** Document frequencies over all texts, if the compared texts are only some of them. */
  readonly among?: { count(term: Term): number; size(): number } | undefined;
  /** The embedding model's vectors for each text. */
  readonly model?: ((position: number) => ModelVectors | undefined) | undefined;
}

/** The texts of one business, ready to be compared with messages. */
export class Comparison {
  private readonly letters: LetterIndex;
  private readonly entries: readonly Entry[];
  private readonly inBusiness = new Map<string, number>();
  private readonly inHeads = new Map<string, number>();
  private readonly meanLength: number;
  /** The average vector of all texts: what the business is about in general. */
  private readonly common: Float32Array;

  static of(lexicon: Lexicon, texts: readonly Text[], options?: ComparisonOptions): Comparison {
    const packer = new TextPacker(lexicon);
    for (const text of texts) packer.add(text);
    const packed = packer.finish();
    const prepared = texts.map((text, position) => packed.at(position, text));
    return new Comparison(lexicon, packed.vocabulary, prepared, options);
  }

  constructor(
    private readonly lexicon: Lexicon,
    private readonly vocabulary: Vocabulary,
    texts: readonly PreparedText[],
    private readonly options: ComparisonOptions = {},
  ) {
    for (const { head, body } of texts) {
      // With `among`, rarity comes from all texts, not just these.
      if (options.among === undefined) {
        for (const key of this.keysOf(head, body)) increment(this.inBusiness, key);
      }
      for (const key of this.keysOf(head)) increment(this.inHeads, key);
    }
    this.letters = new LetterIndex(texts.map(({ letters }) => letters));
    this.common = commonOf(texts);
    this.entries = texts.map((text, position) => this.entry(text, position, texts.length));
    this.meanLength = Math.max(
      1,
      this.entries.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length),
    );
  }

  /** The features of each text for a message. */
  features(message: string, byModel?: AskedByModel): Features[] {
    const messageFeatures = this.prepareMessage(message, byModel);
    const compared = this.entries.map((entry) => compare(messageFeatures, entry, this.meanLength));
    addShares(messageFeatures, compared);
    addContentWords(messageFeatures, compared, this.entries);
    return addLeads(compared.map(({ draft }) => draft));
  }

  /** Far cheaper than `features`, so it can be used for every message. */
  wordsInCommon(message: string): WordsInCommon[] {
    const words = this.prepareWords(message);
    return this.entries.map((entry) => wordsInCommon(words, entry));
  }

  private prepareWords(message: string): AskedWords {
    const terms = distinctTerms(this.lexicon.terms(message));
    const rarities = terms.map((term) => this.rarity(term));
    const weights = weightsOf(terms, rarities);
    const nearness = terms.map((term) => this.vocabulary.nearness(term));
    const forms = terms.map(({ keys }) => keys.map((key) => this.vocabulary.withKey(key)));
    return { terms, rarities, weights, weight: sumOf(weights), nearness, forms };
  }

  private prepareMessage(message: string, byModel: AskedByModel | undefined): AskedMessage {
    const canonicalText = canonical(message);
    const all = wordsOf(canonicalText);
    const asks = answerKindsIn(all);
    const vector = this.lexicon.sentence(message);
    const prices = this.lexicon.term('harga').groups;
    const words = this.prepareWords(message);
    return {
      ...words,
      asksPrice: words.terms.map(({ groups }) => groups.some((group) => prices.includes(group))),
      vector,
      centred: without(vector, this.common),
      letters: this.letters.cosines(new LetterGroups(all)),
      isNegated: isNegated(all),
      numbers: numbersIn(canonicalText),
      asks,
      signs: signsAskedFor(asks),
      length: all.length,
      byModel,
    };
  }

  private entry(text: PreparedText, position: number, size: number): Entry {
    const { vocabulary } = this;
    const head = Int32Array.from(new Set(text.head));
    const headWeights = Array.from(head, (number) => {
      const rarity = rarityOf(vocabulary.keys(number), this.inHeads, size);
      return weightOf(vocabulary.weight(number), rarity);
    });
    return {
      text,
      position,
      head,
      headWeights,
      headWeight: sumOf(headWeights),
      length: text.head.length + text.body.length,
      centred: {
        head: without(text.headVector, this.common),
        whole: without(text.wholeVector, this.common),
      },
      model: this.options.model?.(position),
    };
  }

  private keysOf(...parts: readonly Int32Array[]): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const part of parts) {
      for (const number of part) for (const key of this.vocabulary.keys(number)) keys.add(key);
    }
    return keys;
  }

  private rarity(term: Term): number {
    const { among } = this.options;
    if (among !== undefined) return rarity(among.count(term), among.size());
    return rarityOf(term.keys, this.inBusiness, this.entries.length);
  }
}

/** Shrinks the average of few texts towards zero. */
const FEW_TEXTS = 10;

function commonOf(texts: readonly PreparedText[]): Float32Array {
  const common = new Float32Array(texts[0]?.wholeVector.length ?? 0);
  for (const { wholeVector } of texts) addTo(common, wholeVector);
  return common.map((value) => value / (texts.length + FEW_TEXTS));
}

function without(vector: Float32Array, common: Float32Array): Float32Array {
  // A passage has no head, so its head vector is zero.
  if (dot(vector, vector) === 0) return vector;
  const difference = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i += 1) difference[i] = (vector[i] ?? 0) - (common[i] ?? 0);
  return unit(difference);
}

function weightsOf(terms: readonly Term[], rarities: readonly number[]): readonly number[] {
  return terms.map(({ weight }, i) => weightOf(weight, rarities[i] ?? 0));
}

function weightOf(weight: number, rarity: number): number {
  return weight * rarity + 1e-6;
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Inverse document frequency as a share of the highest possible, 0..1. */
function rarityOf(keys: readonly string[], frequencies: ReadonlyMap<string, number>, size: number): number {
  return rarity(Math.max(...keys.map((key) => frequencies.get(key) ?? 0)), size);
}

function rarity(count: number, size: number): number {
  if (count === 0) return 1;
  return Math.log(1 + (size - count + 0.5) / (count + 0.5)) / Math.log(1 + (size + 0.5) / 0.5);
}
