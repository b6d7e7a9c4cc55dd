// A process that ingests a document and stops halfway, to be killed there.
import {
  createFileParser,
  createAnswerFinder,
  createKnowledgeService,
  createRetrieverPool,
} from '../../../src/knowledge/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { openStore } from '../../../src/store/index.js';
import { TestQueue } from './test-queue.js';
import { WordEmbedding } from './word-embedding.js';
import { silentLogger } from '../../fakes/silent-logger.js';

export interface IngestChildTask {
  readonly uri: string;
  readonly masterKey: string;
  readonly serviceDatabase: string;
  readonly databasePrefix: string;
  readonly tenantId: string;
  readonly documentId: string;
  /** If given, upserts this text instead of running the job of an upload. */
  readonly text?: string;
}

process.once('message', (task: IngestChildTask) => void run(task));

async function run(task: IngestChildTask): Promise<void> {
  const store = await openStore({
    ...task,
    masterKey: Buffer.from(task.masterKey, 'base64'),
    clock: systemClock,
    makeId,
    logger: silentLogger,
  });
  const scope = await store.service.scope(task.tenantId);
  if (!scope) throw new Error('no such tenant');
  const embedding = new WordEmbedding((call) => {
    // The second batch never returns: the parent kills this process.
    if (call < 2) return Promise.resolve();
    process.send?.('half way');
    return new Promise(() => undefined);
  });
  const service = createKnowledgeService({
    queue: new TestQueue(scope),
    retrievers: createRetrieverPool({ clock: systemClock, logger: silentLogger }),
    finder: createAnswerFinder({ clock: systemClock, logger: silentLogger }),
    parser: createFileParser(),
    embedding,
    clock: systemClock,
    makeId,
    logger: silentLogger,
  });
  const { documentId, text } = task;
  if (text === undefined) await service.ingest(scope, documentId, new AbortController().signal);
  else await service.upsert(scope, { id: documentId, title: 'Killed', text });
}
