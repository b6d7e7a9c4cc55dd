import type { Contact, TenantScope } from './stores.js';

/** Why a follow-up was not sent. Stored and told to other systems: the names never change. */
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

/** When a message goes out: once, or again and again. */
export type PlannedTime =
  { readonly at: Date; readonly timezone: string } | { readonly cron: string; readonly timezone: string };

/** A message that the business sends a person later. */
export interface PlannedMessage {
  readonly id: string;
  readonly contactId: string;
  readonly channel: string;
  readonly message: string;
  readonly timezone: string;
  readonly cron?: string;
  /** When it goes out next. */
  readonly nextRunAt?: Date;
}

/** A message that never reached its person. */
export interface FailedMessage extends Pick<PlannedMessage, 'id' | 'contactId' | 'channel' | 'message'> {
  readonly reason: FollowUpReason;
  readonly failedAt: Date;
}

/** Follow-ups as staff plan them in a chat. */
export interface FollowUpPlanner {
  /** `undefined`: there is no channel on which this person can be written to. */
  plan(
    scope: TenantScope,
    contact: Contact,
    message: string,
    time: PlannedTime,
  ): Promise<PlannedMessage | undefined>;
  /** What waits, the next first; of one person or of all. */
  waiting(scope: TenantScope, contact?: Contact): Promise<readonly PlannedMessage[]>;
  /** What failed in the last days, the latest first; of one person or of all. */
  failed(scope: TenantScope, contact?: Contact): Promise<readonly FailedMessage[]>;
  /** `undefined`: it no longer waits. One that came back and is to come once, or the reverse, is planned anew. */
  move(scope: TenantScope, id: string, time: PlannedTime): Promise<PlannedMessage | undefined>;
  edit(scope: TenantScope, id: string, message: string): Promise<PlannedMessage | undefined>;
  cancel(scope: TenantScope, id: string): Promise<PlannedMessage | undefined>;
}
