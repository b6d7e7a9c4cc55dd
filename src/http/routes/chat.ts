import type { Events } from '../../contracts/events.js';
import { feedbackData } from '../../lib/feedback-data.js';
import { z } from 'zod';
import { jsonBody } from '../../lib/api/body-spec.js';
import { idSchema } from '../../lib/api/fields.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, empty } from '../../lib/api/route.js';
import { API_ACCOUNT_ID, API_CHANNEL } from '../../lib/channels/api-account.js';
import type { AnswerChat } from '../chat/answer-chat.js';
import { answerExample, answerSchema } from '../chat/answer-json.js';
import { chatBodySchema, feedbackBodySchema } from '../chat/chat-body.js';
import { notFound } from '../../lib/api/problem.js';
import type { Clock } from '../../contracts/runtime.js';

/** Dependencies of these routes. */
export interface ChatRouteNeeds {
  readonly events: Events;
  readonly clock: Clock;
}

const EVENTS = [
  'With `Accept: text/event-stream` the answer comes as events: `status` `{state}`, `delta` `{text}`,',
  '`bubble` `{index,type,text}`, `citation`, and at the end exactly one `done` with the whole answer or',
  '`error` with a problem. After `status` `{state: "restart"}` the deltas begin anew. Going away does not',
  'lose the message: the same `Idempotency-Key` and body give the same answer later.',
].join(' ');

export function chatRoutes(deps: ChatRouteNeeds, answerChat: AnswerChat): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/chat',
      legacyPaths: ['/chat'],
      auth: 'tenant',
      tag: 'chat',
      summary: 'Ask a question and get the answer',
      description: EVENTS,
      idempotency: 'own',
      body: jsonBody(chatBodySchema, {
        user_id: 'customer-42',
        messages: [{ role: 'user', content: 'What are your opening hours?' }],
      }),
      responses: { 200: { description: 'The answer', schema: answerSchema, example: answerExample } },
      async handler({ body, access: { scope }, request }) {
        const conversationId = body.conversation_id;
        if (conversationId !== undefined) {
          // One that takes place on a platform is not continued by somebody who says so.
          const conversation = await scope.conversations.get(conversationId);
          if (conversation?.accountId !== API_ACCOUNT_ID) throw notFound();
        }
        return answerChat({
          scope,
          account: {
            id: API_ACCOUNT_ID,
            tenantId: scope.tenantId,
            channel: body.channel ?? API_CHANNEL,
            config: {},
          },
          userId: body.user_id,
          body,
          hashed: body,
          keyPrefix: `${request.callerId}:`,
          conversationId,
          request,
        });
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/chat/{message_id}/feedback',
      legacyPaths: ['/chat/{message_id}/feedback'],
      auth: 'tenant',
      tag: 'chat',
      summary: 'Rate an answer',
      description: 'A second rating replaces the first.',
      params: z.strictObject({ message_id: idSchema }),
      body: jsonBody(feedbackBodySchema, { rating: 'up', comment: 'Just what I needed' }),
      responses: { 204: { description: 'Stored' } },
      async handler({ params, body, access: { scope } }) {
        const feedback = feedbackOf(body, deps.clock.now());
        if (!(await scope.turns.saveFeedback(params.message_id, feedback))) throw notFound();
        await deps.events.emit(scope, 'feedback.received', feedbackData(params.message_id, feedback));
        return empty;
      },
    }),
  ];
}

export function feedbackOf(body: z.output<typeof feedbackBodySchema>, at: Date) {
  return { rating: body.rating, at, ...(body.comment === undefined ? {} : { comment: body.comment }) };
}
