import type { PriceOf } from '../contracts/model.js';

/** US dollars per million tokens, which is micro-dollars per token. Vendors' public lists, 2025. */
const PRICES: readonly (readonly [provider: string, model: RegExp, input: number, output: number])[] = [
  ['openai', /^gpt-5(?:-\d{4}.*)?$/u, 1.25, 10],
  ['openai', /^gpt-5\.1(?:-\d{4}.*)?$/u, 1.25, 10],
  ['openai', /^gpt-5-mini/u, 0.25, 2],
  ['openai', /^gpt-5-nano/u, 0.05, 0.4],
  ['openai', /^gpt-4\.1(?:-\d{4}.*)?$/u, 2, 8],
  ['openai', /^gpt-4\.1-mini/u, 0.4, 1.6],
  ['openai', /^gpt-4\.1-nano/u, 0.1, 0.4],
  ['openai', /^gpt-4o(?:-\d{4}.*)?$/u, 2.5, 10],
  ['openai', /^gpt-4o-mini/u, 0.15, 0.6],
  ['openai', /^o4-mini/u, 1.1, 4.4],
  ['anthropic', /^claude-haiku-4-5/u, 1, 5],
  ['anthropic', /^claude-sonnet-4-[56]/u, 3, 15],
  ['anthropic', /^claude-opus-4-[56]/u, 5, 25],
  ['gemini', /^gemini-2\.5-flash(?!-lite)/u, 0.3, 2.5],
  ['gemini', /^gemini-2\.5-flash-lite/u, 0.1, 0.4],
  ['gemini', /^gemini-2\.5-pro/u, 1.25, 10],
  ['gemini', /^gemini-2\.0-flash(?!-lite)/u, 0.1, 0.4],
];

/** Micro-US-dollars of one call, rounded up; `undefined` for models that are not in the list. */
export const priceOf: PriceOf = (provider, model, usage) => {
  const row = PRICES.find(([vendor, pattern]) => vendor === provider && pattern.test(model));
  if (row === undefined) return undefined;
  const [, , input, output] = row;
  return Math.ceil(usage.inputTokens * input + usage.outputTokens * output);
};
