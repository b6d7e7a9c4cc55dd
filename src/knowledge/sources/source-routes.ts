import { z } from 'zod';
import { DEEPEST, type KnowledgeSource, type KnowledgeSources } from '../../contracts/knowledge-sources.js';
import type { TenantScope } from '../../contracts/stores.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { checkAddress } from '../../lib/api/check-address.js';
import { idParams, listSchema, pageQuery, timeSchema } from '../../lib/api/fields.js';
import { pageOfList } from '../../lib/api/page.js';
import { HttpProblem, notFound, orNotFound } from '../../lib/api/problem.js';
import { defineRoute, empty, json, type Route } from '../../lib/api/route.js';
import { scheduling } from '../../lib/api/scheduling.js';
import { pageKey } from './site-url.js';

/** A business with more addresses than this has made a mistake. */
const MOST_SOURCES = 100;

export interface SourceRouteNeeds {
  readonly sources: KnowledgeSources;
}

const sourceSchema = z.object({
  source_id: z.string(),
  url: z.string(),
  schedule: z.string().nullable().describe('Cron line in the time zone of the business'),
  depth: z.int(),
  status: z.enum(['waiting', 'reading', 'ready', 'failed']),
  reason: z.string().nullable().describe('Why it failed, or what of it could not be read'),
  code: z.string().nullable().describe('The same for programs'),
  last_synced_at: timeSchema.nullable().describe('When its documents were last what the site says'),
  documents: z.array(z.object({ document_id: z.string(), url: z.string() })),
  created_at: timeSchema,
  updated_at: timeSchema,
});
const sourceExample = {
  source_id: 'source_5mQ0x7cWb2nVrT8sYkLd1A',
  url: 'https://shop.example/help',
  schedule: '0 3 * * *',
  depth: 1,
  status: 'ready',
  reason: null,
  code: null,
  last_synced_at: '2026-01-05T20:00:00.000Z',
  documents: [{ document_id: 'doc_8Zc1r9sYQ2mVw0bXkT3uPg', url: 'https://shop.example/help' }],
  created_at: '2026-01-05T02:00:00.000Z',
  updated_at: '2026-01-05T20:00:00.000Z',
};

type SourceJson = z.output<typeof sourceSchema>;

function sourceJson(source: KnowledgeSource, documents: SourceJson['documents']): SourceJson {
  const { id, url, schedule, depth, status, problem, lastSyncedAt, createdAt, updatedAt } = source;
  return {
    source_id: id,
    url,
    schedule: schedule ?? null,
    depth,
    status,
    reason: problem?.detail ?? null,
    code: problem?.kind ?? null,
    last_synced_at: lastSyncedAt?.toISOString() ?? null,
    documents,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

const common = { auth: 'tenant', tag: 'knowledge' } as const;

/** Web addresses that are read as knowledge, and read again on schedule. */
export function sourceRoutes(deps: SourceRouteNeeds): Route[] {
  return [addRoute(deps), ...readRoutes(deps)];
}

function addRoute({ sources }: SourceRouteNeeds): Route {
  const bodySchema = z.strictObject({
    url: z.url({ protocol: /^https?$/ }).max(2000),
    schedule: z.string().max(100).optional().describe('Cron line: when it is read again'),
    depth: z
      .int()
      .min(0)
      .max(DEEPEST)
      .optional()
      .describe('How many links away pages of the same site are read; 0, the page alone, when absent'),
  });
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/kb/sources',
    summary: 'Add a web address as a source of knowledge',
    description:
      'Read in the background, as robots.txt allows. On its schedule it is read again: changed pages replace what was read, vanished ones are removed, and while the site is down everything stays. The same address again changes its schedule and depth and reads it anew.',
    body: jsonBody(bodySchema, { url: sourceExample.url, schedule: sourceExample.schedule, depth: 1 }),
    responses: {
      202: {
        description: 'To be read; more documents may come with the pages it links to',
        schema: z.object({ source_id: z.string(), document_ids: z.array(z.string()) }),
        example: {
          source_id: sourceExample.source_id,
          document_ids: sourceExample.documents.map((document) => document.document_id),
        },
      },
    },
    async handler({ body: { url, schedule, depth }, access: { scope } }) {
      await checkAddress(sources, url);
      const others = (await sources.list(scope)).filter((source) => source.url !== pageKey(new URL(url)));
      if (others.length >= MOST_SOURCES) {
        throw new HttpProblem(422, 'too_many_sources', `A business has at most ${MOST_SOURCES} sources.`);
      }
      const { source, documentIds } = await scheduling('schedule', () =>
        sources.add(scope, {
          url,
          ...(schedule === undefined ? {} : { schedule }),
          ...(depth === undefined ? {} : { depth }),
        }),
      );
      return json(202, { source_id: source.id, document_ids: documentIds });
    },
  });
}

function readRoutes({ sources }: SourceRouteNeeds): Route[] {
  const viewOf = async (scope: TenantScope, source: KnowledgeSource): Promise<SourceJson> => {
    const pages = await sources.pages(scope, source.id);
    return sourceJson(
      source,
      pages.map(({ documentId, url }) => ({ document_id: documentId, url })),
    );
  };
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/kb/sources',
      summary: 'List web addresses and their status, newest first',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of sources',
          schema: listSchema(sourceSchema),
          example: { items: [sourceExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const items = await Promise.all((await sources.list(scope)).map((source) => viewOf(scope, source)));
        return pageOfList(
          items,
          query,
          (item) => item.source_id,
          (item) => item,
        );
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/kb/sources/{id}',
      summary: 'Get a web address and its status',
      params: idParams,
      responses: { 200: { description: 'The source', schema: sourceSchema, example: sourceExample } },
      async handler({ params, access: { scope } }) {
        const source = orNotFound((await sources.list(scope)).find(({ id }) => id === params.id));
        return json(200, await viewOf(scope, source));
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/kb/sources/{id}',
      summary: 'Remove a web address and everything read from it',
      params: idParams,
      responses: { 204: { description: 'Deleted, with its documents' } },
      async handler({ params, access: { scope } }) {
        if (!(await sources.remove(scope, params.id))) throw notFound();
        return empty;
      },
    }),
  ];
}
