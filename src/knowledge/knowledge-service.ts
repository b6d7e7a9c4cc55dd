import type { EmbeddingModel } from '../contracts/embedding.js';
import { KnowledgeError } from '../contracts/knowledge.js';
import type { KnowledgeService, UpsertDocument } from '../contracts/knowledge.js';
import type { JobQueue } from '../contracts/queue.js';
import type { Clock, Logger, MakeId } from '../contracts/runtime.js';
import { allItems, type StoredDocument, type TenantScope } from '../contracts/stores.js';
import { ingestDocument, summaryOf } from './ingest-document.js';
import { ingestJob } from './ingest-job.js';
import { hashOfFile, hashOfUpsert } from './ingest-hash.js';
import { IngestLock } from './ingest-lock.js';
import { textKind } from './ingest-text-kind.js';
import { cleanTitle, titleFromFileName } from './ingest-title.js';
import { FILE_ENDINGS } from './parse/file-endings.js';
import type { FileParser } from './parse/file-parser.js';
import { parseString } from './parse/parse-bytes.js';
import { PARSE_LIMITS } from './parse/parse-limits.js';
import type { ParsedDocument } from './parse/parsed-document.js';
import { previewFile } from './preview-file.js';
import { reindexDocument } from './reindex-document.js';
import { replaceOlder } from './replace-older.js';
import { sniffKind } from './parse/sniff-kind.js';
import type { RetrieverPool } from './search/index.js';
import type { KnowledgeFinder } from './understanding/answer-finder.js';

export interface KnowledgeServiceDependencies {
  readonly queue: JobQueue;
  readonly retrievers: Pick<RetrieverPool, 'retriever' | 'invalidate'>;
  readonly finder: Pick<KnowledgeFinder, 'invalidate'>;
  readonly parser: FileParser;
  /** Absent: documents are found by their words only. */
  readonly embedding?: EmbeddingModel | undefined;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly logger: Logger;
}

/** Ids that callers may choose. */
export const DOCUMENT_ID = /^[A-Za-z0-9._:-]{1,128}$/;
/** Longest text of an upsert, in bytes of UTF-8; longer text must be a file. */
export const MAXIMUM_UPSERT_BYTES = 1024 * 1024;
/**
 * Markdown up to this length is read in this process, unless it is nested as deeply as `DEEP`, which takes
 * too long.
 */
const INLINE_MARKDOWN_CHARS = 10_000;
const DEEP = /^[ \t>*+-]{64}/m;
/** An upsert is answered while its caller waits. */
const UPSERT_TIMEOUT_MS = 60_000;
/** When to check on an upload that did not get as far as its own job, in ms. */
const LEFT_OVER_MS = 60_000;
/** Progress of a document once it has been read. */
const PARSED = 0.3;

