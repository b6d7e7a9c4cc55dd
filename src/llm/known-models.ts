import { z } from 'zod';

/** US dollars per million tokens, which equals micro-dollars per token. */
const price = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  /** For input read from the vendor's cache; absent: same as other input. */
  cached_input: z.number().nonnegative().optional(),
  cache_write: z.number().nonnegative().optional(),
  /** For audio input; absent: same as other input. */
  audio_input: z.number().nonnegative().optional(),
  /** US dollars per minute of audio, for vendors that report no tokens. */
  minute: z.number().nonnegative().optional(),
});

const OPENAI_APIS = ['chat', 'responses'] as const;
export type OpenAiApi = (typeof OPENAI_APIS)[number];

const modelFacts = z.strictObject({
  provider: z.string().min(1),
  /** Name of the model; a trailing `*` matches anything. */
  model: z.string().min(1),
  context_tokens: z.int().positive().optional(),
  price: price.optional(),
  /** The OpenAI API to call it through; reasoning models keep their thoughts only with `responses`. */
  api: z.enum(OPENAI_APIS).optional(),
  /** Prices for requests with more input than this. */
  long: z.strictObject({ above_tokens: z.int().positive(), price }).optional(),
});

/** Model facts as an operator writes them into a file. */
export const modelList = z.array(modelFacts);
export type ModelFacts = z.output<typeof modelFacts>;
export type Price = z.output<typeof price>;

const facts = (
  provider: string,
  model: string,
  context_tokens: number,
  input: number,
  output: number,
  cached_input?: number,
  cache_write?: number,
): ModelFacts => ({
  provider,
  model,
  context_tokens,
  price: {
    input,
    output,
    ...(cached_input === undefined ? {} : { cached_input }),
    ...(cache_write === undefined ? {} : { cache_write }),
  },
});

/** A model with a separate price for audio input. */
const withSound = ({ price, ...rest }: ModelFacts, audio_input: number): ModelFacts => ({
  ...rest,
  ...(price === undefined ? {} : { price: { ...price, audio_input } }),
});

/** An OpenAI model that transcribes voice messages. */
const hearing = (
  model: string,
  input: number,
  output: number,
  audio_input: number,
  minute: number,
): ModelFacts => ({ provider: 'openai', model, price: { input, output, audio_input, minute } });

/** An embedding model; it writes no text. */
const embedding = (provider: string, model: string, input: number): ModelFacts => ({
  provider,
  model,
  price: { input, output: 0 },
});

/**
 * The vendors' public price lists as read in October 2026; the first match counts. The operator's own file
 * takes precedence. A model found in neither is "unpriced", never free.
 */
