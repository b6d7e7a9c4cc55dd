import type { PossibleAnswer } from './answers.js';
import type { FaqEntry } from './document.js';
import type { Locale } from './message.js';
import type { AnswerDraft, TenantScope, UnansweredQuestion } from './stores.js';

/** The entry that answers a question now, and how many conversations heard it. */
export interface AnsweredQuestion {
  readonly entry: FaqEntry;
  readonly told: number;
}

/** What becomes of questions that had no answer. */
export interface UnansweredService {
  /**
   * Kept with the questions that ask the same, in whichever words. `undefined`: it is no question
   * that somebody could answer, such as "???", a number or thanks.
   */
  record(
    scope: TenantScope,
    question: {
      readonly text: string;
      readonly locale: Locale;
      readonly conversationId: string;
      readonly contactId: string;
    },
  ): Promise<string | undefined>;
  /** Takes back what one conversation asked: it found its answer among the choices it was offered. */
  withdraw(
    scope: TenantScope,
    question: { readonly text: string; readonly conversationId: string; readonly contactId: string },
  ): Promise<void>;
  /** What is known that comes near to it, and an answer to approve: a model's, or the nearest passage. */
  suggest(
    scope: TenantScope,
    question: UnansweredQuestion,
  ): Promise<{ readonly nearest: readonly PossibleAnswer[]; readonly draft?: AnswerDraft }>;
  /**
   * Makes a FAQ entry, with the words in which it was asked, and tells those who asked. The same
   * answer again has no second effect; `answered-before`: another answer stands and nothing
   * happened. `undefined`: no such question.
   */
  answer(
    scope: TenantScope,
    id: string,
    answer: string,
  ): Promise<AnsweredQuestion | 'answered-before' | undefined>;
  dismiss(scope: TenantScope, id: string): Promise<boolean>;
}
