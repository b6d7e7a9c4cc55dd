import type { Route } from '../api/route.js';
import type { HttpDependencies } from '../dependencies.js';
import { documentRoutes } from './kb/documents.js';
import { searchDocumentsRoute } from './kb/search-documents.js';
import { writeDocumentRoutes } from './kb/write-documents.js';

export function kbRoutes(deps: HttpDependencies): Route[] {
  return [...writeDocumentRoutes(deps), searchDocumentsRoute(deps), ...documentRoutes(deps)];
}
