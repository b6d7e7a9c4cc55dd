import { ModelError } from '../../contracts/model.js';
import type { Fetch } from '../../contracts/runtime.js';
import { field, modelFailure, textField, unreachable } from '../model-failure.js';
import type { ModelFacts } from '../known-models.js';
import { tokenCount } from '../usage.js';

/** Where a vendor or a self-hosted server lists its models. */
export interface ModelSource {
  readonly provider: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A model as its vendor lists it; few vendors state more than the name. */
export type ListedModel = Pick<ModelFacts, 'provider' | 'model' | 'context_tokens' | 'price'>;

/** Field names under which context windows are listed. */
const WINDOWS = ['inputTokenLimit', 'max_input_tokens', 'context_length', 'max_model_len', 'context_window'];

/** Lists the models of one vendor. Throws only `ModelError`. */
export async function listVendorModels(
  { provider, url, headers }: ModelSource,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<readonly ListedModel[]> {
  let body: unknown;
  try {
    const response = await fetch(url, { headers: { accept: 'application/json', ...headers }, signal });
    if (!response.ok) throw modelFailure(provider, { status: response.status, codes: [] });
    body = await response.json();
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw unreachable(provider, error);
  }
  const list = field(body, 'data') ?? field(body, 'models') ?? body;
  return Array.isArray(list) ? list.flatMap((each: unknown) => listedModel(provider, each)) : [];
}

function listedModel(provider: string, listed: unknown): readonly ListedModel[] {
  const model = (textField(listed, 'id') || textField(listed, 'name')).replace(/^models\//u, '');
  if (model === '') return [];
  const window = WINDOWS.map((name) => tokenCount(field(listed, name))).find((count) => count > 0);
  const price = pricePerToken(field(listed, 'pricing'));
  return [
    {
      provider,
      model,
      ...(window === undefined ? {} : { context_tokens: window }),
      ...(price === undefined ? {} : { price }),
    },
  ];
}

/** Converts prices in US dollars per token, the form in which gateways like OpenRouter list them. */
export function pricePerToken(listing: unknown): ModelFacts['price'] {
  return priceIn(listing, {
    input: 'prompt',
    output: 'completion',
    cached_input: 'input_cache_read',
    cache_write: 'input_cache_write',
  });
}

type PriceName = keyof NonNullable<ModelFacts['price']>;

/** Converts prices per token, under the list's own field names, to prices per million tokens. */
export function priceIn(
  listing: unknown,
  names: Readonly<Partial<Record<PriceName, string>> & { input: string; output: string }>,
): ModelFacts['price'] {
  const perMillion = (name: string): number | undefined => {
    const value = field(listing, name);
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return undefined;
    return Number((number * 1_000_000).toPrecision(9));
  };
  const entries = Object.entries(names).flatMap(([price, name]) => {
    const value = perMillion(name);
    return value === undefined ? [] : [[price, value] as const];
  });
  const prices: Partial<Record<PriceName, number>> = Object.fromEntries(entries);
  const { input, output } = prices;
  return input === undefined || output === undefined ? undefined : { ...prices, input, output };
}
