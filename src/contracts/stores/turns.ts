import type { Page, PageRequest } from './page.js';
import type { AnswerSource, BubbleDelivery, Turn } from '../turn.js';

/** Answers and their delivery: outbox and history in one. */
export interface TurnStore {
  /**
   * The commit point of a turn. `false` when one of its events already has an answer, which
   * then stands; nothing is written.
   */
  commit(turn: Turn): Promise<boolean>;
  /**
   * Ends a turn that was committed as `open`: this is the whole answer, and these are the deliveries
   * of what it has more than the beginning. `undefined`: it was closed before, and stays as it is.
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
  /** Turns of the conversation with bubbles to deliver, oldest first. */
  undelivered(conversationId: string): Promise<readonly Turn[]>;
  /**
   * Moves one bubble to its next state if it still is in state `from` (and, for `sending`, of
   * that owner). `false` when someone else moved it first.
   */
  moveBubble(
    turnId: string,
    index: number,
    from: { readonly state: BubbleDelivery['state']; readonly owner?: string },
    to: BubbleDelivery,
  ): Promise<boolean>;
  /** The turn that this message of ours belongs to. */
  sentAs(conversationId: string, messageId: string): Promise<Turn | undefined>;
  /** Message id of the last bubble sent to this conversation, if any. */
  lastReceipt(conversationId: string): Promise<string | undefined>;
  /**
   * What `recent` says, as far as this process remembers it: what is answered with it is settled.
   * How far the answers were delivered is not kept up to date.
   */
  history(conversationId: string, limit: number): Promise<readonly Turn[]>;
  /** Newest last. */
  recent(conversationId: string, limit: number): Promise<readonly Turn[]>;
  saveFeedback(turnId: string, feedback: Feedback): Promise<boolean>;
  /** Answers to what people wrote, newest first. */
  list(page: PageRequest): Promise<Page<RatedTurn>>;
  /** What is counted of the turns from one moment until before another, oldest first. */
  facts(from: Date, until: Date): AsyncIterable<TurnFacts>;
}

export interface RatedTurn {
  readonly turn: Turn;
  readonly feedback?: Feedback;
}

/** A turn as numbers are made of it: no words. */
export interface TurnFacts {
  readonly conversationId: string;
  readonly contactId: string;
  readonly origin: Turn['origin']['type'];
  readonly source: AnswerSource;
  /** The bot asked which of several is meant. */
  readonly asksBack: boolean;
  /** Messages it answers. */
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
