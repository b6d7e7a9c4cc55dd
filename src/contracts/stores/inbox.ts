import type { InboxEvent } from '../turn.js';
import type { PreparedWrite } from './lanes.js';

/** Inbound events, stored before the platform's call is acknowledged. */
export interface InboxStore {
  /** Durable once resolved. A known key changes nothing and returns the stored row. */
  accept(
    event: Omit<InboxEvent, 'attempts' | 'status'>,
  ): Promise<{ readonly stored: InboxEvent; readonly duplicate: boolean }>;
  get(key: string): Promise<InboxEvent | undefined>;
  /** Unanswered events of a conversation, in the platform's order. */
  pending(conversationId: string): Promise<readonly InboxEvent[]>;
  /** All versions of a message, as sent and as edited, oldest first; empty if it was never for us. */
  versions(conversationId: string, messageId: string): Promise<readonly InboxEvent[]>;
  /** Counts an attempt; the event becomes `dead` once `attempts` reaches `maximum`. Returns the new state. */
  recordAttempt(keys: readonly string[], maximum: number): Promise<readonly InboxEvent[]>;
  /** Uncounts the last attempt, which was interrupted because more messages arrived. */
  forgetAttempt(keys: readonly string[]): Promise<void>;
  markAnswered(keys: readonly string[]): Promise<void>;
  /** Marks the events as answered once it is sent. */
  prepareAnswered(keys: readonly string[]): PreparedWrite;
  /** Reassigns what one contact wrote in a conversation to another contact. */
  assign(conversationId: string, fromContactId: string, toContactId: string): Promise<void>;
}
