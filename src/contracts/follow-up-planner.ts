import type { Contact, TenantScope } from './stores.js';

/** Why a follow-up was not sent. Stored and sent to other systems, so the names never change. */
export const FOLLOW_UP_REASONS = [
  // cancelled
  'cancelled',
  'replied',
  'opted_out',
  'handed_over',
  'expired',
  'tagged',
  'kept',
  'sequence_deleted',
  'earlier_step_failed',
  'contact_erased',
  // failed
  'chat_blocked',
  'message_refused',
  'unconfirmed',
  'not_delivered_in_time',
  'not_delivered',
  'no_conversation',
  'internal',
] as const;
export type FollowUpReason = (typeof FOLLOW_UP_REASONS)[number];

/** When a message is sent: once or repeatedly. */
export type PlannedTime =
  { readonly at: Date; readonly timezone: string } | { readonly cron: string; readonly timezone: string };

/** A message the business will send to a person later. */
export interface PlannedMessage {
  readonly id: string;
  readonly contactId: string;
  readonly channel: string;
  readonly message: string;
  readonly timezone: string;
  readonly cron?: string;
  /** When it is sent next. */
  readonly nextRunAt?: Date;
}

/** A message that did not reach its person. */
export interface FailedMessage extends Pick<PlannedMessage, 'id' | 'contactId' | 'channel' | 'message'> {
  readonly reason: FollowUpReason;
  readonly failedAt: Date;
}

/** Follow-ups as staff schedule them in a chat. */
export interface FollowUpPlanner {
  /** `undefined`: the person cannot be reached on any channel. */
  plan(
    scope: TenantScope,
    contact: Contact,
    message: string,
    time: PlannedTime,
  ): Promise<PlannedMessage | undefined>;
  /** Pending messages, soonest first; for one contact or for all. */
  waiting(scope: TenantScope, contact?: Contact): Promise<readonly PlannedMessage[]>;
  /** Recent failures, latest first; for one contact or for all. */
  failed(scope: TenantScope, contact?: Contact): Promise<readonly FailedMessage[]>;
  /** `undefined`: it is no longer pending. Changing between one-time and recurring schedules it anew. */
  move(scope: TenantScope, id: string, time: PlannedTime): Promise<PlannedMessage | undefined>;
  edit(scope: TenantScope, id: string, message: string): Promise<PlannedMessage | undefined>;
  cancel(scope: TenantScope, id: string): Promise<PlannedMessage | undefined>;
}
