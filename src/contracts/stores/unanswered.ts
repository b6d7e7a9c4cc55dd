import type { Locale } from '../message.js';
import type { Page, PageRequest } from './page.js';

export interface UnansweredQuestion {
  readonly id: string;
  readonly question: string;
  readonly locale: Locale;
  /** Conversations in which it was asked, newest last, at most 100. */
  readonly askedIn: readonly string[];
  /** Wordings of the question, earliest first, at most 30. */
  readonly wordings: readonly string[];
  /** Contacts who asked it since it was opened, at most 1,000. */
  readonly people: readonly string[];
  /** How often it was asked; each person counts once while it is open. */
  readonly count: number;
  /** An answer staff can approve. */
  readonly draft?: AnswerDraft;
  readonly status: 'open' | 'answered' | 'dismissed';
  readonly firstAskedAt: Date;
  readonly lastAskedAt: Date;
}

export interface AnswerDraft {
  readonly text: string;
  /** Written by a model, or the nearest passage word for word. */
  readonly source: 'model' | 'passage';
  /** The title of what it is based on. */
  readonly title?: string;
}

/** As much of an open question as tells whether it is asked again. */
export type OpenQuestion = Pick<UnansweredQuestion, 'id' | 'locale' | 'wordings' | 'draft'>;

export interface UnansweredStore {
  /**
   * Adds to the question with the same words in the same language, or to the question `as` which it was
   * understood; an answered question is reopened. Returns its id.
   */
  record(question: {
    readonly text: string;
    readonly locale: Locale;
    readonly conversationId: string;
    readonly contactId?: string;
    readonly as?: string | undefined;
    readonly at: Date;
  }): Promise<string>;
  /** Removes what one conversation asked; a question nobody else is waiting for is deleted. */
  withdraw(question: {
    readonly text: string;
    readonly conversationId: string;
    readonly contactId: string;
  }): Promise<void>;
  get(id: string): Promise<UnansweredQuestion | undefined>;
  list(page: PageRequest): Promise<Page<UnansweredQuestion>>;
  /** Those that wait for an answer, the newest first. */
  open(limit: number): Promise<readonly OpenQuestion[]>;
  setDraft(id: string, draft: AnswerDraft): Promise<void>;
  setStatus(id: string, status: UnansweredQuestion['status']): Promise<UnansweredQuestion | undefined>;
}
