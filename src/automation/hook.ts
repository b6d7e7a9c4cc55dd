import type { EventType } from '../contracts/events.js';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const;

/** An address that a business is told at of what happens. */
export interface Hook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly EventType[];
  readonly sealedSecret: string;
  readonly createdAt: Date;
}

/** One event on its way to one hook. Its id is the receiver's `webhook-id`, the same at every try. */
export interface HookDelivery {
  readonly id: string;
  readonly hookId: string;
  readonly type: EventType | 'hook.test';
  /** The bytes that are sent, at every try. */
  readonly body: string;
  /** Ids of the contact, the conversation or the message that it tells of. */
  readonly about?: readonly string[];
  /** The contact it tells of: what one hook hears of a contact comes in order. */
  readonly contactId?: string;
  /** Its place in that order. */
  readonly order?: number;
  readonly status: (typeof DELIVERY_STATUSES)[number];
  readonly attempts: number;
  readonly lastStatus?: number;
  readonly lastError?: string;
  readonly lastAttemptAt?: Date;
  readonly nextAttemptAt?: Date;
  readonly createdAt: Date;
}
