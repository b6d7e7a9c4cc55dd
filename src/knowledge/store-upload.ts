import { KnowledgeError } from '../contracts/knowledge.js';
import type { KnowledgeService } from '../contracts/knowledge.js';
import type { JobQueue } from '../contracts/queue.js';
import type { Clock, MakeId } from '../contracts/runtime.js';
import type { StoredDocument } from '../contracts/stores.js';
import { summaryOf } from './ingest-document.js';
import { hashOfFile } from './ingest-hash.js';
import { ingestJob } from './ingest-job.js';
import { cleanTitle, titleFromFileName } from './ingest-title.js';
import { draft } from './ingestion.js';
import { PARSE_LIMITS } from './parse/parse-limits.js';
import { sniffKind } from './parse/sniff-kind.js';

/** When to check on an upload that did not get as far as its own job, in ms. */
const LEFT_OVER_MS = 60_000;

type Upload = KnowledgeService['upload'];

/** Stores an uploaded file and queues the job that reads it. */
export async function storeUpload(
  scope: Parameters<Upload>[0],
  file: Parameters<Upload>[1],
  tell: Parameters<Upload>[2],
  { clock, makeId, queue }: { readonly clock: Clock; readonly makeId: MakeId; readonly queue: JobQueue },
): ReturnType<Upload> {
  const { id = makeId('doc'), bytes } = file;
  if (bytes.length > PARSE_LIMITS.inputBytes) {
    throw new KnowledgeError('too-large', `The file is larger than ${PARSE_LIMITS.inputBytes} bytes.`);
  }
  const document = await queuedDocument(id, file, clock.now());
  const enqueue = (at: Date): Promise<string> =>
    queue.enqueue(ingestJob, scope.tenantId, { documentId: id, ...(tell && { tell }) }, { key: id, at });
  // First queue a job for later: whatever a crash leaves of the upload is then finished or marked as failed.
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
}

async function queuedDocument(
  id: string,
  { fileName, bytes, title, metadata }: Parameters<Upload>[1],
  at: Date,
): Promise<StoredDocument> {
  const fields = {
    kind: await sniffKind(bytes, fileName),
    title: title === undefined ? titleFromFileName(fileName) : cleanTitle(title),
    locale: undefined,
    metadata: metadata ?? {},
    contentHash: hashOfFile(bytes),
    revision: 1,
  };
  return { ...draft(id, fields, at), fileName, status: 'queued' };
}
