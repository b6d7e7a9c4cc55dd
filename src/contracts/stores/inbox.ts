import type { InboxEvent } from '../turn.js';

/** Inbound events, stored before the platform is told "received". */
export interface InboxStore {
  /** Durable when resolved. A key that was accepted before changes nothing and returns the stored row. */
  accept(
    event: Omit<InboxEvent, 'attempts' | 'status'>,
  ): Promise<{ readonly stored: InboxEvent; readonly duplicate: boolean }>;
  get(key: string): Promise<InboxEvent | undefined>;
  /** Unanswered events of one conversation in platform order. */
  pending(conversationId: string): Promise<readonly InboxEvent[]>;
  /** A message as it was sent and as it was edited, oldest first; empty when it was never for us. */
  versions(conversationId: string, messageId: string): Promise<readonly InboxEvent[]>;
  /** Counts a try; the event is `dead` once `attempts` reaches `maximum`. Returns the new state. */
  recordAttempt(keys: readonly string[], maximum: number): Promise<readonly InboxEvent[]>;
  /** The last try is not held against these: it was broken off because there was more to answer. */
  forgetAttempt(keys: readonly string[]): Promise<void>;
  markAnswered(keys: readonly string[]): Promise<void>;
  /** What one contact wrote in a conversation was written by another. */
  assign(conversationId: string, fromContactId: string, toContactId: string): Promise<void>;
}
