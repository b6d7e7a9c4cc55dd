import type { EmbeddingModel } from '../../../contracts/embedding.js';
import { WORD_TABLE_REVISION } from '../../../lib/words/word-table.js';
import { lexicon } from '../../understanding/words/lexicon.js';

const ID = `builtin:words:${WORD_TABLE_REVISION}`;

/** The bilingual word table shipped with Sapa as an embedding model: no key, no download, no waiting. */
export function createBuiltinEmbedding(): EmbeddingModel {
  const words = lexicon();
  const { dimensions } = words.table;
  // A text without words, such as 😀, is close to nothing; its vector still has length 1.
  const nothing = new Float32Array(dimensions).fill(1 / Math.sqrt(dimensions));
  return {
    id: ID,
    dimensions,
    async embed(texts, _purpose, signal) {
      await Promise.resolve();
      signal.throwIfAborted();
      return texts.map((text) => {
        const vector = words.sentence(text);
        return vector.some((value) => value !== 0) ? vector : nothing;
      });
    },
    close: () => Promise.resolve(),
  };
}

export function isBuiltin({ id }: EmbeddingModel): boolean {
  return id === ID;
}
