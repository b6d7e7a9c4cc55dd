import type { FollowUpReason } from '../contracts/follow-up-planner.js';

/** A message that the business sends a person later. */
export interface FollowUp {
  readonly id: string;
  readonly contactId: string;
  readonly conversationId: string;
  readonly channel: string;
  readonly message: string;
  readonly status: 'pending' | 'sent' | 'failed' | 'cancelled';
  /** Why it failed or was cancelled. */
  readonly reason?: FollowUpReason;
  /** What the platform said about it, in its own words. */
  readonly detail?: string;
  /** It was sent for the last time, failed or was cancelled then. */
  readonly endedAt?: Date;
  readonly nextRunAt?: Date;
  /** Sent again and again by this line, in `timezone`. */
  readonly cron?: string;
  readonly timezone: string;
  readonly cancelOnReply: boolean;
  /** Moved into the opening hours of the business. */
  readonly respectHours: boolean;
  /** The person asked for it themselves: no quiet hour keeps it back. */
  readonly wanted?: boolean;
  /** Not sent to a contact that has one of these tags. */
  readonly stopTags?: readonly string[];
  /** The step of a sequence that it is. */
  readonly sequence?: SequenceStep;
  /** It reminds staff of what that person was promised: nothing to do once one of them wrote there. */
  readonly promise?: { readonly conversationId: string };
  readonly expiresAt?: Date;
  /** Times it was sent. */
  readonly runs: number;
  /** Looks at a message that is under way. */
  readonly attempts: number;
  /** Its message is being sent since: it can no longer be changed. */
  readonly sayingSince?: Date;
  readonly lastSentAt?: Date;
  /** The turn that carries the newest one. */
  readonly messageId?: string;
  readonly createdAt: Date;
  /** The person wrote until then, which is later than it was made: the clock was put back meanwhile. */
  readonly heardUntil?: Date;
}

export interface SequenceStep {
  readonly name: string;
  /** Of the sequence as it was then: one that was deleted and made again has another. */
  readonly id: string;
  /** The time this person goes through it, from 1. */
  readonly round: number;
  /** From 1. */
  readonly step: number;
  /** The follow-up of the step before, and how long after it this one comes, in ms. */
  readonly after?: { readonly followUpId: string; readonly ms: number };
}
