import type { EventType } from '../contracts/events.js';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const;

/** An address to which a business has events delivered. */
export interface Hook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly EventType[];
  readonly sealedSecret: string;
  readonly createdAt: Date;
}

/** One event on its way to one hook. Its id is the receiver's `webhook-id`, the same on every attempt. */
export interface HookDelivery {
  readonly id: string;
  readonly hookId: string;
  readonly type: EventType | 'hook.test';
  /** The exact body that is sent on every attempt. */
  readonly body: string;
  /** Ids of the contact, conversation or message the event is about. */
  readonly about?: readonly string[];
  /** The contact the event is about: a hook receives the events of one contact in order. */
  readonly contactId?: string;
  /** Position in that order. */
  readonly order?: number;
  readonly status: (typeof DELIVERY_STATUSES)[number];
  readonly attempts: number;
  readonly lastStatus?: number;
  readonly lastError?: string;
  readonly lastAttemptAt?: Date;
  readonly nextAttemptAt?: Date;
  readonly createdAt: Date;
}
