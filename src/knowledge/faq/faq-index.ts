import type { FaqEntry } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';
import { Bm25Builder, type Bm25Index } from '../search/bm25-index.js';
import type { Analyzer } from '../search/text/analyzer.js';
import { QUESTION_WORDS } from '../search/text/stop-words.js';
import { tokenize } from '../search/text/tokenize.js';
import { acceptance, FAQ_BM25, QUESTION_WORD_WEIGHT, RANKING, type MatchFeatures } from './calibration.js';
import { conceptsOf, isSubject } from './concepts.js';
import { Spelling } from './spelling.js';

export interface FaqCandidate {
  readonly entry: FaqEntry;
  /** 0..1, calibrated. */
  readonly score: number;
  readonly features: MatchFeatures;
  /** Different words of the question that carry a subject. */
  readonly words: number;
}

/** Entries whose features are computed. */
const CANDIDATES = 10;
/** Entries each of the three indexes brings. */
const DEPTH = 50;
/** Longer questions are stories; their beginning is compared. */
const MAXIMUM_CHARACTERS = 1_000;
const MAXIMUM_WORDS = 64;

/** Frequent questions in one language; immutable. */
export class FaqIndex {
  private readonly exact = new Map<string, FaqEntry>();
  private readonly questions: Bm25Index;
  private readonly answers: Bm25Index;
  private readonly both: Bm25Index;
  /** Different terms of each entry's question. */
  private readonly questionTerms: readonly (readonly string[])[];
  private readonly spelling: Spelling;

  constructor(
    /** Of two with the same words the first answers. */
    private readonly entries: readonly FaqEntry[],
    readonly locale: Locale,
    private readonly analyzer: Analyzer,
  ) {
    const builders = {
      questions: new Bm25Builder(FAQ_BM25),
      answers: new Bm25Builder(FAQ_BM25),
      both: new Bm25Builder(FAQ_BM25),
    };
    const words: string[] = [];
    this.questionTerms = entries.map((entry) => {
      const asked = tokenize(entry.question);
      const told = tokenize(entry.answer);
      words.push(...asked, ...told);
      const question = this.terms(asked);
      const answer = this.terms(told);
      builders.questions.add({ terms: question, boosted: [] });
      builders.answers.add({ terms: answer, boosted: [] });
      builders.both.add({ terms: [...question, ...answer], boosted: [] });
      const form = exactForm(entry.question);
      if (!this.exact.has(form)) this.exact.set(form, entry);
      return [...new Set(question)];
    });
    this.questions = builders.questions.finish();
    this.answers = builders.answers.finish();
    this.both = builders.both.finish();
    this.spelling = new Spelling(words);
  }

  /** The entry with the same words in the same order, punctuation and case aside. */
  findExact(question: string): FaqEntry | undefined {
    const form = exactForm(question);
    return form === '' ? undefined : this.exact.get(form);
  }

  /** Most likely entries, best first. */
  find(question: string): FaqCandidate[] {
    const terms = this.askedTerms(question);
    return this.ranked(terms)
      .slice(0, CANDIDATES)
      .map(({ position, rank }) => this.candidate(position, rank, terms))
      .filter((candidate) => candidate !== undefined)
      .sort((a, b) => b.score - a.score);
  }

  /** Positions of the entries that share a word with the question, best first, at most 150. */
  rank(question: string): number[] {
    return this.ranked(this.askedTerms(question)).map(({ position }) => position);
  }

  private askedTerms(question: string): string[] {
    return [...new Set(this.terms(this.corrected(question)))].slice(0, MAXIMUM_WORDS);
  }

  private corrected(question: string): string[] {
    return tokenize(question.slice(0, MAXIMUM_CHARACTERS)).map((token) =>
      this.isKnown(token) ? token : this.spelling.correct(token),
    );
  }

  /** Whether the word means something here as it is: a term of an entry, or a word without subject. */
  private isKnown(token: string): boolean {
    const [term] = this.terms([token]);
    return term === undefined || this.both.termId(term) !== undefined;
  }

  private terms(tokens: readonly string[]): string[] {
    const terms = tokens.map((token) => this.analyzer.term(token, this.locale)).filter((term) => term !== '');
    return conceptsOf(terms, this.locale);
  }

  private ranked(terms: readonly string[]): { readonly position: number; readonly rank: number }[] {
    const weights = RANKING;
    const highest = terms.reduce((sum, term) => sum + this.idf(this.both, term), 0);
    const sums = new Map<number, number>();
    const add = (index: Bm25Index, weight: number): void => {
      const top = index.search(knownIds(index, terms), DEPTH);
      for (let i = 0; i < top.size; i += 1) {
        const position = top.ids[i] ?? 0;
        sums.set(position, (sums.get(position) ?? 0) + weight * (top.scores[i] ?? 0));
      }
    };
    add(this.questions, weights.question);
    add(this.answers, weights.answer);
    add(this.both, weights.both);
    const scale = highest * (weights.question + weights.answer + weights.both);
    return [...sums]
      .map(([position, sum]) => ({ position, rank: Math.min(1, sum / scale) }))
      .sort((a, b) => b.rank - a.rank || a.position - b.position);
  }

  private candidate(position: number, rank: number, asked: readonly string[]): FaqCandidate | undefined {
    const entry = this.entries[position];
    const question = this.questionTerms[position];
    if (entry === undefined || question === undefined) return undefined;
    const features = {
      rank,
      asked: this.share(asked, (term) => question.includes(term)),
      known: this.share(asked, (term) => holds(this.both, position, term)),
      entry: this.share(question, (term) => asked.includes(term)),
      missed: this.share(asked, (term) => isSubject(term, this.locale) && !holds(this.both, position, term)),
    };
    const words = asked.filter((term) => !QUESTION_WORDS[this.locale].has(term)).length;
    return { entry, score: acceptance(features, words), features, words };
  }

  /** Share of the terms' information that lies in those of them that are found. */
  private share(terms: readonly string[], isFound: (term: string) => boolean): number {
    let all = 0;
    let found = 0;
    for (const term of terms) {
      const weight =
        this.idf(this.both, term) * (QUESTION_WORDS[this.locale].has(term) ? QUESTION_WORD_WEIGHT : 1);
      all += weight;
      if (isFound(term)) found += weight;
    }
    return all === 0 ? 0 : found / all;
  }

  private idf(index: Bm25Index, term: string): number {
    const id = index.termId(term);
    return index.idf(id === undefined ? 0 : index.frequency(id));
  }
}

/** Folded words in order. */
export function exactForm(question: string): string {
  return tokenize(question).join(' ');
}

function holds(index: Bm25Index, position: number, term: string): boolean {
  const id = index.termId(term);
  return id !== undefined && index.holds(position, id);
}

function knownIds(index: Bm25Index, terms: readonly string[]): number[] {
  return terms.map((term) => index.termId(term)).filter((id) => id !== undefined);
}
