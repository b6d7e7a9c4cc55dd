import { SettingsError } from '../../config/index.js';
import { selectQuote } from '../../knowledge/index.js';
import type { ChainFor, ModelChoice } from '../../contracts/model.js';
import type { Route } from '../../lib/api/route.js';
import { catalogueRoutes, createModelRegistry, type ModelRegistry } from '../../llm/index.js';
import type { Essentials } from '../foundation.js';
import { llmConfig } from '../llm-config.js';

/** The language models. Throws `SettingsError` if the settings name one that is not available. */
export function modelsRoom({ settings, fetch, clock, logger, metrics, i18n }: Essentials): {
  readonly models: ModelRegistry;
  readonly chainFor: ChainFor;
  readonly modelRoutes: readonly Route[];
} {
  const models = createModelRegistry({
    config: llmConfig(settings),
    fetch,
    clock,
    logger,
    metrics,
    extractive: {
      select: selectQuote,
      lead: (locale) => i18n.translator(locale)('extractive.intro'),
    },
  });
  const problems = models.problems();
  if (problems.length > 0) throw new SettingsError(problems.map((problem) => `LLM_CHAIN: ${problem}`));
  return {
    models,
    chainFor: (choice) => models.chainFor(allowedChain(choice)),
    modelRoutes: catalogueRoutes({ models }),
  };
}

function allowedChain({ chain, allowed = [] }: ModelChoice): readonly string[] {
  return allowed.length === 0 ? chain : chain.filter((spec) => allowed.includes(spec));
}
