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
  /** When it was sent for the last time, failed or was cancelled. */
  readonly endedAt?: Date;
  readonly nextRunAt?: Date;
  /** Recurs on this cron schedule, in `timezone`. */
  readonly cron?: string;
  readonly timezone: string;
  readonly cancelOnReply: boolean;
  /** Sent only within the opening hours of the business. */
  readonly respectHours: boolean;
  /** The person asked for it, so quiet hours do not hold it back. */
  readonly wanted?: boolean;
  /** Not sent to a contact that has one of these tags. */
  readonly stopTags?: readonly string[];
  /** The step of a sequence that this follow-up is. */
  readonly sequence?: SequenceStep;
  /** A reminder to staff of a promise made in this conversation; dropped once staff have written there. */
  readonly promise?: { readonly conversationId: string };
  readonly expiresAt?: Date;
  /** How many times it was sent. */
  readonly runs: number;
  /** How many times a message being delivered was checked. */
  readonly attempts: number;
  /** Since when its message is being sent; from then on it can no longer be changed. */
  readonly sayingSince?: Date;
  readonly lastSentAt?: Date;
  /** The turn that holds the latest message. */
  readonly messageId?: string;
  readonly createdAt: Date;
  /**
   * Set if the person last wrote later than `createdAt` because the clock was set back; only messages after
   * this count as replies.
   */
  readonly heardUntil?: Date;
}

export interface SequenceStep {
  readonly name: string;
  /** Identifies the sequence at that time: one that was deleted and created again has another id. */
  readonly id: string;
  /** Which time this person goes through it, from 1. */
  readonly round: number;
  /** From 1. */
  readonly step: number;
  /** The follow-up of the previous step, and how long after it this one is sent, in ms. */
  readonly after?: { readonly followUpId: string; readonly ms: number };
}
