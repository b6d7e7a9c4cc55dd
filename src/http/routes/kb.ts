import type { Route } from '../../lib/api/route.js';
import { documentRoutes } from './kb/documents.js';
import { searchDocumentsRoute } from './kb/search-documents.js';
import { writeDocumentRoutes } from './kb/write-documents.js';
import type { KnowledgeRouteNeeds } from './kb/needs.js';

export function kbRoutes(deps: KnowledgeRouteNeeds): Route[] {
  return [...writeDocumentRoutes(deps), searchDocumentsRoute(deps), ...documentRoutes(deps)];
}
