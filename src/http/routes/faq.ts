import { z } from 'zod';
import type { Locale } from '../../contracts/message.js';
import type { FaqEntry, FaqService } from '../../contracts/knowledge.js';
import { jsonBody, uploadBody } from '../../lib/api/body-spec.js';
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
import { notFound, orNotFound } from '../../lib/api/problem.js';

/** Dependencies of these routes. */
export interface FaqRouteNeeds {
  readonly faq: FaqService;
}

export const faqEntrySchema = z.object({
  id: z.string(),
  question: z.string(),
  phrasings: z.array(z.string()).describe('Other ways in which people ask the same'),
  answer: z.string(),
  locale: localeSchema,
  created_at: timeSchema,
  updated_at: timeSchema,
});

export const faqEntryExample = {
  id: 'faq_5mQ0x7cWb2nVrT8sYkLd1A',
  question: 'Do you ship on Sundays?',
  phrasings: ['is there delivery on the weekend'],
  answer: 'No, only on weekdays.',
  locale: 'en',
  created_at: '2026-01-05T02:00:00.000Z',
  updated_at: '2026-01-05T02:00:00.000Z',
};

const entryBody = z.strictObject({
  question: textSchema(2000),
  phrasings: z.array(textSchema(500)).max(30).optional().describe('Other ways in which people ask it'),
  answer: textSchema(16_000),
  locale: localeSchema.optional().describe('That of the business when absent'),
});

const matchBody = z.strictObject({ question: textSchema(2000), locale: localeSchema.optional() });

export function faqEntryJson(entry: FaqEntry): z.output<typeof faqEntrySchema> {
  const { id, question, phrasings = [], answer, locale, createdAt, updatedAt } = entry;
  return {
    id,
    question,
    phrasings: [...phrasings],
    answer,
    locale,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

function entryOf({ question, phrasings, answer, locale }: z.output<typeof entryBody>, fallback: Locale) {
  return { question, answer, locale: locale ?? fallback, ...(phrasings === undefined ? {} : { phrasings }) };
}

const entryResponse = { description: 'The entry', schema: faqEntrySchema, example: faqEntryExample };
const entryBodyExample = {
  question: 'Do you ship on Sundays?',
  answer: 'No, only on weekdays.',
  locale: 'en',
};

const common = { auth: 'tenant', tag: 'faq' } as const;

export function faqRoutes(deps: FaqRouteNeeds): Route[] {
  return [...entryRoutes(deps), importRoute(deps), matchRoute(deps)];
}

function entryRoutes(deps: FaqRouteNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/faq',
      summary: 'List frequent questions',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of entries',
          schema: listSchema(faqEntrySchema),
          example: { items: [faqEntryExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.faq.list(pageRequest(query)), faqEntryJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/faq',
      summary: 'Add a question with its answer',
      description: 'The same question in the same language gets the new answer; there are never two.',
      body: jsonBody(entryBody, entryBodyExample),
      responses: { 201: entryResponse },
      async handler({ body, access: { scope } }) {
        return json(201, faqEntryJson(await deps.faq.add(scope, entryOf(body, scope.settings.locale))));
      },
    }),
    defineRoute({
      ...common,
      method: 'PUT',
      path: '/v1/faq/{id}',
      summary: 'Replace an entry',
      params: idParams,
      body: jsonBody(entryBody, entryBodyExample),
      responses: { 200: entryResponse },
      async handler({ params, body, access: { scope } }) {
        const entry = orNotFound(
          await deps.faq.update(scope, params.id, entryOf(body, scope.settings.locale)),
        );
        return json(200, faqEntryJson(entry));
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/faq/{id}',
      summary: 'Remove an entry',
      params: idParams,
      responses: { 204: { description: 'Deleted' } },
      async handler({ params, access: { scope } }) {
        if (!(await deps.faq.remove(scope, params.id))) throw notFound();
        return empty;
      },
    }),
  ];
}

function importRoute(deps: FaqRouteNeeds): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/faq/import',
    summary: 'Import frequent questions from CSV',
    description: 'Columns `question`, `answer` and optionally `locale`. All rows or none.',
    body: uploadBody(z.strictObject({}), { example: {}, plainTypes: ['text/csv'] }),
    responses: {
      201: {
        description: 'All rows were added',
        schema: z.object({ imported: z.int() }),
        example: { imported: 12 },
      },
    },
    async handler({ body: { file }, access: { scope } }) {
      return json(201, await deps.faq.importCsv(scope, file.bytes, scope.settings.locale));
    },
  });
}

function matchRoute(deps: FaqRouteNeeds): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    permission: 'faq:read',
    path: '/v1/faq/match',
    summary: 'Find the entry that answers a question',
    idempotency: 'none',
    body: jsonBody(matchBody, { question: 'are you shipping on sunday?' }),
    responses: {
      200: {
        description: '`match` is null when no entry reaches the threshold; `score` is that of the best one',
        schema: z.object({
          match: faqEntrySchema.extend({ exact: z.boolean() }).nullable(),
          score: z.number(),
          threshold: z.number(),
        }),
        example: { match: { ...faqEntryExample, exact: false }, score: 0.91, threshold: 0.8 },
      },
    },
    async handler({ body, access: { scope } }) {
      const { best, threshold } = await deps.faq.match(
        scope,
        body.question,
        body.locale ?? scope.settings.locale,
      );
      const isMatch = best !== undefined && best.score >= threshold;
      const match = isMatch ? { ...faqEntryJson(best.entry), exact: best.exact } : null;
      return json(200, { match, score: best?.score ?? 0, threshold });
    },
  });
}
