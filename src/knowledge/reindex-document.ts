import { KnowledgeError } from '../contracts/knowledge.js';
import type { StoredDocument, TenantScope } from '../contracts/stores.js';
import { ingestDocument, newGeneration, publishChunks, type IngestDependencies } from './ingest-document.js';
import { FILE_ENDINGS } from './parse/file-endings.js';
import type { FileParser } from './parse/file-parser.js';

/**
 * Rebuilds the chunks of a document: from its file or, for a text, of which only the chunks are kept, from
 * these. On failure the live version stays as it was.
 * @returns the document as it is now; `failed` if its file still cannot be read
 */
export async function reindexDocument(
  scope: TenantScope,
  document: StoredDocument,
  signal: AbortSignal,
  dependencies: IngestDependencies & { readonly parser: FileParser },
): Promise<StoredDocument | undefined> {
  const { documents } = scope;
  const { id, title, metadata, contentHash, revision, kind, locale } = document;
  const onProgress = (): Promise<void> => Promise.resolve();
  const fields = { title, metadata, contentHash, revision, kind, locale };
  const bytes = await documents.getFile(id);
  if (bytes !== undefined) {
    try {
      const parsed = await dependencies.parser.parseFile(bytes, `file.${FILE_ENDINGS[kind]}`, signal);
      const now = { ...fields, kind: parsed.kind, locale: parsed.locale };
      return await ingestDocument(scope, document, parsed, now, signal, onProgress, dependencies);
    } catch (error) {
      if (!(error instanceof KnowledgeError)) throw error;
      return { ...document, status: 'failed', error: { code: error.kind, detail: error.message } };
    }
  }
  if (document.status === 'failed') return document;
  const generation = newGeneration(document.generation, dependencies.clock);
  const chunks = (await documents.chunks(id)).map(({ ordinal, headings, text }) => ({
    id: `${id}:${generation}:${ordinal}`,
    documentId: id,
    ordinal,
    headings,
    text,
  }));
  return publishChunks(scope, id, generation, chunks, fields, signal, onProgress, dependencies);
}
