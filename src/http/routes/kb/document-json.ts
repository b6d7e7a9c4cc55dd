import { z } from 'zod';
import { DOCUMENT_KINDS, type DocumentSummary, type ReplacedDocument } from '../../../contracts/knowledge.js';
import { localeSchema, metadataSchema, timeSchema } from '../../../lib/api/fields.js';

export const statusSchema = z.enum(['queued', 'parsing', 'embedding', 'ready', 'failed']);

export const documentSchema = z.object({
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
  replaced: z
    .object({ document_id: z.string(), created_at: timeSchema, added: z.int(), removed: z.int() })
    .optional()
    .describe('The file of the same name that it took the place of, and how many passages differ'),
  created_at: timeSchema,
  updated_at: timeSchema,
});

export const documentExample = {
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

export function documentJson(document: DocumentSummary): z.output<typeof documentSchema> {
  const { title, kind, locale, metadata, status, progress, chunks, revision, error, replaced } = document;
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
    ...(replaced === undefined ? {} : { replaced: replacedJson(replaced) }),
    created_at: document.createdAt.toISOString(),
    updated_at: document.updatedAt.toISOString(),
  };
}

function replacedJson({ id, createdAt, added, removed }: ReplacedDocument) {
  return { document_id: id, created_at: createdAt.toISOString(), added, removed };
}
