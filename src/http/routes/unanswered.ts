import { z } from 'zod';
import type { UnansweredQuestion } from '../../contracts/stores.js';
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
import { defineRoute, empty, json } from '../../lib/api/route.js';
import { HttpProblem, notFound } from '../../lib/api/problem.js';
import { faqEntryExample, faqEntryJson, faqEntrySchema } from './faq.js';
import type { UnansweredService } from '../../contracts/knowledge.js';

/** What these routes use. */
export interface UnansweredRouteNeeds {
  readonly unanswered: UnansweredService;
}

const questionSchema = z.object({
  id: z.string(),
  question: z.string(),
  locale: localeSchema,
  count: z.int().describe('How often it was asked'),
  status: z.enum(['open', 'answered', 'dismissed']),
  conversation_ids: z.array(z.string()).describe('Where it was asked, newest last'),
  first_asked_at: timeSchema,
  last_asked_at: timeSchema,
});

const questionExample = {
  id: 'q_5mQ0x7cWb2nVrT8sYkLd1A',
  question: 'Do you repair old batik?',
  locale: 'en',
  count: 3,
  status: 'open',
  conversation_ids: ['c_8Zc1r9sYQ2mVw0bXkT3uPg'],
  first_asked_at: '2026-01-05T02:00:00.000Z',
  last_asked_at: '2026-01-06T02:00:00.000Z',
};

function questionJson(question: UnansweredQuestion): z.output<typeof questionSchema> {
  const { id, locale, count, status } = question;
  return {
    id,
    question: question.question,
    locale,
    count,
    status,
    conversation_ids: [...question.askedIn],
    first_asked_at: question.firstAskedAt.toISOString(),
    last_asked_at: question.lastAskedAt.toISOString(),
  };
}

const common = { auth: 'tenant', tag: 'unanswered' } as const;

export function unansweredRoutes(deps: UnansweredRouteNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/unanswered',
      summary: 'Questions the bot had no answer to',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of questions',
          schema: listSchema(questionSchema),
          example: { items: [questionExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.unanswered.list(pageRequest(query)), questionJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/unanswered/{id}/answer',
      summary: 'Answer it for good',
      description:
        'Makes a FAQ entry and tells those who asked. The same answer again changes nothing, another one is 409.',
      params: idParams,
      body: jsonBody(z.strictObject({ answer: textSchema(16_000) }), {
        answer: 'Yes, bring it to the shop.',
      }),
      responses: {
        200: {
          description: 'The entry, and how many conversations were told',
          schema: z.object({ entry: faqEntrySchema, told: z.int() }),
          example: { entry: faqEntryExample, told: 3 },
        },
      },
      async handler({ params, body, access: { scope } }) {
        const result = await deps.unanswered.answer(scope, params.id, body.answer);
        if (result === undefined) throw notFound();
        if (result === 'answered-before') {
          throw new HttpProblem(
            409,
            'already_answered',
            'It has another answer already. Change that one with PUT /v1/faq/{id}.',
          );
        }
        return json(200, { entry: faqEntryJson(result.entry), told: result.told });
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/unanswered/{id}/dismiss',
      summary: 'Take it off the list',
      params: idParams,
      body: noBody,
      responses: { 204: { description: 'Dismissed' } },
      async handler({ params, access: { scope } }) {
        if (!(await deps.unanswered.dismiss(scope, params.id))) throw notFound();
        return empty;
      },
    }),
  ];
}
