import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Locale } from '../../src/contracts/message.js';
import type { EmbeddingModel } from '../../src/contracts/embedding.js';
import type { SearchMode } from '../../src/contracts/retriever.js';
import { createLocalEmbedding } from '../../src/knowledge/embed/local/local-embedding.js';
import { searchIndex } from '../../src/knowledge/search/search-index.js';
import { createAnalyzer } from '../../src/knowledge/search/text/analyzer.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { hasDataSets, loadFacqa, loadXquad, type RetrievalSet } from '../knowledge/search/datasets.js';
import { embedAll, indexOfSet } from '../knowledge/search/set-index.js';

const MODEL = 'Xenova/all-MiniLM-L6-v2';
const MODES: readonly SearchMode[] = ['keyword', 'semantic', 'hybrid'];

/** Measures whether the combination of word and meaning search is ever worse than the better of the two. */
export async function fusionBench(): Promise<void> {
  const modelsDir = join(projectRoot, '../shared/models');
  if (!hasDataSets()) return;
  if (!existsSync(join(modelsDir, MODEL))) {
    console.log(`skipped: the model ${MODEL} is not in ../shared/models`);
    return;
  }
  const options = { modelsDir, modelName: MODEL, downloadAllowed: false, fetch, logger: silentLogger };
  const model = await createLocalEmbedding(options);
  try {
    await compare('FacQA (Indonesian, English model)', loadFacqa(), 'id', model);
    await compare('XQuAD (English)', loadXquad(), 'en', model);
  } finally {
    await model.close();
  }
}

async function compare(
  name: string,
  { passages, queries }: RetrievalSet,
  locale: Locale,
  model: EmbeddingModel,
): Promise<void> {
  const texts = passages.map(({ text }) => text);
  const index = indexOfSet(passages, await embedAll(model, texts, 'passage'), locale);
  const questions = queries.map(({ text }) => text);
  const vectors = await embedAll(model, questions, 'query');
  const analyzer = createAnalyzer({ keepQuestionWords: false });
  const hitAt1 = (mode: SearchMode): number => {
    const right = queries.filter(({ text, relevant }, i) => {
      const vector = mode === 'keyword' ? undefined : vectors[i];
      const query = { text, vector, mode, topK: 1, allowed: undefined };
      const [best] = searchIndex(index, query, analyzer);
      return best !== undefined && relevant.has(Number(best.documentId));
    });
    return right.length / queries.length;
  };
  const [keyword = 0, semantic = 0, hybrid = 0] = MODES.map(hitAt1);
  console.log(
    `fusion, ${name}: hybrid ${(hybrid / Math.max(keyword, semantic)).toFixed(3)}x its better half; ` +
      `hit@1 words ${keyword.toFixed(4)}, meaning ${semantic.toFixed(4)}, both ${hybrid.toFixed(4)}`,
  );
}
