import type { AnswerReference, FaqEntry } from './document.js';
import type { Locale } from './message.js';
import type { TenantScope } from './stores.js';

export type { AnswerReference } from './document.js';

/** Something a business says that may answer a question. */
export interface PossibleAnswer {
  readonly reference: AnswerReference;
  /** The entry it is, when it is one of the FAQ. */
  readonly entry?: FaqEntry;
  /** Id and title of the document, or id and question of the entry. */
  readonly documentId: string;
  readonly title: string;
  /** What a person can choose it by: the question, the heading, the name of the row. */
  readonly label: string;
  /** What is said, as it may be sent: an entry's own text, a quote, a row as a sentence. */
  readonly text: string;
  readonly locale: Locale | undefined;
}

/** What a business has to say to a question. */
export type Finding =
  | {
      readonly type: 'sure';
      readonly answer: PossibleAnswer;
      /** Probability that it is right, 0..1; 1 for the very same words. */
      readonly probability: number;
      /** All but the same question, in the business's own words: right whatever model there is. */
      readonly isSameQuestion: boolean;
      /** Further rows that the question is about, too. */
      readonly more: readonly PossibleAnswer[];
    }
  /** Which of these is meant? Best first, two or three. */
  | { readonly type: 'close'; readonly choices: readonly PossibleAnswer[]; readonly probability: number }
  /** Nothing that fits; what came nearest, for those who look after the knowledge. */
  | { readonly type: 'none'; readonly near: readonly PossibleAnswer[]; readonly probability: number };

export interface AskedQuestion {
  readonly text: string;
  /** Questions of this conversation that this one goes on from, oldest first. */
  readonly before: readonly string[];
  /** What the answer before this question rested on. */
  readonly previous?: AnswerReference;
  readonly locale: Locale;
}

/** An entry, or a passage under its headings, as a model is told it. */
export interface KnowledgePiece {
  readonly kind: 'document' | 'faq';
  readonly documentId: string;
  readonly chunkId: string;
  readonly title: string;
  readonly text: string;
  readonly locale: Locale | undefined;
}

export interface KnowledgeForModel {
  /** All that the business says, in a stable order, when it fits the budget; else what fits best, best first. */
  readonly pieces: readonly KnowledgePiece[];
  readonly isAll: boolean;
  /** Chunks (or entries) that fit the question best, best first. */
  readonly best: readonly string[];
}

/** Finds answers in all that one business knows: its FAQ, its documents, the rows of its tables. */
export interface AnswerFinder {
  find(scope: TenantScope, question: AskedQuestion): Promise<Finding>;
  /** What a model is told to answer the question from, within a budget of tokens. */
  gather(scope: TenantScope, question: AskedQuestion, budgetTokens: number): Promise<KnowledgeForModel>;
  /** An answer that was offered before; `undefined` when it is gone. */
  get(
    scope: TenantScope,
    reference: AnswerReference,
    /** What was asked: of a row the cells it asks for come first. */
    question: string,
  ): Promise<PossibleAnswer | undefined>;
}

/** What a message wants that asks for no knowledge. */
export const INTENTS = [
  'person',
  'identity',
  'robot',
  'complaint',
  'thanks',
  'farewell',
  'english',
  'indonesian',
  'help',
] as const;
export type Intent = (typeof INTENTS)[number];

/** A question with the words in which it was asked. */
export interface KnownQuestion {
  readonly id: string;
  readonly wordings: readonly string[];
  readonly locale: Locale;
}

/** Reads messages by their meaning, in any business. Pure and quick. */
export interface MessageReader {
  /** What a message wants when it is none of knowledge, with the probability that it is that. */
  intentOf(text: string): { readonly intent: Intent; readonly probability: number } | undefined;
  /** Which of some questions a message asks, too, in whichever words or language. */
  sameQuestion(text: string, locale: Locale, candidates: readonly KnownQuestion[]): string | undefined;
  /**
   * How a text compares with a set of phrases: the most that a word none of them has says, 0..1, and
   * whether it has a word that makes it one of them, by itself or where a day or an hour is named.
   * `asksTime`: it has a word of the latter kind, whatever else it has. `isPlain`: it has one of the
   * former kind that is none of the latter.
   */
  explainedBy(
    text: string,
    phrases: PhraseSet,
  ): {
    readonly unexplained: number;
    readonly asks: 'by-itself' | 'of-a-time' | 'not';
    readonly asksTime: boolean;
    readonly isPlain: boolean;
  };
}

/** Named sets of phrases that come with Sapa. */
export type PhraseSet = 'opening-hours';
