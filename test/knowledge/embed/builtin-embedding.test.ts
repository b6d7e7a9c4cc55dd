import { createBuiltinEmbedding } from '../../../src/knowledge/index.js';
import { embeddingContract } from '../../contracts/embedding.js';

embeddingContract('the table of words', () =>
  Promise.resolve({
    model: createBuiltinEmbedding(),
    meaning: { same: ['kapan toko buka?', 'when does the shop open?'], other: 'kucing saya sakit perut' },
  }),
);
