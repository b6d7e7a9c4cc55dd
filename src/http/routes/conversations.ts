import { z } from 'zod';
import type { Contact, Conversation, ConversationFilter, TenantScope } from '../../contracts/stores.js';
import { jsonBody, noBody } from '../../lib/api/body-spec.js';
import { idParams, idSchema, listSchema, pageQuery, textSchema } from '../../lib/api/fields.js';
import { listAnswer, pageRequest } from '../../lib/api/page.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, json } from '../../lib/api/route.js';
import { answerJson, answerExample, answerSchema } from '../chat/answer-json.js';
import {
  conversationExample,
  conversationJson,
  conversationSchema,
  deliveredMessageJson,
  messagesResponse,
  modeSchema,
  statusSchema,
} from './conversation-json.js';
import { invalidRequest, notFound, orNotFound } from '../../lib/api/problem.js';
import type { Outreach } from '../../contracts/chat.js';
import type { HandOver } from '../../contracts/hand-over.js';
import type { MakeId } from '../../contracts/runtime.js';

/** Dependencies of these routes. */
export interface ConversationRouteNeeds {
  readonly outreach: Outreach;
  readonly handOver: HandOver;
  readonly makeId: MakeId;
}

/** Maximum number of people whose conversations a query matches. */
const PEOPLE = 100;

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
      summary: 'List conversations, most recently active first',
      query: listQuery,
      responses: {
        200: {
          description: 'A page of conversations',
          schema: listSchema(conversationSchema),
          example: { items: [conversationExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const filter = await filterOf(scope, query);
        return listAnswer(await scope.conversations.list(pageRequest(query), filter), conversationJson);
      },
    }),
    changeRoute(),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/conversations/{id}',
      summary: 'Get a conversation',
      params: idParams,
      responses: { 200: conversationResponse },
      async handler({ params, access: { scope } }) {
        const conversation = orNotFound(await scope.conversations.get(params.id));
        return json(200, conversationJson(conversation));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/conversations/{id}/messages',
      summary: 'List the messages of a conversation',
      params: idParams,
      query: pageQuery,
      responses: { 200: messagesResponse },
      async handler({ params, query, access: { scope } }) {
        if (!(await scope.conversations.get(params.id))) throw notFound();
        return listAnswer(
          await scope.conversations.messages(params.id, pageRequest(query)),
          deliveredMessageJson,
        );
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
      summary: 'Send a message as staff',
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
        const turn = orNotFound(await deps.outreach.say(scope, params.id, key, body.text, 'human'));
        return json(201, answerJson(turn));
      },
    }),
  ];
}

const listQuery = pageQuery.extend({
  mode: modeSchema.optional(),
  channel: z.string().max(40).optional(),
  contact_id: idSchema.optional(),
  tag: z.string().max(60).optional(),
  assignee: idSchema.optional().describe('Contact of a member of staff'),
  status: statusSchema.optional(),
  query: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('In the title, the last message, or the name, number or e-mail of the person'),
});

async function filterOf(
  scope: TenantScope,
  { mode, channel, contact_id: contactId, tag, assignee, status, query }: z.output<typeof listQuery>,
): Promise<ConversationFilter> {
  const idsOf = (contact: Contact): string[] => [contact.id, ...contact.formerIds];
  const contact = contactId === undefined ? undefined : await scope.contacts.get(contactId);
  const people = query === undefined ? [] : (await scope.contacts.list({ query }, { limit: PEOPLE })).items;
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(channel === undefined ? {} : { channel }),
    ...(contactId === undefined ? {} : { contactIds: contact === undefined ? [] : idsOf(contact) }),
    ...(tag === undefined ? {} : { tag }),
    ...(assignee === undefined ? {} : { assigneeId: assignee }),
    ...(status === undefined ? {} : { status }),
    ...(query === undefined ? {} : { about: { text: query, contactIds: people.flatMap(idsOf) } }),
  };
}

function changeRoute(): Route {
  const body = z.strictObject({
    status: z.enum(['open', 'closed']).optional(),
    assignee: idSchema.nullable().optional(),
    tags: z.array(z.string().trim().min(1).max(60)).max(50).optional(),
  });
  return defineRoute({
    ...common,
    method: 'PATCH',
    path: '/v1/conversations/{id}',
    summary: 'Close, tag or assign a conversation',
    params: idParams,
    body: jsonBody(body, { tags: ['wholesale'], status: 'closed' }),
    responses: { 200: conversationResponse },
    async handler({ params, body: { status, assignee, tags }, access: { scope } }) {
      const assigneeId =
        assignee === null || assignee === undefined ? assignee : await staffIn(scope, assignee);
      const conversation = orNotFound(
        await scope.conversations.update(params.id, {
          ...(status === undefined ? {} : { isClosed: status === 'closed' }),
          ...(assigneeId === undefined ? {} : { assigneeId }),
          ...(tags === undefined ? {} : { tags }),
        }),
      );
      return json(200, conversationJson(conversation));
    },
  });
}

/** The id of a staff member; any other id is refused in the same way, whether or not it exists. */
async function staffIn(scope: TenantScope, id: string): Promise<string> {
  const [contact, staff] = await Promise.all([
    scope.contacts.get(id),
    scope.contacts.staff(scope.settings.staff),
  ]);
  if (contact !== undefined && staff.some((member) => member.id === contact.id)) return contact.id;
  throw invalidRequest('The assignee is nobody of the team.', [
    { path: 'assignee', code: 'invalid', message: 'is nobody of the team' },
  ]);
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
      const conversation = orNotFound(await scope.conversations.get(params.id));
      await change(scope, conversation);
      return json(200, conversationJson((await scope.conversations.get(params.id)) ?? conversation));
    },
  });
}
