import { z } from 'zod';
import type { RatedTurn } from '../../contracts/stores.js';
import { listSchema, localeSchema, pageQuery, timeSchema } from '../../lib/api/fields.js';
import { listAnswer, pageRequest } from '../../lib/api/page.js';
import { defineRoute, type Route } from '../../lib/api/route.js';
import { sourceSchema } from '../chat/answer-json.js';

const interactionSchema = z.object({
  message_id: z.string(),
  conversation_id: z.string(),
  contact_id: z.string(),
  channel: z.string(),
  question: z.string().describe('As it was understood: the texts of a burst, joined'),
  answer: z.string(),
  source: sourceSchema,
  model: z.string().describe('`provider:model`, or `faq`, `command`, `none`'),
  locale: localeSchema,
  usage: z.object({
    input_tokens: z.int(),
    output_tokens: z.int(),
    cost_micros: z.int(),
    unpriced_calls: z.int().describe('Calls of models without a known price'),
  }),
  took_ms: z.int().describe('From the beginning of the answer to its commit'),
  created_at: timeSchema,
  feedback: z.object({ rating: z.enum(['up', 'down']), comment: z.string().nullable() }).nullable(),
});

const example = {
  message_id: 't_Vb0n5xJQ7yLr2dHfE8sKaw',
  conversation_id: 'c_8Zc1r9sYQ2mVw0bXkT3uPg',
  contact_id: 'contact_5mQ0x7cWb2nVrT8sYkLd1A',
  channel: 'telegram',
  question: 'When are you open?',
  answer: 'We are open from 09:00 to 17:00 on weekdays. [1]',
  source: 'knowledge',
  model: 'openai:gpt-5-mini',
  locale: 'en',
  usage: { input_tokens: 812, output_tokens: 23, cost_micros: 250, unpriced_calls: 0 },
  took_ms: 940,
  created_at: '2026-01-05T02:00:00.000Z',
  feedback: { rating: 'up', comment: null },
};

export function interactionRoutes(): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/interactions',
      auth: 'tenant',
      tag: 'interactions',
      summary: 'List questions and answers, newest first, with model, cost, time and rating',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of answers',
          schema: listSchema(interactionSchema),
          example: { items: [example], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.turns.list(pageRequest(query)), interactionJson);
      },
    }),
  ];
}

function interactionJson({ turn, feedback }: RatedTurn): z.output<typeof interactionSchema> {
  const { answer } = turn;
  const { inputTokens, outputTokens, costMicros, unpricedCalls = 0 } = answer.usage;
  return {
    message_id: turn.id,
    conversation_id: turn.conversationId,
    contact_id: turn.contactId,
    channel: turn.channel,
    question: turn.input,
    answer: answer.text,
    source: answer.source,
    model: answer.model,
    locale: answer.locale,
    usage: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cost_micros: costMicros,
      unpriced_calls: unpricedCalls,
    },
    took_ms: Math.round(turn.tookMs),
    created_at: turn.createdAt.toISOString(),
    feedback: feedback === undefined ? null : { rating: feedback.rating, comment: feedback.comment ?? null },
  };
}
