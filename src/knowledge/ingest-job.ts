import type { KnowledgeService } from '../contracts/knowledge.js';
import { defineJob, handleJob, type Job } from '../contracts/queue.js';

/** Reads an uploaded file and makes it searchable. */
export const ingestJob = defineJob<{ readonly documentId: string }>('knowledge.ingest');

/** The jobs of this room. */
export function knowledgeJobs(knowledge: KnowledgeService): readonly Job[] {
  return [
    handleJob(ingestJob, {
      run: (scope, { documentId }, { signal }) => knowledge.ingest(scope, documentId, signal),
      givenUp: (scope, { documentId }) => knowledge.giveUpIngest(scope, documentId),
    }),
  ];
}
