import type { TokenUsage } from '../contracts/model.js';
import { field } from './model-failure.js';

export const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** Reads a count as a vendor or compatible server sends it; 0 if it is not a count. */
export function tokenCount(value: unknown): number {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof count === 'number' && Number.isFinite(count) && count > 0 ? Math.floor(count) : 0;
}

/** The first of several fields that holds a count; paths use dots. */
export function countAt(value: unknown, ...paths: readonly string[]): number {
  for (const path of paths) {
    const count = tokenCount(path.split('.').reduce<unknown>((inner, name) => field(inner, name), value));
    if (count > 0) return count;
  }
  return 0;
}

/** Only for recordings. */
type SoundCount = 'audioTokens' | 'audioSeconds';

/** Omits zero counts and keeps parts no larger than their whole. */
export function usageOf(counts: Required<Omit<TokenUsage, SoundCount>>): TokenUsage {
  const { inputTokens, outputTokens } = counts;
  const cached = Math.min(counts.cachedTokens, inputTokens);
  const cacheWrites = Math.min(counts.cacheWriteTokens, inputTokens - cached);
  const reasoning = Math.min(counts.reasoningTokens, outputTokens);
  return {
    inputTokens,
    outputTokens,
    ...(cached === 0 ? {} : { cachedTokens: cached }),
    ...(cacheWrites === 0 ? {} : { cacheWriteTokens: cacheWrites }),
    ...(reasoning === 0 ? {} : { reasoningTokens: reasoning }),
  };
}
