import type { AnswerFinder, MessageReader } from '../../contracts/answers.js';
import type { Outreach } from '../../contracts/chat.js';
import type { KnowledgeSources } from '../../contracts/knowledge-sources.js';
import type { FaqService, KnowledgeService } from '../../contracts/knowledge.js';
import type { Job } from '../../contracts/queue.js';
import {
  createAnswerFinder,
  createFaqService,
  createFileParser,
  createKnowledgeService,
  createMessageReader,
  createRetrieverPool,
  evaluationRoutes,
  knowledgeJobs,
  sourceRoutes,
  Sources,
} from '../../knowledge/index.js';
import type { Route } from '../../lib/api/route.js';
import type { Ground } from '../ground.js';
import { makeEmbedding } from '../make-embedding.js';

/** Documents, search, frequent questions, and what of all of it answers a message. */
export async function knowledgeRoom(ground: Ground & { readonly outreach: Outreach }): Promise<{
  readonly knowledge: KnowledgeService;
  readonly sources: KnowledgeSources;
  readonly faq: FaqService;
  readonly finder: AnswerFinder;
  readonly reader: MessageReader;
  readonly knowledgeRoutes: readonly Route[];
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
  const finder = createAnswerFinder({ clock, logger });
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
  const sources = new Sources({ ...ground, knowledge });
  return {
    knowledge,
    sources,
    faq: createFaqService({ clock, makeId, finder }),
    finder,
    reader: createMessageReader(),
    knowledgeRoutes: [
      ...evaluationRoutes({ knowledge, finder, clock, makeId }),
      ...sourceRoutes({ sources }),
    ],
    jobs: [...knowledgeJobs({ ...ground, knowledge }), ...sources.jobs()],
    async close() {
      retrievers.close();
      await embedding?.close();
    },
  };
}
