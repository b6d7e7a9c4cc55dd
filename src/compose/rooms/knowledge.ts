import type { FaqService, KnowledgeService } from '../../contracts/knowledge.js';
import type { Job } from '../../contracts/queue.js';
import {
  createFaqService,
  createFileParser,
  createKnowledgeService,
  createRetrieverPool,
  knowledgeJobs,
} from '../../knowledge/index.js';
import type { Ground } from '../ground.js';
import { makeEmbedding } from '../make-embedding.js';

/** Documents, search and frequent questions. */
export async function knowledgeRoom(ground: Ground): Promise<{
  readonly knowledge: KnowledgeService;
  readonly faq: FaqService;
  readonly jobs: readonly Job[];
  close(): Promise<void>;
}> {
  const { settings, queue, clock, makeId, logger } = ground;
  const embedding = await makeEmbedding(settings, ground);
  const retrievers = createRetrieverPool({
    clock,
    logger,
    ...(embedding === undefined ? {} : { embedding }),
  });
  const parser = createFileParser();
  const knowledge = createKnowledgeService({ queue, retrievers, parser, embedding, clock, makeId, logger });
  return {
    knowledge,
    faq: createFaqService({ clock, makeId, logger }),
    jobs: knowledgeJobs(knowledge),
    async close() {
      retrievers.close();
      await embedding?.close();
    },
  };
}
