import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddingModel } from '../../src/contracts/embedding.js';
import { createLocalEmbedding } from '../../src/knowledge/index.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { silentLogger } from '../fakes/silent-logger.js';

export const SHARED_MODELS = join(projectRoot, '..', 'shared', 'models');
export const LOCAL_MODEL = 'Xenova/multilingual-e5-small';

/** The multilingual model stored beside the project; `undefined` if it is absent, which is also printed. */
export async function localModel(): Promise<EmbeddingModel | undefined> {
  if (!existsSync(join(SHARED_MODELS, LOCAL_MODEL))) {
    console.log(`skipped: ${LOCAL_MODEL} is not in ../shared/models`);
    return undefined;
  }
  return createLocalEmbedding({
    modelsDir: SHARED_MODELS,
    modelName: LOCAL_MODEL,
    downloadAllowed: false,
    fetch: globalThis.fetch,
    logger: silentLogger,
    // Long, so that the model is not reloaded between uses; an idle worker does not keep this process alive.
    idleMs: 600_000,
  });
}
