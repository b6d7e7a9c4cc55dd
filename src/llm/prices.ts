import type { PriceOf } from '../contracts/model.js';
import { factsOf, KNOWN_MODELS, priceFor, type ModelFacts } from './known-models.js';

/**
 * Prices calls by a list, in micro-US-dollars, rounded up; the operator's entries come first.
 * What is in no list has no price, which is not the same as costing nothing.
 */
export function createPriceOf(own: readonly ModelFacts[] = []): PriceOf {
  const list = [...own, ...KNOWN_MODELS];
  return (provider, model, usage) => {
    const { inputTokens, outputTokens, cachedTokens = 0, cacheWriteTokens = 0 } = usage;
    const price = priceFor(factsOf(list, provider, model), inputTokens);
    if (price === undefined) return undefined;
    const fresh = inputTokens - cachedTokens - cacheWriteTokens;
    return Math.ceil(
      fresh * price.input +
        cachedTokens * (price.cached_input ?? price.input) +
        cacheWriteTokens * (price.cache_write ?? price.input) +
        outputTokens * price.output,
    );
  };
}
