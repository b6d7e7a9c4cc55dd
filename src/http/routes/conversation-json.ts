import { z } from 'zod';
import type { Conversation, ConversationMessage } from '../../contracts/stores.js';
import { listSchema, localeSchema, timeSchema } from '../../lib/api/fields.js';
import { citationJson, citationSchema, sourceSchema } from '../chat/answer-json.js';

export const modeSchema = z.enum(['bot', 'human', 'paused']);
export const statusSchema = z.enum(['open', 'waiting', 'closed']);

export const conversationSchema = z.object({
  id: z.string(),
  channel: z.string(),
  account_id: z.string(),
  contact_id: z.string(),
  title: z.string(),
  mode: modeSchema.describe('`human`: a person answers, the bot is silent'),
  status: statusSchema.describe('`closed` by staff until the person writes again; `waiting` for the team'),
  assignee: z.string().nullable().describe('Contact of the member of staff who looks after it'),
  tags: z.array(z.string()),
  waiting_since: timeSchema.nullable(),
  last_message: z
    .object({ text: z.string(), role: z.enum(['user', 'assistant', 'staff']), at: timeSchema })
    .nullable(),
  locale: localeSchema.optional(),
  created_at: timeSchema,
  updated_at: timeSchema,
});

export const conversationExample = {
  id: 'c_8Zc1r9sYQ2mVw0bXkT3uPg',
  channel: 'web',
  account_id: 'api',
  contact_id: 'p_5mQ0x7cWb2nVrT8sYkLd1A',
  title: 'What are your opening hours?',
  mode: 'bot',
  status: 'open',
  assignee: null,
  tags: ['wholesale'],
  waiting_since: null,
  last_message: {
    text: 'We are open from 09:00 to 17:00 on weekdays.',
    role: 'assistant',
    at: '2026-01-05T02:00:01.000Z',
  },
  locale: 'en',
  created_at: '2026-01-05T02:00:00.000Z',
  updated_at: '2026-01-05T02:00:01.000Z',
};

const messageSchema = z.object({
  id: z.string(),
  role: z.enum(['user', 'assistant', 'staff']),
  text: z.string(),
  channel: z.string(),
  created_at: timeSchema,
  source: sourceSchema.optional(),
  citations: z.array(citationSchema).optional(),
  delivery: z.enum(['waiting', 'sent', 'failed']).optional().describe('Of what was sent to the person'),
  reason: z.string().optional().describe('Why it failed'),
});

const messageExample = {
  id: 't_Vb0n5xJQ7yLr2dHfE8sKaw',
  role: 'assistant',
  text: 'We are open from 09:00 to 17:00 on weekdays.',
  channel: 'web',
  created_at: '2026-01-05T02:00:01.000Z',
  source: 'faq',
  citations: [],
  delivery: 'sent',
};

export const messagesResponse = {
  description: 'Oldest first; one item per message of the person and one per answer',
  schema: listSchema(messageSchema),
  example: { items: [messageExample], next_cursor: null },
};

export function conversationJson(conversation: Conversation): z.output<typeof conversationSchema> {
  const { id, channel, title, mode, locale, status, assigneeId, tags, waitingSince, lastMessage } =
    conversation;
  return {
    id,
    channel,
    account_id: conversation.accountId,
    contact_id: conversation.contactId,
    title,
    mode,
    status,
    assignee: assigneeId ?? null,
    tags: [...tags],
    waiting_since: waitingSince?.toISOString() ?? null,
    last_message:
      lastMessage === undefined
        ? null
        : { text: lastMessage.text, role: lastMessage.role, at: lastMessage.at.toISOString() },
    ...(locale === undefined ? {} : { locale }),
    created_at: conversation.createdAt.toISOString(),
    updated_at: conversation.updatedAt.toISOString(),
  };
}

/** One message of the history, as the person may see it. */
export function messageJson(message: ConversationMessage): z.output<typeof messageSchema> {
  const { id, role, text, channel, source, citations } = message;
  return {
    id,
    // Notes appear in a contact's history, not in a conversation's.
    role: role === 'note' ? 'staff' : role,
    text,
    channel,
    created_at: message.createdAt.toISOString(),
    ...(source === undefined ? {} : { source }),
    ...(citations === undefined ? {} : { citations: citations.map(citationJson) }),
  };
}

/** The same for the business, including the delivery state of each message. */
export function deliveredMessageJson(message: ConversationMessage): z.output<typeof messageSchema> {
  const { delivery } = message;
  return {
    ...messageJson(message),
    ...(delivery === undefined ? {} : { delivery: delivery.state }),
    ...(delivery?.reason === undefined ? {} : { reason: delivery.reason }),
  };
}
