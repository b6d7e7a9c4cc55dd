import { KnowledgeError } from '../contracts/knowledge.js';
import type { KnowledgeService, UpsertDocument } from '../contracts/knowledge.js';
import type { Retriever } from '../contracts/retriever.js';
import type { JobQueue } from '../contracts/queue.js';
import type { MakeId } from '../contracts/runtime.js';
import { allItems, type TenantScope } from '../contracts/stores.js';
import { summaryOf } from './ingest-document.js';
import { ingestJob } from './ingest-job.js';
import { IngestLock } from './ingest-lock.js';
import { Ingestion, isFinished, type IngestionDependencies } from './ingestion.js';
import { previewFile } from './preview-file.js';
import { reindexDocument } from './reindex-document.js';
import type { RetrieverPool } from './search/index.js';
import { storeUpload } from './store-upload.js';

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

export function createKnowledgeService(dependencies: KnowledgeServiceDependencies): KnowledgeService {
  return new Knowledge(dependencies);
}

type Returned<Method extends keyof KnowledgeService> = ReturnType<KnowledgeService[Method]>;

class Knowledge implements KnowledgeService {
  private readonly lock = new IngestLock();
  private readonly ingestion: Ingestion;

  constructor(private readonly dependencies: KnowledgeServiceDependencies) {
    this.ingestion = new Ingestion(dependencies);
  }

  async upsert(scope: TenantScope, document: UpsertDocument): Returned<'upsert'> {
    const id = document.id ?? this.dependencies.makeId('doc');
    if (!DOCUMENT_ID.test(id)) {
      throw new KnowledgeError('unreadable', 'An id has 1 to 128 of the characters A-Z a-z 0-9 . _ : -');
    }
    if (Buffer.byteLength(document.text) > MAXIMUM_UPSERT_BYTES) {
      throw new KnowledgeError('too-large', `The text is longer than ${MAXIMUM_UPSERT_BYTES} bytes.`);
    }
    return this.alone(scope, id, () =>
      withTimeout((signal) => this.ingestion.upsert(scope, document, id, signal)),
    );
  }

  upload(...[scope, file, tell]: Parameters<KnowledgeService['upload']>): Returned<'upload'> {
    return storeUpload(scope, file, tell, this.dependencies);
  }

  takeIn(...[scope, file, signal]: Parameters<KnowledgeService['takeIn']>): Returned<'takeIn'> {
    return this.alone(scope, file.id, () => this.ingestion.takeIn(scope, file, signal));
  }

  preview(...[file, signal]: Parameters<KnowledgeService['preview']>): Returned<'preview'> {
    return previewFile(file, this.dependencies.parser, signal);
  }

  ingest(scope: TenantScope, documentId: string, signal: AbortSignal): Promise<void> {
    return this.alone(scope, documentId, () => this.ingestion.ingestQueued(scope, documentId, signal));
  }

  async giveUpIngest(scope: TenantScope, documentId: string): Promise<void> {
    const document = await scope.documents.get(documentId);
    if (document === undefined || isFinished(document)) return;
    await scope.documents.update(documentId, {
      status: 'failed',
      error: { code: 'not-read', detail: 'Reading it failed again and again. Upload it once more later.' },
      updatedAt: this.dependencies.clock.now(),
    });
  }

  async queueUnread(scope: TenantScope): Promise<void> {
    const documents = await allItems((page) => scope.documents.list(page));
    for (const { id } of documents.filter((document) => !isFinished(document))) {
      await this.dependencies.queue.enqueue(ingestJob, scope.tenantId, { documentId: id }, { key: id });
    }
  }

  reindex(scope: TenantScope, documentId: string, signal: AbortSignal): Returned<'reindex'> {
    return this.alone(scope, documentId, async () => {
      const document = await scope.documents.get(documentId);
      if (document === undefined) return undefined;
      if (!isFinished(document)) return summaryOf(document);
      const live = await reindexDocument(scope, document, signal, this.dependencies);
      this.ingestion.invalidate(scope);
      return live && summaryOf(live);
    });
  }

  async remove(scope: TenantScope, documentId: string): Promise<boolean> {
    const removed = await scope.documents.remove(documentId);
    this.ingestion.invalidate(scope);
    return removed;
  }

  async undo(scope: TenantScope, documentId: string): Returned<'undo'> {
    const document = await scope.documents.get(documentId);
    if (document === undefined) return undefined;
    const before = await scope.documents.superseded(documentId);
    if (before !== undefined) await scope.documents.bringBack(before.id);
    await scope.documents.remove(documentId);
    this.ingestion.invalidate(scope);
    return { document: summaryOf(document), ...(before && { back: summaryOf(before) }) };
  }

  retriever(scope: TenantScope): Retriever {
    return this.dependencies.retrievers.retriever(scope);
  }

  /** One document is never read twice at the same moment. */
  private alone<Result>(
    { tenantId }: TenantScope,
    documentId: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    return this.lock.run(`${tenantId} ${documentId}`, work);
  }
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
