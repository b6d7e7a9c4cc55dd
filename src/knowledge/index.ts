export { knowledgeJobs } from './ingest-job.js';
export { createKnowledgeService, DOCUMENT_ID, MAXIMUM_UPSERT_BYTES } from './knowledge-service.js';
export type { KnowledgeServiceDependencies } from './knowledge-service.js';
export { createFileParser } from './parse/file-parser.js';
export type { FileParser } from './parse/file-parser.js';
export { PARSE_LIMITS } from './parse/parse-limits.js';
export type { ParseLimits } from './parse/parse-limits.js';
export { createLocalEmbedding } from './embed/local/local-embedding.js';
export type { LocalEmbeddingOptions } from './embed/local/local-embedding.js';
export { createOpenAiEmbedding } from './embed/openai/openai-embedding.js';
export type { OpenAiEmbeddingOptions } from './embed/openai/openai-embedding.js';
export { createGeminiEmbedding } from './embed/gemini/gemini-embedding.js';
export type { GeminiEmbeddingOptions } from './embed/gemini/gemini-embedding.js';
export { createCatalogue } from './catalogue.js';
export { evaluationRoutes } from './evaluation-routes.js';
export { evaluationStore } from './evaluation-store.js';
export { sourceRoutes } from './sources/source-routes.js';
export { sourceStore } from './sources/source-store.js';
export { Sources } from './sources/sources.js';
export { createFaqService } from './faq/index.js';
export type { FaqServiceOptions } from './faq/index.js';
export {
  answersSearchIndexes,
  createAtlasPool,
  createRetrieverPool,
  passageStore,
} from './search/index.js';
export type { RetrieverPool, RetrieverPoolOptions } from './search/index.js';
export { createAnswerFinder } from './understanding/answer-finder.js';
export type { AnswerFinderOptions, KnowledgeFinder } from './understanding/answer-finder.js';
export { createMessageReader } from './understanding/message-reader.js';
export { selectQuote } from './understanding/select-quote.js';
export { createBuiltinEmbedding, isBuiltin } from './embed/builtin/builtin-embedding.js';
export { embeddingRoutes } from './embed/embedding-routes.js';
export { findLocalModel } from './embed/local/find-local-model.js';
export { reEmbedJob, reEmbedJobs } from './re-embed.js';
export { createQuestionEmbedder } from './embed/question-embedder.js';
export { textVectorStore } from './understanding/text-vectors.js';
