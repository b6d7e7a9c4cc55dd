import { z } from 'zod';
import type { EventType } from './events.js';
import { LOCALES } from './message.js';

const id = z.string();
const place = { conversation_id: id, contact_id: id, channel: z.string() };
const contact = z.looseObject({ id, name: z.string().nullable() });
const followUp = z.looseObject({
  id,
  contact_id: id,
  conversation_id: id,
  message: z.string(),
  status: z.string(),
});

/** The data of each event type; contacts and follow-ups as in the API. */
const EVENT_DATA: Readonly<Record<EventType, z.ZodType>> = {
  'message.received': z.object({ ...place, text: z.string() }),
  'answer.sent': z.looseObject({
    ...place,
    message_id: id,
    question: z.string(),
    answer: z.string(),
    source: z.string(),
    locale: z.enum(LOCALES),
  }),
  'question.unanswered': z.object({
    question: z.string(),
    locale: z.enum(LOCALES),
    conversation_id: id,
    contact_id: id,
  }),
  'feedback.received': z.object({
    message_id: id,
    rating: z.enum(['up', 'down']),
    comment: z.string().optional(),
  }),
  'conversation.handover': z.object({
    ...place,
    reason: z.string().describe('`asked`, `takeover`, or `own-device`: answered from the phone'),
  }),
  'conversation.released': z.object({ ...place, by: z.enum(['staff', 'person', 'timer']) }),
  'contact.created': contact,
  'contact.updated': contact,
  'contact.merged': z.looseObject({ id, merged_id: id }),
  'contact.deleted': z.object({ id }),
  'followup.sent': followUp,
  'followup.failed': followUp,
  'training.finished': z.looseObject({ training_id: id, status: z.string(), model_id: id.nullish() }),
  'channel.state': z.object({ account_id: id, channel: z.string(), state: z.string(), reason: z.string() }),
};

/** The body of every webhook call. */
export function eventSchema(type: EventType): z.ZodType {
  return z.object({
    id: z.string().describe('The `webhook-id`, the same at every try'),
    type: z.literal(type),
    created_at: z.iso.datetime(),
    tenant_id: z.string(),
    data: EVENT_DATA[type],
  });
}