export function createKnowledgeService(dependencies: KnowledgeServiceDependencies): KnowledgeService {
  const { clock, finder, logger, makeId, parser, queue, retrievers } = dependencies;
  const lock = new IngestLock();
  const invalidate = (scope: TenantScope): void => {
    retrievers.invalidate(scope.tenantId);
    finder.invalidate(scope.tenantId);
  };

  async function upsert(
    scope: TenantScope,
    document: UpsertDocument,
    id: string,
    signal: AbortSignal,
  ): ReturnType<KnowledgeService['upsert']> {
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
    const live = await ingestDocument(scope, base, parsed, fields, signal, async () => {}, dependencies);
    invalidate(scope);
    if (!live) throw new KnowledgeError('not-found', `Document ${id} was removed while it was written.`);
    return { document: summaryOf(live), created: !existing, changed: true };
  }

  async function ingest(scope: TenantScope, document: StoredDocument, signal: AbortSignal): Promise<void> {
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
    await ingestDocument(scope, document, parsed, fields, signal, onProgress, dependencies);
    await replaceOlder(scope, document);
    invalidate(scope);
  }

  /** Stores the file under its id once it has been read; a live version stays until then. */
  async function takeIn(
    scope: TenantScope,
    { id, fileName, bytes, title, metadata }: Parameters<KnowledgeService['takeIn']>[1],
    signal: AbortSignal,
  ): ReturnType<KnowledgeService['takeIn']> {
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
    await ingestDocument(scope, base, parsed, fields, signal, async () => {}, dependencies);
    invalidate(scope);
    return { links: parsed.links ?? [] };
  }

  return {
    async upsert(scope, document) {
      const id = document.id ?? makeId('doc');
      if (!DOCUMENT_ID.test(id)) {
        throw new KnowledgeError('unreadable', 'An id has 1 to 128 of the characters A-Z a-z 0-9 . _ : -');
      }
      if (Buffer.byteLength(document.text) > MAXIMUM_UPSERT_BYTES) {
        throw new KnowledgeError('too-large', `The text is longer than ${MAXIMUM_UPSERT_BYTES} bytes.`);
      }
      return lock.run(`${scope.tenantId} ${id}`, () =>
        withTimeout((signal) => upsert(scope, document, id, signal)),
      );
    },

    async upload(scope, { id = makeId('doc'), fileName, bytes, title, metadata }, tell) {
      if (bytes.length > PARSE_LIMITS.inputBytes) {
        throw new KnowledgeError('too-large', `The file is larger than ${PARSE_LIMITS.inputBytes} bytes.`);
      }
      const kind = await sniffKind(bytes, fileName);
      const fields = {
        kind,
        title: title === undefined ? titleFromFileName(fileName) : cleanTitle(title),
        locale: undefined,
        metadata: metadata ?? {},
        contentHash: hashOfFile(bytes),
        revision: 1,
      };
      const document: StoredDocument = { ...draft(id, fields, clock.now()), fileName, status: 'queued' };
      const enqueue = (at: Date): Promise<string> =>
        queue.enqueue(ingestJob, scope.tenantId, { documentId: id, ...(tell && { tell }) }, { key: id, at });
      // First queue a job for later: whatever a crash leaves of the upload is then finished or marked as
      // failed.
      await enqueue(new Date(clock.now().getTime() + LEFT_OVER_MS));
      const leftOver = await scope.documents.get(id);
      if (leftOver !== undefined && (await scope.documents.getFile(id)) !== undefined) {
        return { document: summaryOf(leftOver), jobId: await enqueue(clock.now()) };
      }
      await scope.documents.put(document);
      try {
        await scope.documents.putFile(id, bytes);
        return { document: summaryOf(document), jobId: await enqueue(clock.now()) };
      } catch (error) {
        // The caller is told that it failed, so nothing of it may remain.
        await scope.documents.remove(id);
        throw error;
      }
    },

    takeIn: (scope, file, signal) =>
      lock.run(`${scope.tenantId} ${file.id}`, () => takeIn(scope, file, signal)),

    preview: (file, signal) => previewFile(file, parser, signal),

    ingest(scope, documentId, signal) {
      return lock.run(`${scope.tenantId} ${documentId}`, async () => {
        const document = await scope.documents.get(documentId);
        // Removed, or already finished by an earlier run of the same job.
        if (!document || isFinished(document)) return;
        try {
          await ingest(scope, document, signal);
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
      });
    },

    async giveUpIngest(scope, documentId) {
      const document = await scope.documents.get(documentId);
      if (document === undefined || isFinished(document)) return;
      await scope.documents.update(documentId, {
        status: 'failed',
        error: { code: 'not-read', detail: 'Reading it failed again and again. Upload it once more later.' },
        updatedAt: clock.now(),
      });
    },

    async queueUnread(scope) {
      const documents = await allItems((page) => scope.documents.list(page));
      for (const { id } of documents.filter((document) => !isFinished(document))) {
        await queue.enqueue(ingestJob, scope.tenantId, { documentId: id }, { key: id });
      }
    },

    reindex(scope, documentId, signal) {
      return lock.run(`${scope.tenantId} ${documentId}`, async () => {
        const document = await scope.documents.get(documentId);
        if (document === undefined) return undefined;
        if (!isFinished(document)) return summaryOf(document);
        const live = await reindexDocument(scope, document, signal, dependencies);
        invalidate(scope);
        return live && summaryOf(live);
      });
    },

    async remove(scope, documentId) {
      const removed = await scope.documents.remove(documentId);
      invalidate(scope);
      return removed;
    },

    async undo(scope, documentId) {
      const document = await scope.documents.get(documentId);
      if (document === undefined) return undefined;
      const before = await scope.documents.superseded(documentId);
      if (before !== undefined) await scope.documents.bringBack(before.id);
      await scope.documents.remove(documentId);
      invalidate(scope);
      return { document: summaryOf(document), ...(before && { back: summaryOf(before) }) };
    },

    retriever: (scope) => retrievers.retriever(scope),
  };
}

function isFinished({ status }: StoredDocument): boolean {
  return status === 'ready' || status === 'failed';
}

function draft(
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

async function withTimeout<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const signal = AbortSignal.timeout(UPSERT_TIMEOUT_MS);
  try {
    return await work(signal);
  } catch (error) {
    if (error !== signal.reason) throw error;
    throw new KnowledgeError('too-large', 'Taking in the text takes too long; upload it as a file.');
  }
}

/** Text that could block this process is read by a child process. */
function parseUpsert(text: string, parser: FileParser, signal: AbortSignal): Promise<ParsedDocument> {
  const kind = textKind(text);
  const isCheap = kind === 'text' || (text.length <= INLINE_MARKDOWN_CHARS && !DEEP.test(text));
  if (isCheap) return parseString(text, kind, PARSE_LIMITS);
  return parser.parseFile(Buffer.from(text, 'utf8'), `text.${FILE_ENDINGS[kind]}`, signal);
}
