import { KnowledgeError } from '../contracts/knowledge.js';
import type { KnowledgeService } from '../contracts/knowledge.js';
import type { JobQueue } from '../contracts/queue.js';
import type { MakeId } from '../contracts/runtime.js';
import { allItems, type StoredDocument } from '../contracts/stores.js';
import { summaryOf } from './ingest-document.js';
import { ingestJob } from './ingest-job.js';
import { hashOfFile } from './ingest-hash.js';
import { IngestLock } from './ingest-lock.js';
import { draft, Ingestion, type IngestionDependencies } from './ingestion.js';
import { cleanTitle, titleFromFileName } from './ingest-title.js';
import { PARSE_LIMITS } from './parse/parse-limits.js';
import { previewFile } from './preview-file.js';
import { reindexDocument } from './reindex-document.js';
import { sniffKind } from './parse/sniff-kind.js';
import type { RetrieverPool } from './search/index.js';

export interface KnowledgeServiceDependencies extends IngestionDependencies {
  readonly queue: JobQueue;
  readonly retrievers: Pick<RetrieverPool, 'retriever' | 'invalidate'>;
  readonly makeId: MakeId;
}

/** Ids that callers may choose. */
const DOCUMENT_ID = /^[A-Za-z0-9._:-]{1,128}$/;
/** Longest text of an upsert, in bytes of UTF-8; longer text must be a file. */
const MAXIMUM_UPSERT_BYTES = 1024 * 1024;
/** An upsert is answered while its caller waits. */
const UPSERT_TIMEOUT_MS = 60_000;
/** When to check on an upload that did not get as far as its own job, in ms. */
const LEFT_OVER_MS = 60_000;

export function createKnowledgeService(dependencies: KnowledgeServiceDependencies): KnowledgeService {
  const { clock, logger, makeId, parser, queue, retrievers } = dependencies;
  const lock = new IngestLock();
  const ingestion = new Ingestion(dependencies);

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
        withTimeout((signal) => ingestion.upsert(scope, document, id, signal)),
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
      lock.run(`${scope.tenantId} ${file.id}`, () => ingestion.takeIn(scope, file, signal)),

    preview: (file, signal) => previewFile(file, parser, signal),

    ingest(scope, documentId, signal) {
      return lock.run(`${scope.tenantId} ${documentId}`, async () => {
        const document = await scope.documents.get(documentId);
        // Removed, or already finished by an earlier run of the same job.
        if (!document || isFinished(document)) return;
        try {
          await ingestion.ingest(scope, document, signal);
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
        ingestion.invalidate(scope);
        return live && summaryOf(live);
      });
    },

    async remove(scope, documentId) {
      const removed = await scope.documents.remove(documentId);
      ingestion.invalidate(scope);
      return removed;
    },

    async undo(scope, documentId) {
      const document = await scope.documents.get(documentId);
      if (document === undefined) return undefined;
      const before = await scope.documents.superseded(documentId);
      if (before !== undefined) await scope.documents.bringBack(before.id);
      await scope.documents.remove(documentId);
      ingestion.invalidate(scope);
      return { document: summaryOf(document), ...(before && { back: summaryOf(before) }) };
    },

    retriever: (scope) => retrievers.retriever(scope),
  };
}

function isFinished({ status }: StoredDocument): boolean {
  return status === 'ready' || status === 'failed';
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
