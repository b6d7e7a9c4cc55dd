import { z } from 'zod';
import { derivedId } from '../../../lib/ids/make-id.js';
import { jsonBody, uploadBody } from '../../../lib/api/body-spec.js';
import { idSchema, localeSchema, metadataSchema, textSchema } from '../../../lib/api/fields.js';
import { defineRoute, json, type Route } from '../../../lib/api/route.js';
import { statusSchema } from './document-json.js';
import type { KnowledgeRouteNeeds } from './needs.js';

const upsertSchema = z.strictObject({
  id: idSchema
    .regex(/^[\w.:-]*$/, 'has only the characters A-Z a-z 0-9 . _ : -')
    .optional()
    .describe('Yours, e.g. a product code; made when absent'),
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

const common = { auth: 'tenant', tag: 'knowledge' } as const;

/** Documents arrive as text, or as files that are read later. */
export function writeDocumentRoutes(deps: KnowledgeRouteNeeds): Route[] {
  return [upsertRoute(deps), uploadRoute(deps)];
}

function upsertRoute(deps: KnowledgeRouteNeeds): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/kb/upsert',
    legacyPaths: ['/kb/upsert'],
    summary: 'Create or replace a document from text',
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

function uploadRoute(deps: KnowledgeRouteNeeds): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/kb/upload',
    legacyPaths: ['/kb/upload'],
    summary: 'Upload a file as a document',
    description:
      'Text, Markdown, HTML, CSV, TSV, JSON, PDF, Word (docx) or Excel (xlsx); the kind is decided by content. ' +
      'Read `GET /v1/kb/documents/{id}` for what became of it.',
    body: uploadBody(uploadFields, { example: { metadata: '{"team":"orders"}' } }),
    responses: {
      202: {
        description: 'Stored, to be read',
        schema: z.object({ document_id: z.string(), job_id: z.string(), status: statusSchema }),
        example: { document_id: 'doc_5mQ0x7cWb2nVrT8sYkLd1A', job_id: 'job_1', status: 'queued' },
      },
    },
    async handler({ body: { file, fields }, access: { scope }, request }) {
      const id = request.idempotencyKey && derivedId('doc', 'upload', request.idempotencyKey);
      const { document, jobId } = await deps.knowledge.upload(scope, {
        ...(id === undefined ? {} : { id }),
        fileName: file.name,
        bytes: file.bytes,
        ...(fields.title === undefined ? {} : { title: fields.title }),
        ...(fields.metadata === undefined ? {} : { metadata: fields.metadata }),
      });
      return json(202, { document_id: document.id, job_id: jobId, status: document.status });
    },
  });
}
