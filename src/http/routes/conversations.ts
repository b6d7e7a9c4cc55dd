import { z } from 'zod';
import type { Conversation, ConversationMessage, TenantScope } from '../../contracts/stores.js';
import { jsonBody, noBody } from '../../lib/api/body-spec.js';
import {
  idParams,
  listSchema,
  localeSchema,
  pageQuery,
  textSchema,
  timeSchema,
} from '../../lib/api/fields.js';
import { listAnswer, pageRequest } from '../../lib/api/page.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, json } from '../../lib/api/route.js';
import {
  answerJson,
  answerExample,
  answerSchema,
  citationJson,
  citationSchema,
  sourceSchema,
} from '../chat/answer-json.js';
import { notFound } from '../../lib/api/problem.js';
import type { Outreach } from '../../contracts/chat.js';
import type { HandOver } from '../../contracts/hand-over.js';
import type { MakeId } from '../../contracts/runtime.js';

/** What these routes use. */
export interface ConversationRouteNeeds {
  readonly outreach: Outreach;
  readonly handOver: HandOver;
  readonly makeId: MakeId;
}

const conversationSchema = z.object({
  id: z.string(),
  channel: z.string(),
  account_id: z.string(),
  contact_id: z.string(),
  title: z.string(),
  mode: z.enum(['bot', 'human', 'paused']).describe('`human`: a person answers, the bot is silent'),
  locale: localeSchema.optional(),
  created_at: timeSchema,
  updated_at: timeSchema,
});

const conversationExample = {
  id: 'c_8Zc1r9sYQ2mVw0bXkT3uPg',
  channel: 'web',
  account_id: 'api',
  contact_id: 'p_5mQ0x7cWb2nVrT8sYkLd1A',
  title: 'What are your opening hours?',
  mode: 'bot',
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
});

const messageExample = {
  id: 't_Vb0n5xJQ7yLr2dHfE8sKaw',
  role: 'assistant',
  text: 'We are open from 09:00 to 17:00 on weekdays.',
  channel: 'web',
  created_at: '2026-01-05T02:00:01.000Z',
  source: 'faq',
  citations: [],
};

export const messagesResponse = {
  description: 'Oldest first; one item per message of the person and one per answer',
  schema: listSchema(messageSchema),
  example: { items: [messageExample], next_cursor: null },
};

function conversationJson(conversation: Conversation): z.output<typeof conversationSchema> {
  const { id, channel, title, mode, locale } = conversation;
  return {
    id,
    channel,
    account_id: conversation.accountId,
    contact_id: conversation.contactId,
    title,
    mode,
    ...(locale === undefined ? {} : { locale }),
    created_at: conversation.createdAt.toISOString(),
    updated_at: conversation.updatedAt.toISOString(),
  };
}

export function messageJson(message: ConversationMessage): z.output<typeof messageSchema> {
  const { id, role, text, channel, source, citations } = message;
  return {
    id,
    // What is noted about a person stands in the history of the contact, not of a conversation.
    role: role === 'note' ? 'staff' : role,
    text,
    channel,
    created_at: message.createdAt.toISOString(),
    ...(source === undefined ? {} : { source }),
    ...(citations === undefined ? {} : { citations: citations.map(citationJson) }),
  };
}

const conversationResponse = {
  description: 'The conversation',
  schema: conversationSchema,
  example: conversationExample,
};

const common = { auth: 'tenant', tag: 'conversations' } as const;

export function conversationRoutes(deps: ConversationRouteNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/conversations',
      summary: 'Conversations, newest first',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of conversations',
          schema: listSchema(conversationSchema),
          example: { items: [conversationExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.conversations.list(pageRequest(query)), conversationJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/conversations/{id}',
      summary: 'One conversation',
      params: idParams,
      responses: { 200: conversationResponse },
      async handler({ params, access: { scope } }) {
        const conversation = await scope.conversations.get(params.id);
        if (conversation === undefined) throw notFound();
        return json(200, conversationJson(conversation));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/conversations/{id}/messages',
      summary: 'What was said',
      params: idParams,
      query: pageQuery,
      responses: { 200: messagesResponse },
      async handler({ params, query, access: { scope } }) {
        if (!(await scope.conversations.get(params.id))) throw notFound();
        return listAnswer(await scope.conversations.messages(params.id, pageRequest(query)), messageJson);
      },
    }),
    modeRoute('takeover', 'Let a person answer; the bot is silent', (scope, conversation) =>
      deps.handOver.take(scope, conversation),
    ),
    modeRoute('release', 'Give the conversation back to the bot', (scope, conversation) =>
      deps.handOver.release(scope, conversation, deps.makeId('release'), 'staff'),
    ),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/conversations/{id}/messages',
      summary: 'Write to the person as staff',
      params: idParams,
      body: jsonBody(z.strictObject({ text: textSchema(16_000) }), { text: 'Your parcel leaves today.' }),
      responses: {
        201: {
          description: 'Queued for sending',
          schema: answerSchema,
          example: { ...answerExample, answer: 'Your parcel leaves today.', source: 'human', citations: [] },
        },
      },
      async handler({ params, body, access: { scope }, request }) {
        const key = request.idempotencyKey ?? deps.makeId('say');
        const turn = await deps.outreach.say(scope, params.id, key, body.text, 'human');
        if (turn === undefined) throw notFound();
        return json(201, answerJson(turn));
      },
    }),
  ];
}

function modeRoute(
  verb: 'takeover' | 'release',
  summary: string,
  change: (scope: TenantScope, conversation: Conversation) => Promise<void>,
): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: `/v1/conversations/{id}/${verb}`,
    summary,
    params: idParams,
    body: noBody,
    responses: { 200: conversationResponse },
    async handler({ params, access: { scope } }) {
      const conversation = await scope.conversations.get(params.id);
      if (conversation === undefined) throw notFound();
      await change(scope, conversation);
      return json(200, conversationJson((await scope.conversations.get(params.id)) ?? conversation));
    },
  });
}
