import { z } from 'zod';
import type { TenantScope, UnansweredQuestion } from '../../contracts/stores.js';
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
import { HttpProblem, notFound, orNotFound } from '../../lib/api/problem.js';
import { faqEntryExample, faqEntryJson, faqEntrySchema } from './faq.js';
import type { UnansweredService } from '../../contracts/knowledge.js';

/** Dependencies of these routes. */
export interface UnansweredRouteNeeds {
  readonly unanswered: UnansweredService;
}

const questionSchema = z.object({
  id: z.string(),
  question: z.string(),
  locale: localeSchema,
  count: z.int().describe('How often it was asked; each person counts once while it is open'),
  people: z.int().describe('Contacts that asked it since it is open'),
  wordings: z
    .array(z.string())
    .describe('The words in which it was asked: they become phrasings of the entry'),
  status: z.enum(['open', 'answered', 'dismissed']),
  conversation_ids: z.array(z.string()).describe('Where it was asked, newest last'),
  nearest: z
    .array(
      z.object({ kind: z.enum(['faq', 'document']), id: z.string(), title: z.string(), text: z.string() }),
    )
    .describe('What is known that comes near to it, of an open question; likeliest first'),
  draft: z
    .object({ text: z.string(), source: z.enum(['model', 'passage']), title: z.string().nullable() })
    .nullable()
    .describe('An answer to approve: a draft of the model, or the nearest passage as it stands'),
  first_asked_at: timeSchema,
  last_asked_at: timeSchema,
});

const questionExample = {
  id: 'q_5mQ0x7cWb2nVrT8sYkLd1A',
  question: 'Do you repair old batik?',
  locale: 'en',
  count: 3,
  people: 3,
  wordings: ['Do you repair old batik?', 'can you mend my batik shirt'],
  status: 'open',
  conversation_ids: ['c_8Zc1r9sYQ2mVw0bXkT3uPg'],
  nearest: [
    { kind: 'document', id: 'doc_5mQ0x7cWb2nVrT8sYkLd1A', title: 'Care', text: 'Bring it to the shop.' },
  ],
  draft: { text: 'Bring it to the shop.', source: 'passage', title: 'Care' },
  first_asked_at: '2026-01-05T02:00:00.000Z',
  last_asked_at: '2026-01-06T02:00:00.000Z',
};

async function questionJson(
  question: UnansweredQuestion,
  scope: TenantScope,
  { unanswered }: UnansweredRouteNeeds,
): Promise<z.output<typeof questionSchema>> {
  const { id, locale, count, people, wordings, status } = question;
  const { nearest, draft } =
    status === 'open' ? await unanswered.suggest(scope, question) : { nearest: [], draft: undefined };
  return {
    id,
    question: question.question,
    locale,
    count,
    people: people.length,
    wordings: [...wordings],
    status,
    conversation_ids: [...question.askedIn],
    nearest: nearest.map(({ entry, documentId, title, text }) => ({
      kind: entry === undefined ? ('document' as const) : ('faq' as const),
      id: documentId,
      title,
      text,
    })),
    draft: draft === undefined ? null : { ...draft, title: draft.title ?? null },
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
      summary: 'List questions the bot could not answer',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of questions',
          schema: listSchema(questionSchema),
          example: { items: [questionExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const page = await scope.unanswered.list(pageRequest(query));
        const items: z.output<typeof questionSchema>[] = [];
        for (const question of page.items) items.push(await questionJson(question, scope, deps));
        return listAnswer({ ...page, items }, (item) => item);
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/unanswered/{id}/answer',
      summary: 'Answer a question for good',
      description:
        'Makes a FAQ entry and tells those who asked. The same answer again changes nothing, another one is 409.',
      params: idParams,
      body: jsonBody(z.strictObject({ answer: textSchema(16_000) }), {
        answer: 'Yes, bring it to the shop.',
      }),
      responses: {
        200: {
          description: 'The entry, and how many conversations were notified',
          schema: z.object({ entry: faqEntrySchema, told: z.int() }),
          example: { entry: faqEntryExample, told: 3 },
        },
      },
      async handler({ params, body, access: { scope } }) {
        const result = orNotFound(await deps.unanswered.answer(scope, params.id, body.answer));
        if (result === 'answered-before') {
          throw new HttpProblem(
            409,
            'already_answered',
            'It has another answer already. Change that one with PUT /v1/faq/{id}.',
          );
        }
        return json(200, { entry: faqEntryJson(result.entry), told: result.notified });
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/unanswered/{id}/dismiss',
      summary: 'Dismiss a question',
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
