export { createRetrieverPool, type RetrieverPool, type RetrieverPoolOptions } from './retriever-pool.js';
