import { z } from 'zod';
import type { SearchHit, SearchRequest } from '../../../contracts/retriever.js';
import { jsonBody } from '../../../lib/api/body-spec.js';
import { idSchema, localeSchema, metadataSchema, textSchema } from '../../../lib/api/fields.js';
import { defineRoute, json, type Route } from '../../../lib/api/route.js';
import type { KnowledgeRouteNeeds } from './needs.js';

const searchSchema = z.strictObject({
  query: textSchema(2000),
  top_k: z.int().min(1).max(50).default(5),
  mode: z.enum(['hybrid', 'keyword', 'semantic']).default('hybrid'),
  filter: z
    .strictObject({
      locale: localeSchema.optional(),
      document_ids: z.array(idSchema).max(1000).optional(),
      metadata: metadataSchema.optional().describe('Equality of each entry'),
    })
    .optional(),
});

const hitSchema = z.object({
  document_id: z.string(),
  chunk_id: z.string(),
  title: z.string(),
  text: z.string(),
  score: z.number().describe('0..1'),
  scores: z.object({ keyword: z.number().optional(), semantic: z.number().optional() }),
  locale: localeSchema.nullable(),
});

const searchResultSchema = z.object({
  hits: z.array(hitSchema),
  took_ms: z.number(),
  index_revision: z.int(),
});

function hitJson(hit: SearchHit): z.output<typeof hitSchema> {
  const { documentId, chunkId, title, text, score, scores, locale } = hit;
  return { document_id: documentId, chunk_id: chunkId, title, text, score, scores, locale: locale ?? null };
}

function searchRequest(body: z.output<typeof searchSchema>): SearchRequest {
  const { query, top_k: topK, mode, filter } = body;
  if (filter === undefined) return { query, topK, mode };
  const { locale, document_ids: documentIds, metadata } = filter;
  return {
    query,
    topK,
    mode,
    filter: {
      ...(locale === undefined ? {} : { locale }),
      ...(documentIds === undefined ? {} : { documentIds }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  };
}

export function searchDocumentsRoute(deps: KnowledgeRouteNeeds): Route {
  return defineRoute({
    auth: 'tenant',
    tag: 'knowledge',
    method: 'POST',
    permission: 'knowledge:read',
    path: '/v1/kb/search',
    summary: 'Search the documents',
    idempotency: 'none',
    body: jsonBody(searchSchema, { query: 'shipping to Surabaya', top_k: 3 }),
    responses: {
      200: {
        description: 'Best first',
        schema: searchResultSchema,
        example: {
          hits: [
            {
              document_id: 'shipping',
              chunk_id: 'shipping:0',
              title: 'Shipping',
              text: 'Shipping to Surabaya is Rp 20.000.',
              score: 0.93,
              scores: { keyword: 0.93 },
              locale: 'en',
            },
          ],
          took_ms: 1.4,
          index_revision: 12,
        },
      },
    },
    async handler({ body, access: { scope }, request }) {
      const result = await deps.knowledge.retriever(scope).search(searchRequest(body), request.signal);
      return json(200, {
        hits: result.hits.map(hitJson),
        took_ms: result.tookMs,
        index_revision: result.indexRevision,
      });
    },
  });
}
