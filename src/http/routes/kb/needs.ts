import type { KnowledgeService } from '../../../contracts/knowledge.js';

/** What the routes of documents and search use. */
export interface KnowledgeRouteNeeds {
  readonly knowledge: KnowledgeService;
}
