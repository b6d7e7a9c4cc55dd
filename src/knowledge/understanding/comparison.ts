import { canonical } from './canonical.js';
import {
  compare,
  type AskedByModel,
  withLeads,
  type AskedMessage,
  type Entry,
  type Features,
  type ModelVectors,
  type Text,
  type Weighted,
} from './features.js';
import { LetterGroups } from './letter-groups.js';
import { rememberedNearness, type Lexicon, type Term } from './lexicon.js';
import { signsIn } from './signs.js';
import { askedFor, isNegated, numbersIn, wordsOf } from './words.js';

/** Terms of a body and characters of a text that are looked at. */
const BODY_TERMS = 200;
const CONTEXT_TERMS = 120;
const WHOLE_CHARACTERS = 400;

/** The texts of one business, prepared for comparing messages with them. */
export class Comparison {
  private readonly entries: readonly Entry[];
  private readonly inBusiness = new Map<string, number>();
  private readonly inHeads = new Map<string, number>();
  private readonly meanLength: number;

  constructor(
    private readonly lexicon: Lexicon,
    texts: readonly Text[],
    /** How many of all texts hold a term, where these are only some of them. */
    private readonly among?: { count(term: Term): number; size(): number },
    /** What an embedding model makes of each text. */
    private readonly model: (position: number) => ModelVectors | undefined = () => undefined,
  ) {
    const split = texts.map((text) => ({
      text,
      head: lexicon.terms(text.head),
      body: lexicon.terms(text.body).slice(0, BODY_TERMS),
    }));
    for (const { head, body } of split) {
      for (const key of keysOf([...head, ...body])) increment(this.inBusiness, key);
      for (const key of keysOf(head)) increment(this.inHeads, key);
    }
    this.entries = split.map(({ text, head, body }, position) => ({
      ...this.entry(text, head, body, texts.length),
      model: this.model(position),
    }));
    this.meanLength = Math.max(
      1,
      this.entries.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length),
    );
  }

  /** How a message compares with each of the texts. */
  features(message: string, byModel?: AskedByModel): Features[] {
    const asked = this.asked(message, byModel);
    const rarity = (term: Term): number => this.rarity(term);
    return withLeads(this.entries.map((entry) => compare(asked, entry, rarity, this.meanLength)));
  }

  private asked(message: string, byModel: AskedByModel | undefined): AskedMessage {
    const all = wordsOf(canonical(message));
    const terms = weighted(this.lexicon.terms(message), (term) => this.rarity(term));
    return {
      terms,
      weight: sumOf(terms),
      vector: this.lexicon.sentence(message),
      letters: new LetterGroups(all),
      isNegated: isNegated(all),
      numbers: numbersIn(canonical(message)),
      asks: askedFor(all),
      length: all.length,
      nearness: rememberedNearness(),
      byModel,
    };
  }

  private entry(text: Text, head: readonly Term[], body: readonly Term[], size: number): Entry {
    const counts = new Map<string, number>();
    for (const term of [...head, ...body]) for (const key of term.keys) increment(counts, key);
    const headWords = wordsOf(canonical(text.head));
    const headTerms = weighted(head, (term) => rarityOf(term, this.inHeads, size));
    return {
      kind: text.kind,
      head: headTerms,
      headWeight: sumOf(headTerms),
      body: unique(body),
      context: unique(this.lexicon.terms(text.context).slice(0, CONTEXT_TERMS)),
      counts,
      length: head.length + body.length,
      letters: new LetterGroups(headWords),
      numbers: numbersIn(canonical(`${text.head} ${text.body} ${text.context}`)),
      isNegated: isNegated(headWords),
      asks: askedFor(headWords),
      signs: signsIn(text.body),
      headVector: this.lexicon.sentence(text.head),
      bodyVector: this.lexicon.sentence(text.body),
      wholeVector: this.lexicon.sentence(`${text.head} ${text.body.slice(0, WHOLE_CHARACTERS)}`),
    };
  }

  private rarity(term: Term): number {
    if (this.among !== undefined) return rarity(this.among.count(term), this.among.size());
    return rarityOf(term, this.inBusiness, this.entries.length);
  }
}

function weighted(terms: readonly Term[], rarity: (term: Term) => number): Weighted[] {
  return unique(terms).map((term) => ({ term, weight: term.weight * rarity(term) + 1e-6 }));
}

function unique(terms: readonly Term[]): Term[] {
  return [...new Map(terms.map((term) => [term.text, term])).values()];
}

function keysOf(terms: readonly Term[]): ReadonlySet<string> {
  return new Set(terms.flatMap(({ keys }) => keys));
}

function sumOf(terms: readonly Weighted[]): number {
  return terms.reduce((sum, { weight }) => sum + weight, 0);
}

/** Inverse document frequency as a share of the highest possible, 0..1. */
function rarityOf(term: Term, frequencies: ReadonlyMap<string, number>, size: number): number {
  return rarity(Math.max(...term.keys.map((key) => frequencies.get(key) ?? 0)), size);
}

function rarity(count: number, size: number): number {
  if (count === 0) return 1;
  return Math.log(1 + (size - count + 0.5) / (count + 0.5)) / Math.log(1 + (size + 0.5) / 0.5);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
