import { z } from 'zod';
import type { SearchHit, SearchRequest } from '../../contracts/retriever.js';
import type { Chunk, DocumentSummary } from '../../contracts/knowledge.js';
import { DOCUMENT_KINDS } from '../../contracts/knowledge.js';
import { derivedId } from '../../lib/make-id.js';
import { jsonBody, uploadBody } from '../api/body-spec.js';
import {
  idParams,
  idSchema,
  listSchema,
  localeSchema,
  metadataSchema,
  pageQuery,
  textSchema,
  timeSchema,
} from '../api/fields.js';
import { listAnswer, pageRequest, wholeList } from '../api/page.js';
import type { Route } from '../api/route.js';
import { defineRoute, empty, json } from '../api/route.js';
import type { HttpDependencies } from '../dependencies.js';
import { notFound } from '../problem.js';

const statusSchema = z.enum(['queued', 'parsing', 'embedding', 'ready', 'failed']);

const documentSchema = z.object({
  document_id: z.string(),
  title: z.string(),
  kind: z.enum(DOCUMENT_KINDS),
  locale: localeSchema.nullable(),
  metadata: metadataSchema,
  status: statusSchema,
  progress: z.number().describe('0..1'),
  chunks: z.int(),
  revision: z.int().describe('Counts changes of the content, from 1'),
  error: z.object({ code: z.string(), detail: z.string() }).optional(),
  created_at: timeSchema,
  updated_at: timeSchema,
});

const documentExample = {
  document_id: 'shipping',
  title: 'Shipping',
  kind: 'text',
  locale: 'en',
  metadata: { team: 'orders' },
  status: 'ready',
  progress: 1,
  chunks: 3,
  revision: 1,
  created_at: '2026-01-05T02:00:00.000Z',
  updated_at: '2026-01-05T02:00:01.000Z',
};

const chunkSchema = z.object({
  chunk_id: z.string(),
  ordinal: z.int().describe('Position in the document, from 0'),
  headings: z.array(z.string()),
  text: z.string(),
});

const upsertSchema = z.strictObject({
  id: idSchema.optional().describe('Yours, e.g. a product code; made when absent'),
  title: textSchema(500),
  text: textSchema(900_000),
  locale: localeSchema.optional(),
  metadata: metadataSchema.optional(),
});

const upsertedSchema = z.object({
  document_id: z.string(),
  chunks: z.int(),
  status: statusSchema,
  revision: z.int(),
});

const upsertedExample = { document_id: 'shipping', chunks: 3, status: 'ready', revision: 1 };

function parsedJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
}

const uploadFields = z.strictObject({
  title: textSchema(500).optional(),
  metadata: z.string().transform(parsedJson).pipe(metadataSchema).optional().describe('A JSON object'),
});

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

function documentJson(document: DocumentSummary): z.output<typeof documentSchema> {
  const { title, kind, locale, metadata, status, progress, chunks, revision, error } = document;
  return {
    document_id: document.id,
    title,
    kind,
    locale: locale ?? null,
    metadata,
    status,
    progress,
    chunks,
    revision,
    ...(error === undefined ? {} : { error: { code: error.code, detail: error.detail } }),
    created_at: document.createdAt.toISOString(),
    updated_at: document.updatedAt.toISOString(),
  };
}

function chunkJson({ id, ordinal, headings, text }: Chunk): z.output<typeof chunkSchema> {
  return { chunk_id: id, ordinal, headings: [...headings], text };
}

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

const common = { auth: 'tenant', tag: 'knowledge' } as const;

export function knowledgeRoutes(deps: HttpDependencies): Route[] {
  return [upsertRoute(deps), uploadRoute(deps), searchRoute(deps), ...documentRoutes(deps)];
}

