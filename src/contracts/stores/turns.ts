import type { Page, PageRequest } from './page.js';
import type { AnswerSource, BubbleDelivery, Turn } from '../turn.js';

/** Answers and their delivery: outbox and history in one. */
export interface TurnStore {
  /**
   * The commit point of a turn. `false`: one of its events already has an answer, which stands, and nothing
   * was written.
   */
  commit(turn: Turn): Promise<boolean>;
  /**
   * Completes a turn committed as `open` with the whole answer and the deliveries of the bubbles added to its
   * beginning. `undefined`: it was already closed and stays as it is.
   */
  close(
    id: string,
    rest: {
      readonly answer: Turn['answer'];
      readonly deliveries: readonly BubbleDelivery[];
      readonly tookMs: number;
    },
  ): Promise<Turn | undefined>;
  get(id: string): Promise<Turn | undefined>;
  /** The turn that answers this inbox event. */
  answering(eventKey: string): Promise<Turn | undefined>;
  /** Turns of the conversation with undelivered bubbles, oldest first. */
  undelivered(conversationId: string): Promise<readonly Turn[]>;
  /**
   * Moves a bubble to its next state if it is still in state `from` (and, for `sending`, belongs to that
   * owner). `false`: someone else moved it first.
   */
  moveBubble(
    turnId: string,
    index: number,
    from: { readonly state: BubbleDelivery['state']; readonly owner?: string },
    to: BubbleDelivery,
  ): Promise<boolean>;
  /** The turn that this sent message belongs to. */
  sentAs(conversationId: string, messageId: string): Promise<Turn | undefined>;
  /** Message id of the last bubble sent to this conversation, if any. */
  lastReceipt(conversationId: string): Promise<string | undefined>;
  /**
   * Like `recent`, but from this process's memory where possible, so an answer based on it must be settled.
   * Delivery states in it may be outdated.
   */
  history(conversationId: string, limit: number): Promise<readonly Turn[]>;
  /** Newest last. */
  recent(conversationId: string, limit: number): Promise<readonly Turn[]>;
  saveFeedback(turnId: string, feedback: Feedback): Promise<boolean>;
  /** Answers to people's messages, newest first. */
  list(page: PageRequest): Promise<Page<RatedTurn>>;
  /** Statistics of the turns in [from, until), oldest first. */
  facts(from: Date, until: Date): AsyncIterable<TurnFacts>;
}

export interface RatedTurn {
  readonly turn: Turn;
  readonly feedback?: Feedback;
}

/** A turn reduced to what statistics need, without any text. */
export interface TurnFacts {
  readonly conversationId: string;
  readonly contactId: string;
  readonly origin: Turn['origin']['type'];
  readonly source: AnswerSource;
  /** What wrote it; `none` where no model did. */
  readonly model: string;
  /** The bot asked which of several answers was meant. */
  readonly asksBack: boolean;
  /** Number of messages it answers. */
  readonly messages: number;
  readonly isFailed: boolean;
  readonly rating?: Feedback['rating'];
  readonly createdAt: Date;
}

export interface Feedback {
  readonly rating: 'up' | 'down';
  readonly comment?: string;
  readonly at: Date;
}
