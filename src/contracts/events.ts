import type { TenantScope } from './stores.js';

/** Event types a business can subscribe to by webhook. Stored and sent, so the names never change. */
export const EVENT_TYPES = [
  'message.received',
  'answer.sent',
  'question.unanswered',
  'feedback.received',
  'conversation.handover',
  'conversation.released',
  'contact.created',
  'contact.updated',
  'contact.merged',
  'contact.deleted',
  'followup.sent',
  'followup.failed',
  'training.finished',
  'channel.state',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Reports events from where they happen. */
export interface Events {
  /**
   * `data`: snake case, as in the API. Resolves once delivery to all subscribers is queued, and never
   * rejects: the event has already happened. Free when nobody subscribes.
   */
  emit(scope: TenantScope, type: EventType, data: Readonly<Record<string, unknown>>): Promise<void>;
}
