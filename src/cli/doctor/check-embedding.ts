import type { Settings } from '../../config/index.js';
import type { Translate } from '../../contracts/i18n.js';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { Finding } from './finding.js';

const TIMEOUT_MS = 60_000;

/** Checks that the embedding model is available and, if that is free, that it can embed a text. */
export async function checkEmbedding(
  settings: Settings,
  deps: { readonly clock: Clock; readonly logger: Logger },
  t: Translate,
): Promise<Finding> {
  const check = 'embedding';
  if (settings.EMBEDDING_PROVIDER === 'none') {
    return { check, state: 'off', detail: t('cli.doctor.embeddingOff') };
  }
  try {
    const { makeEmbedding } = await import('../../compose/make-embedding.js');
    const choice = await makeEmbedding(settings, { ...deps, fetch: globalThis.fetch });
    if (choice === undefined) return { check, state: 'off', detail: t('cli.doctor.embeddingOff') };
    const { model } = choice;
    try {
      // Calling a paid service would cost money, so only its key is checked.
      if (/^(?:local|builtin):/.test(model.id)) {
        await model.embed(['sapa'], 'query', AbortSignal.timeout(TIMEOUT_MS));
      }
      return { check, state: 'ok', detail: model.id };
    } finally {
      await model.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { check, state: 'broken', detail: t('cli.doctor.embeddingBroken', { reason }) };
  }
}