function upsertRoute(deps: HttpDependencies): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/kb/upsert',
    legacyPaths: ['/kb/upsert'],
    summary: 'Write a document',
    description: 'The same text twice changes nothing.',
    body: jsonBody(upsertSchema, {
      id: 'shipping',
      title: 'Shipping',
      text: 'We ship on weekdays. Shipping to Surabaya is Rp 20.000.',
      locale: 'en',
    }),
    responses: {
      200: {
        description: 'It was there; changed if the content differs',
        schema: upsertedSchema,
        example: upsertedExample,
      },
      201: { description: 'Made', schema: upsertedSchema, example: upsertedExample },
    },
    async handler({ body, access: { scope }, request }) {
      const { title, text, locale, metadata } = body;
      // A repeated request whose first answer was lost in a crash must find its own document.
      const id = body.id ?? (request.idempotencyKey && derivedId('doc', 'upsert', request.idempotencyKey));
      const { document, created } = await deps.knowledge.upsert(scope, {
        title,
        text,
        ...(id === undefined ? {} : { id }),
        ...(locale === undefined ? {} : { locale }),
        ...(metadata === undefined ? {} : { metadata }),
      });
      const { chunks, status, revision } = document;
      return json(created ? 201 : 200, { document_id: document.id, chunks, status, revision });
    },
  });
}

function uploadRoute(deps: HttpDependencies): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/kb/upload',
    legacyPaths: ['/kb/upload'],
    summary: 'Upload a file as a document',
    description: 'The kind is decided by content. Read `GET /v1/kb/documents/{id}` for what became of it.',
    body: uploadBody(uploadFields, { example: { metadata: '{"team":"orders"}' } }),
    responses: {
      202: {
        description: 'Stored, to be read',
        schema: z.object({ document_id: z.string(), job_id: z.string(), status: statusSchema }),
        example: { document_id: 'doc_5mQ0x7cWb2nVrT8sYkLd1A', job_id: 'job_1', status: 'queued' },
      },
    },
    async handler({ body: { file, fields }, access: { scope } }) {
      const { document, jobId } = await deps.knowledge.upload(scope, {
        fileName: file.name,
        bytes: file.bytes,
        ...(fields.title === undefined ? {} : { title: fields.title }),
        ...(fields.metadata === undefined ? {} : { metadata: fields.metadata }),
      });
      return json(202, { document_id: document.id, job_id: jobId, status: document.status });
    },
  });
}

function searchRoute(deps: HttpDependencies): Route {
  return defineRoute({
    ...common,
    method: 'POST',
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
      const found = await deps.knowledge.retriever(scope).search(searchRequest(body), request.signal);
      return json(200, {
        hits: found.hits.map(hitJson),
        took_ms: found.tookMs,
        index_revision: found.indexRevision,
      });
    },
  });
}

function documentRoutes(deps: HttpDependencies): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/kb/documents',
      summary: 'All documents',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of documents',
          schema: listSchema(documentSchema),
          example: { items: [documentExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.documents.list(pageRequest(query)), documentJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/kb/documents/{id}',
      summary: 'One document and what became of it',
      params: idParams,
      responses: { 200: { description: 'The document', schema: documentSchema, example: documentExample } },
      async handler({ params, access: { scope } }) {
        const document = await scope.documents.get(params.id);
        if (document === undefined) throw notFound();
        return json(200, documentJson(document));
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/kb/documents/{id}',
      summary: 'Forget a document',
      params: idParams,
      responses: { 204: { description: 'Gone, with its passages and its file' } },
      async handler({ params, access: { scope } }) {
        if (!(await deps.knowledge.remove(scope, params.id))) throw notFound();
        return empty;
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/kb/documents/{id}/chunks',
      summary: 'The passages a document was cut into',
      params: idParams,
      responses: {
        200: {
          description: 'In order',
          schema: listSchema(chunkSchema),
          example: {
            items: [
              { chunk_id: 'shipping:0', ordinal: 0, headings: ['Shipping'], text: 'We ship on weekdays.' },
            ],
            next_cursor: null,
          },
        },
      },
      async handler({ params, access: { scope } }) {
        if (!(await scope.documents.get(params.id))) throw notFound();
        return wholeList(await scope.documents.chunks(params.id), chunkJson);
      },
    }),
  ];
}
