import type { AnswerReference, FaqEntry, RestOfList } from './document.js';
import type { Locale } from './message.js';
import type { TenantScope } from './stores.js';

export type { AnswerReference, RestOfList } from './document.js';

/** Something the business has written that may answer a question. */
export interface PossibleAnswer {
  readonly reference: AnswerReference;
  /** The FAQ entry, when it is one. */
  readonly entry?: FaqEntry;
  /** Id and title of the document, or id and question of the entry. */
  readonly documentId: string;
  readonly title: string;
  /** What a person picks it by: the question, the heading, or the name of the row. */
  readonly label: string;
  /** The text as it may be sent: an entry's answer, a quote, or a table row put as a sentence. */
  readonly text: string;
  readonly locale: Locale | undefined;
}

/** What a business's knowledge has for a question. */
export type Finding =
  | {
      readonly type: 'sure';
      readonly answer: PossibleAnswer;
      /** Probability that it is right, 0 to 1; 1 when the wording is identical. */
      readonly probability: number;
      /**
       * Practically the same question in the business's own words, so it is right whichever model is
       * configured.
       */
      readonly isSameQuestion: boolean;
      /** Other rows that the question covers as well. */
      readonly more: readonly PossibleAnswer[];
      /** Set if the rows are the beginning, or a later part, of a longer list. */
      readonly rest?: RestOfList;
    }
  /** Several answers are close: two or three of them, best first, for the person to choose from. */
  | { readonly type: 'close'; readonly choices: readonly PossibleAnswer[]; readonly probability: number }
  /**
   * A follow-up says something that neither the answer it follows up on nor any other contains: `answer` is
   * all that is known.
   */
  | { readonly type: 'partial'; readonly answer: PossibleAnswer; readonly probability: number }
  /** Nothing fits; `near` lists the closest entries for whoever maintains the knowledge. */
  | { readonly type: 'none'; readonly near: readonly PossibleAnswer[]; readonly probability: number };

export interface AskedQuestion {
  readonly text: string;
  /** Earlier questions of this conversation that this one follows up on, oldest first. */
  readonly before: readonly string[];
  /** What the previous answer was based on. */
  readonly previous?: AnswerReference;
  /** The other rows that the previous answer showed. */
  readonly previousRows?: readonly AnswerReference[];
  /** How many rows of the list it asks for were shown before. */
  readonly from?: number;
  readonly locale: Locale;
}

/** An entry, or a passage with its headings, as it is given to a model. */
export interface KnowledgePiece {
  readonly kind: 'document' | 'faq';
  readonly documentId: string;
  readonly chunkId: string;
  readonly title: string;
  readonly text: string;
  readonly locale: Locale | undefined;
}

export interface KnowledgeForModel {
  /**
   * Everything the business knows, in a stable order, if it fits the budget; otherwise the best matches, best
   * first.
   */
  readonly pieces: readonly KnowledgePiece[];
  readonly isAll: boolean;
  /** Ids of the chunks or entries that match the question best, best first. */
  readonly best: readonly string[];
}

/** Finds answers in everything one business knows: its FAQ, its documents and the rows of its tables. */
export interface AnswerFinder {
  find(scope: TenantScope, question: AskedQuestion): Promise<Finding>;
  /** The knowledge given to a model for this question, within a token budget. */
  gather(scope: TenantScope, question: AskedQuestion, budgetTokens: number): Promise<KnowledgeForModel>;
  /** An answer that was offered earlier; `undefined` if it no longer exists. */
  get(
    scope: TenantScope,
    reference: AnswerReference,
    /** The question; for a table row, the cells it asks about come first. */
    question: string,
  ): Promise<PossibleAnswer | undefined>;
}

/** What a message can want other than knowledge. */
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

/** A question and the wordings it was asked in. */
export interface KnownQuestion {
  readonly id: string;
  readonly wordings: readonly string[];
  readonly locale: Locale;
}

/** Classifies messages by meaning, for any business. Pure and fast. */
export interface MessageReader {
  /** What the message wants if it is not a knowledge question, with its probability. */
  intentOf(text: string): { readonly intent: Intent; readonly probability: number } | undefined;
  /** Which of the candidate questions the message asks, whatever its wording or language. */
  sameQuestion(text: string, locale: Locale, candidates: readonly KnownQuestion[]): string | undefined;
  /**
   * Compares a text with a set of phrases. The number is the highest weight, 0 to 1, of a word that no phrase
   * contains; the flags say whether the text has a word that makes it one of the phrases, by itself or
   * together with a day or an hour. `asksTime`: it has a word of the latter kind. `isPlain`: it has a word of
   * the former kind and none of the latter. Words of `name`, what the business calls itself in either
   * language, count as explained.
   */
  explainedBy(
    text: string,
    phrases: PhraseSet,
    name?: string,
  ): {
    readonly unexplained: number;
    readonly asks: 'by-itself' | 'of-a-time' | 'not';
    readonly asksTime: boolean;
    readonly isPlain: boolean;
  };
}

/** Phrase sets that ship with Sapa. */
export type PhraseSet = 'opening-hours';
