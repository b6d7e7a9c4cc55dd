import type { KnowledgeService } from '../../../contracts/knowledge.js';

/** Dependencies of the document and search routes. */
export interface KnowledgeRouteNeeds {
  readonly knowledge: KnowledgeService;
}
