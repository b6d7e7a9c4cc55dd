import type { PossibleAnswer } from './answers.js';
import type { FaqEntry } from './document.js';
import type { Locale } from './message.js';
import type { AnswerDraft, TenantScope, UnansweredQuestion } from './stores.js';

/** The entry that now answers a question, and how many conversations were told. */
export interface AnsweredQuestion {
  readonly entry: FaqEntry;
  readonly notified: number;
}

/** Manages questions the bot could not answer. */
export interface UnansweredService {
  /**
   * Grouped with questions that mean the same. `undefined`: nothing staff could answer, such as "???", a
   * number or a thank-you.
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
  /** Withdraws what one conversation asked, because it found its answer among the offered choices. */
  withdraw(
    scope: TenantScope,
    question: { readonly text: string; readonly conversationId: string; readonly contactId: string },
  ): Promise<void>;
  /** The closest knowledge, and a draft answer to approve: a model's, or the nearest passage. */
  suggest(
    scope: TenantScope,
    question: UnansweredQuestion,
  ): Promise<{ readonly nearest: readonly PossibleAnswer[]; readonly draft?: AnswerDraft }>;
  /**
   * Creates an FAQ entry, including the wordings people used, and tells those who asked. Repeating the same
   * answer has no effect; `answered-before`: a different answer already exists and nothing changed.
   * `undefined`: no such question.
   */
  answer(
    scope: TenantScope,
    id: string,
    answer: string,
  ): Promise<AnsweredQuestion | 'answered-before' | undefined>;
  dismiss(scope: TenantScope, id: string): Promise<boolean>;
}