export const KNOWN_MODELS: readonly ModelFacts[] = [
  facts('openai', 'gpt-5.4-mini*', 400_000, 0.75, 4.5, 0.075),
  facts('openai', 'gpt-5.4-nano*', 400_000, 0.2, 1.25, 0.02),
  facts('openai', 'gpt-5.4', 400_000, 2.5, 15, 0.25),
  facts('openai', 'gpt-5.2-pro*', 400_000, 21, 168),
  facts('openai', 'gpt-5.2*', 400_000, 1.75, 14, 0.175),
  facts('openai', 'gpt-5.1', 400_000, 1.25, 10, 0.125),
  facts('openai', 'gpt-5.1-2025-11-13', 400_000, 1.25, 10, 0.125),
  facts('openai', 'gpt-5-mini*', 400_000, 0.25, 2, 0.025),
  facts('openai', 'gpt-5-nano*', 400_000, 0.05, 0.4, 0.005),
  facts('openai', 'gpt-5-chat*', 128_000, 1.25, 10, 0.125),
  facts('openai', 'gpt-5', 400_000, 1.25, 10, 0.125),
  facts('openai', 'gpt-5-2025-08-07', 400_000, 1.25, 10, 0.125),
  facts('openai', 'gpt-4.1-mini*', 1_000_000, 0.4, 1.6, 0.1),
  facts('openai', 'gpt-4.1-nano*', 1_000_000, 0.1, 0.4, 0.025),
  facts('openai', 'gpt-4.1*', 1_000_000, 2, 8, 0.5),
  facts('openai', 'gpt-4o-mini', 128_000, 0.15, 0.6, 0.075),
  facts('openai', 'gpt-4o-mini-2024-07-18', 128_000, 0.15, 0.6, 0.075),
  facts('openai', 'gpt-4o', 128_000, 2.5, 10, 1.25),
  facts('openai', 'o4-mini', 200_000, 1.1, 4.4, 0.275),
  hearing('gpt-4o-mini-transcribe*', 1.25, 5, 3, 0.003),
  hearing('gpt-4o-transcribe*', 2.5, 10, 6, 0.006),
  hearing('whisper-1', 0, 0, 0, 0.006),
  embedding('openai', 'text-embedding-3-small', 0.02),
  embedding('openai', 'text-embedding-3-large', 0.13),
  embedding('openai', 'text-embedding-ada-002', 0.1),
  {
    ...facts('anthropic', 'claude-haiku-5-5*', 1_000_000, 0.1, 0.5, 0.01, 0.125),
    long: {
      above_tokens: 100_000,
      price: { input: 0.5, output: 2.5, cached_input: 0.05, cache_write: 0.625 },
    },
  },
  facts('anthropic', 'claude-sonnet-5-5*', 1_000_000, 2, 10, 0.1, 2.5),
  facts('anthropic', 'claude-sonnet-5*', 1_000_000, 2, 10, 0.2, 2.5),
  facts('anthropic', 'claude-opus-5-5*', 1_000_000, 4, 20, 0.2, 5),
  facts('anthropic', 'claude-opus-5*', 1_000_000, 5, 25, 0.5, 6.25),
  facts('anthropic', 'claude-fable-5-1*', 1_000_000, 10, 50),
  facts('anthropic', 'claude-haiku-4-5*', 200_000, 1, 5, 0.1, 1.25),
  facts('anthropic', 'claude-sonnet-4-*', 200_000, 3, 15, 0.3, 3.75),
  facts('anthropic', 'claude-opus-4-*', 200_000, 5, 25, 0.5, 6.25),
  embedding('gemini', 'gemini-embedding-001', 0.15),
  // The price doubles in January 2027.
  facts('gemini', 'gemini-3.8-flash*', 1_000_000, 0.75, 3.75),
  facts('gemini', 'gemini-3.5-flash-lite*', 1_000_000, 0.3, 2.5),
  facts('gemini', 'gemini-3.5-flash*', 1_000_000, 1.5, 9),
  {
    ...facts('gemini', 'gemini-3.1-pro*', 1_000_000, 2, 12),
    long: { above_tokens: 200_000, price: { input: 4, output: 18 } },
  },
  {
    ...facts('gemini', 'gemini-2.5-pro*', 1_000_000, 1.25, 10),
    long: { above_tokens: 200_000, price: { input: 2.5, output: 15 } },
  },
  withSound(facts('gemini', 'gemini-2.5-flash-lite*', 1_000_000, 0.1, 0.4), 0.3),
  withSound(facts('gemini', 'gemini-2.5-flash*', 1_000_000, 0.3, 2.5), 1),
];

/**
 * Returns what a list says about a model, taking each fact from the first entry that states it, so that an
 * entry with only a context window does not hide a price. The price and the price of long requests are one
 * fact.
 */
export function factsIn(
  list: readonly ModelFacts[],
  provider: string,
  model: string,
): ModelFacts | undefined {
  const fitting = list.filter((each) => each.provider === provider && fits(each.model, model));
  const [first] = fitting;
  if (first === undefined) return undefined;
  const priced = fitting.find(({ price }) => price !== undefined);
  const { price, long } = priced ?? {};
  const context_tokens = fitting.find((each) => each.context_tokens !== undefined)?.context_tokens;
  const api = fitting.find((each) => each.api !== undefined)?.api;
  return {
    provider,
    model: first.model,
    ...(context_tokens === undefined ? {} : { context_tokens }),
    ...(api === undefined ? {} : { api }),
    ...(price === undefined ? {} : { price }),
    ...(long === undefined ? {} : { long }),
  };
}

function fits(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern;
}

/** The price of a request with this many input tokens; `undefined`: unknown. */
export function priceFor(facts: ModelFacts | undefined, inputTokens: number): Price | undefined {
  const { long, price: base } = facts ?? {};
  return long !== undefined && inputTokens > long.above_tokens ? long.price : base;
}
