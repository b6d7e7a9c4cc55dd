import type { AnswerFinder, MessageReader } from '../../contracts/answers.js';
import type { Outreach } from '../../contracts/chat.js';
import type { EmbeddingModel } from '../../contracts/embedding.js';
import type { KnowledgeSources } from '../../contracts/knowledge-sources.js';
import type { FaqService, KnowledgeService } from '../../contracts/knowledge.js';
import type { Job } from '../../contracts/queue.js';
import type { UsageService } from '../../contracts/usage.js';
import {
  createAnswerFinder,
  createAtlasPool,
  createBuiltinEmbedding,
  createFaqService,
  createFileParser,
  createKnowledgeService,
  createMessageReader,
  createQuestionEmbedder,
  createRetrieverPool,
  embeddingRoutes,
  evaluationRoutes,
  isBuiltin,
  knowledgeJobs,
  reEmbedJob,
  reEmbedJobs,
  sourceRoutes,
  Sources,
  type QuestionEmbedder,
} from '../../knowledge/index.js';
import type { Route } from '../../lib/api/route.js';
import type { ModelRegistry } from '../../llm/index.js';
import type { Foundation } from '../foundation.js';
import { makeEmbedding } from '../make-embedding.js';

interface Needs extends Foundation {
  readonly outreach: Outreach;
  readonly models: ModelRegistry;
  readonly usage: UsageService;
}

/** Documents, search, FAQ, and finding what in them answers a message. */
export async function knowledgeRoom(foundation: Needs): Promise<{
  readonly knowledge: KnowledgeService;
  readonly sources: KnowledgeSources;
  readonly faq: FaqService;
  readonly finder: AnswerFinder;
  readonly reader: MessageReader;
  readonly knowledgeRoutes: readonly Route[];
  readonly jobs: readonly Job[];
  close(): Promise<void>;
}> {
  const { settings, queue, clock, makeId, logger } = foundation;
  const billing = { usage: foundation.usage, priceOf: foundation.models.priceOf, clock };
  const choice = await makeEmbedding(settings, { ...foundation, billing });
  const embedding = choice?.model;
  const builtin = { name: 'builtin', model: createBuiltinEmbedding() };
  // The built-in embedding is already part of the finder.
  const embedder =
    embedding === undefined || isBuiltin(embedding)
      ? undefined
      : createQuestionEmbedder({ model: embedding, clock, logger });
  const retrievers = openRetrievers(foundation, embedding, embedder);
  const parser = createFileParser();
  const finder = createAnswerFinder({ clock, logger, embedder });
  const knowledge = createKnowledgeService({
    queue,
    retrievers,
    finder,
    parser,
    embedding,
    clock,
    makeId,
    logger,
  });
  const sources = new Sources({ ...foundation, knowledge });
  return {
    knowledge,
    sources,
    faq: createFaqService({ clock, makeId, finder }),
    finder,
    reader: createMessageReader(),
    knowledgeRoutes: [
      ...evaluationRoutes({ knowledge, finder, clock, makeId }),
      ...sourceRoutes({ sources }),
      ...embeddingRoutes(choice === undefined || isBuiltin(choice.model) ? [builtin] : [choice, builtin]),
    ],
    jobs: [...knowledgeJobs({ ...foundation, knowledge }), ...sources.jobs(), ...reEmbedJobs(embedding)],
    async close() {
      retrievers.close();
      await finder.close();
      await embedding?.close();
    },
  };
}

/** A passage whose vectors are missing is embedded again in the background. */
function openRetrievers(
  { searchesInStore, queue, clock, logger }: Foundation,
  embedding: EmbeddingModel | undefined,
  embedder: QuestionEmbedder | undefined,
): ReturnType<typeof createRetrieverPool> {
  const createPool = searchesInStore ? createAtlasPool : createRetrieverPool;
  return createPool({
    clock,
    logger,
    embedder,
    ...(embedding === undefined ? {} : { embedding }),
    onMissing: ({ tenantId }) => {
      const queued = queue.enqueue(reEmbedJob, tenantId, {}, { key: 're-embed' });
      queued.catch((error: unknown) => logger.warn({ tenantId, error }, 'passages wait for their vectors'));
    },
  });
}
