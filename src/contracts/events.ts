import type { TenantScope } from './stores.js';

/** What a business can be told of at an address of its own. Stored and sent: the names never change. */
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

/** Told of what happens, where it happens. */
export interface Events {
  /**
   * `data`: snake case, as the API writes it. Resolves when all who want to know will be told, and
   * never rejects: what happened has happened. Costs nothing where nobody wants to know.
   */
  emit(scope: TenantScope, type: EventType, data: Readonly<Record<string, unknown>>): Promise<void>;
}
