import type { Clock } from '../contracts/runtime.js';
import { KnowledgeError } from '../contracts/knowledge.js';
import type { KnowledgeService, UpsertDocument } from '../contracts/knowledge.js';
import type { StoredDocument, TenantScope } from '../contracts/stores.js';
import { ingestDocument, summaryOf, type IngestDependencies } from './ingest-document.js';
import { hashOfFile, hashOfUpsert } from './ingest-hash.js';
import { textKind } from './ingest-text-kind.js';
import { cleanTitle } from './ingest-title.js';
import { FILE_ENDINGS } from './parse/file-endings.js';
import type { FileParser } from './parse/file-parser.js';
import { parseString } from './parse/parse-bytes.js';
import { PARSE_LIMITS } from './parse/parse-limits.js';
import type { ParsedDocument } from './parse/parsed-document.js';
import { replaceOlder } from './replace-older.js';
import type { RetrieverPool } from './search/index.js';
import type { KnowledgeFinder } from './understanding/answer-finder.js';

export interface IngestionDependencies extends IngestDependencies {
  readonly retrievers: Pick<RetrieverPool, 'invalidate'>;
  readonly finder: Pick<KnowledgeFinder, 'invalidate'>;
  readonly parser: FileParser;
  readonly clock: Clock;
}

/**
 * Markdown up to this length is read in this process, unless it is nested as deeply as `DEEP`, which takes
 * too long.
 */
const INLINE_MARKDOWN_CHARS = 10_000;
const DEEP = /^[ \t>*+-]{64}/m;
/** Progress of a document once it has been read. */
const PARSED = 0.3;

/**
 * Reads texts and files into documents and publishes them. The caller must not write the same document twice
 * at once.
 */
export class Ingestion {
  constructor(private readonly deps: IngestionDependencies) {}

  /** Answers and searches read the knowledge again. */
  invalidate({ tenantId }: TenantScope): void {
    this.deps.retrievers.invalidate(tenantId);
    this.deps.finder.invalidate(tenantId);
  }

  async upsert(
    scope: TenantScope,
    document: UpsertDocument,
    id: string,
    signal: AbortSignal,
  ): ReturnType<KnowledgeService['upsert']> {
    const { clock, parser } = this.deps;
    const existing = await scope.documents.get(id);
    const contentHash = hashOfUpsert(document);
    if (existing?.status === 'ready' && existing.contentHash === contentHash) {
      return { document: summaryOf(existing), created: false, changed: false };
    }
    const parsed = await parseUpsert(document.text, parser, signal);
    const fields = {
      title: cleanTitle(document.title),
      kind: parsed.kind,
      locale: document.locale ?? parsed.locale,
      metadata: document.metadata ?? {},
      contentHash,
      revision: existing?.status === 'ready' ? existing.revision + 1 : 1,
    };
    // Shown as in progress until published; a version that is already live stays as it is.
    const base =
      existing?.status === 'ready' ? existing : draft(id, fields, existing?.createdAt ?? clock.now());
    if (base !== existing) await scope.documents.put(base);
    const live = await ingestDocument(scope, base, parsed, fields, signal, async () => {}, this.deps);
    this.invalidate(scope);
    if (!live) throw new KnowledgeError('not-found', `Document ${id} was removed while it was written.`);
    return { document: summaryOf(live), created: !existing, changed: true };
  }

  /** Reads an uploaded file, unless it was removed or an earlier run of the same job has finished it. */
  async ingestQueued(scope: TenantScope, documentId: string, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.deps;
    const document = await scope.documents.get(documentId);
    if (!document || isFinished(document)) return;
    try {
      await this.ingest(scope, document, signal);
    } catch (error) {
      if (!(error instanceof KnowledgeError)) throw error;
      logger.info(
        { tenantId: scope.tenantId, documentId, kind: error.kind, detail: error.message },
        'document could not be read',
      );
      await scope.documents.update(documentId, {
        status: 'failed',
        error: { code: error.kind, detail: error.message },
        updatedAt: clock.now(),
      });
    }
  }

  /** Reads the file of a document, which shows its progress. */
  private async ingest(scope: TenantScope, document: StoredDocument, signal: AbortSignal): Promise<void> {
    const { clock, parser } = this.deps;
    const { documents } = scope;
    await documents.update(document.id, { status: 'parsing', progress: 0, updatedAt: clock.now() });
    const bytes = await documents.getFile(document.id);
    if (!bytes) throw new KnowledgeError('unreadable', 'The uploaded file is incomplete; upload it again.');
    const parsed = await parser.parseFile(bytes, `file.${FILE_ENDINGS[document.kind]}`, signal);
    await documents.update(document.id, { status: 'embedding', progress: PARSED, updatedAt: clock.now() });
    const onProgress = async (part: number): Promise<void> => {
      const progress = PARSED + (1 - PARSED) * 0.99 * part;
      await documents.update(document.id, { progress, updatedAt: clock.now() });
    };
    const { title, metadata, contentHash, revision } = document;
    const fields = { title, metadata, contentHash, revision, kind: parsed.kind, locale: parsed.locale };
    await ingestDocument(scope, document, parsed, fields, signal, onProgress, this.deps);
    await replaceOlder(scope, document);
    this.invalidate(scope);
  }

  /** Stores the file under its id once it has been read; a live version stays until then. */
  async takeIn(
    scope: TenantScope,
    { id, fileName, bytes, title, metadata }: Parameters<KnowledgeService['takeIn']>[1],
    signal: AbortSignal,
  ): ReturnType<KnowledgeService['takeIn']> {
    const { clock, parser } = this.deps;
    const parsed = await parser.parseFile(bytes, fileName, signal);
    const existing = await scope.documents.get(id);
    const isLive = existing?.status === 'ready';
    const fields = {
      title: cleanTitle(parsed.title ?? title),
      kind: parsed.kind,
      locale: parsed.locale,
      metadata,
      contentHash: hashOfFile(bytes),
      revision: isLive ? existing.revision + 1 : 1,
    };
    const base = isLive ? existing : draft(id, fields, existing?.createdAt ?? clock.now());
    if (base !== existing) await scope.documents.put(base);
    await scope.documents.putFile(id, bytes);
    await ingestDocument(scope, base, parsed, fields, signal, async () => {}, this.deps);
    this.invalidate(scope);
    return { links: parsed.links ?? [] };
  }
}

export function isFinished({ status }: StoredDocument): boolean {
  return status === 'ready' || status === 'failed';
}

/** A document that is not published yet. */
export function draft(
  id: string,
  fields: Pick<StoredDocument, 'kind' | 'title' | 'locale' | 'metadata' | 'contentHash' | 'revision'>,
  now: Date,
): StoredDocument {
  return {
    ...fields,
    id,
    status: 'embedding',
    progress: 0,
    chunks: 0,
    generation: 0,
    createdAt: now,
    updatedAt: now,
  };
}

/** Text that could block this process is read by a child process. */
function parseUpsert(text: string, parser: FileParser, signal: AbortSignal): Promise<ParsedDocument> {
  const kind = textKind(text);
  const isCheap = kind === 'text' || (text.length <= INLINE_MARKDOWN_CHARS && !DEEP.test(text));
  if (isCheap) return parseString(text, kind, PARSE_LIMITS);
  return parser.parseFile(Buffer.from(text, 'utf8'), `text.${FILE_ENDINGS[kind]}`, signal);
}
