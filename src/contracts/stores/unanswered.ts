import type { Locale } from '../message.js';
import type { Page, PageRequest } from './page.js';

export interface UnansweredQuestion {
  readonly id: string;
  readonly question: string;
  readonly locale: Locale;
  /** Conversations that asked it, newest last, at most 100. */
  readonly askedIn: readonly string[];
  readonly count: number;
  readonly status: 'open' | 'answered' | 'dismissed';
  readonly firstAskedAt: Date;
  readonly lastAskedAt: Date;
}

export interface UnansweredStore {
  /** Counts the same words in the same language; an answered question that is asked again is open again. */
  record(question: {
    readonly text: string;
    readonly locale: Locale;
    readonly conversationId: string;
    readonly at: Date;
  }): Promise<void>;
  get(id: string): Promise<UnansweredQuestion | undefined>;
  list(page: PageRequest): Promise<Page<UnansweredQuestion>>;
  setStatus(id: string, status: UnansweredQuestion['status']): Promise<UnansweredQuestion | undefined>;
}
