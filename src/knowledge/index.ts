export { createKnowledgeService, DOCUMENT_ID, MAXIMUM_UPSERT_BYTES } from './knowledge-service.js';
export type { KnowledgeServiceDependencies } from './knowledge-service.js';
export { createFileParser } from './parse/file-parser.js';
export type { FileParser } from './parse/file-parser.js';
export { PARSE_LIMITS } from './parse/parse-limits.js';
export type { ParseLimits } from './parse/parse-limits.js';
