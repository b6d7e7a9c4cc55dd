import type { Locale } from '../message.js';
import type { Page, PageRequest } from './page.js';

export interface UnansweredQuestion {
  readonly id: string;
  readonly question: string;
  readonly locale: Locale;
  /** Conversations that asked it, newest last, at most 100. */
  readonly askedIn: readonly string[];
  /** The words in which it was asked, the first ones first, at most 30. */
  readonly wordings: readonly string[];
  /** Contacts that asked it since it is open, at most 1,000. */
  readonly people: readonly string[];
  /** How often it was asked; each person counts once while it is open. */
  readonly count: number;
  /** An answer that staff may approve. */
  readonly draft?: AnswerDraft;
  readonly status: 'open' | 'answered' | 'dismissed';
  readonly firstAskedAt: Date;
  readonly lastAskedAt: Date;
}

export interface AnswerDraft {
  readonly text: string;
  /** Written by a model, or the passage that comes nearest, word for word. */
  readonly source: 'model' | 'passage';
  /** What it stands on. */
  readonly title?: string;
}

export interface UnansweredStore {
  /**
   * Counts the same words in the same language, or the question `as` which it was understood; an
   * answered question that is asked again is open again. Returns its id.
   */
  record(question: {
    readonly text: string;
    readonly locale: Locale;
    readonly conversationId: string;
    readonly contactId?: string;
    readonly as?: string | undefined;
    readonly at: Date;
  }): Promise<string>;
  /** Forgets that a conversation asked these words; a question that no other waits for goes away. */
  withdraw(question: {
    readonly text: string;
    readonly conversationId: string;
    readonly contactId: string;
  }): Promise<void>;
  get(id: string): Promise<UnansweredQuestion | undefined>;
  list(page: PageRequest): Promise<Page<UnansweredQuestion>>;
  setDraft(id: string, draft: AnswerDraft): Promise<void>;
  setStatus(id: string, status: UnansweredQuestion['status']): Promise<UnansweredQuestion | undefined>;
}
