export { createAtlasPool } from './atlas/atlas-retriever.js';
export { answersSearchIndexes } from './atlas/search-indexes.js';
export { passageStore } from './atlas/passage-store.js';
export { createRetrieverPool, type RetrieverPool, type RetrieverPoolOptions } from './retriever-pool.js';
