import type { PriceOf, TokenUsage } from '../contracts/model.js';
import { factsIn, KNOWN_MODELS, priceFor, type ModelFacts, type Price } from './known-models.js';

const MICROS = 1_000_000;
/** Tolerance for rounding errors in a sum of fractions. */
const ROUNDING = 1e-6;

/**
 * Prices calls by a list, in micro US dollars, rounded up; the operator's entries come first. A model in no
 * list has no price, which is not the same as being free.
 */
export function createPriceOf(overrides: readonly ModelFacts[] = []): PriceOf {
  const list = [...overrides, ...KNOWN_MODELS];
  return pricesBy((provider, model) => factsIn(list, provider, model));
}

/** Prices calls by facts that may change while the service runs. */
export function pricesBy(factsOf: (provider: string, model: string) => ModelFacts | undefined): PriceOf {
  return (provider, model, usage) => {
    const price = priceFor(factsOf(provider, model), usage.inputTokens);
    return price === undefined ? undefined : Math.max(0, Math.ceil(costOf(price, usage) - ROUNDING));
  };
}

function costOf(price: Price, usage: TokenUsage): number {
  const { inputTokens, outputTokens, cachedTokens = 0, cacheWriteTokens = 0, audioTokens = 0 } = usage;
  const { audioSeconds = 0 } = usage;
  const fresh = inputTokens - cachedTokens - cacheWriteTokens - audioTokens;
  // A vendor reports either tokens or seconds.
  const seconds = inputTokens + outputTokens === 0 ? audioSeconds : 0;
  return (
    fresh * price.input +
    cachedTokens * (price.cached_input ?? price.input) +
    cacheWriteTokens * (price.cache_write ?? price.input) +
    audioTokens * (price.audio_input ?? price.input) +
    outputTokens * price.output +
    (seconds / 60) * (price.minute ?? 0) * MICROS
  );
}
