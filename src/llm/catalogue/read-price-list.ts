import { field, textField } from '../model-failure.js';
import { modelList, type ModelFacts } from '../known-models.js';
import { isObject } from '../../lib/is-object.js';
import { tokenCount } from '../usage.js';
import { priceIn, pricePerToken } from './list-vendor-models.js';

/** Our vendor names by the names public lists use. */
const VENDORS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'gemini',
  google: 'gemini',
};

/**
 * Reads a price list in one of three formats: ours (as in `LLM_MODELS_FILE`), LiteLLM's (an object keyed by
 * name) or OpenRouter's (`data` with `pricing`). `undefined`: none of these.
 */
export function readPriceList(list: unknown): readonly ModelFacts[] | undefined {
  const ownFormat = modelList.safeParse(list);
  if (ownFormat.success) return ownFormat.data;
  const rows = field(list, 'data');
  if (Array.isArray(rows)) return rows.flatMap(fromGateway);
  if (!isObject(list)) return undefined;
  const facts = Object.entries(list).flatMap(([name, row]) => fromNamed(name, row));
  return facts.length === 0 ? undefined : facts;
}

function fromGateway(row: unknown): readonly ModelFacts[] {
  const [vendor = '', ...rest] = textField(row, 'id').split('/');
  const provider = VENDORS[vendor];
  const price = pricePerToken(field(row, 'pricing'));
  if (provider === undefined || price === undefined || rest.length === 0) return [];
  // The vendor itself writes hyphens instead of dots: claude-haiku-4.5 is its claude-haiku-4-5.
  const name = rest.join('/');
  const model = provider === 'anthropic' ? `${name.replaceAll('.', '-')}*` : name;
  return [{ provider, model, price, ...windowOf(field(row, 'context_length')) }];
}

function fromNamed(name: string, row: unknown): readonly ModelFacts[] {
  const provider = VENDORS[textField(row, 'litellm_provider')];
  const price = priceIn(row, {
    input: 'input_cost_per_token',
    output: 'output_cost_per_token',
    cached_input: 'cache_read_input_token_cost',
    cache_write: 'cache_creation_input_token_cost',
    audio_input: 'input_cost_per_audio_token',
  });
  if (provider === undefined || price === undefined) return [];
  const model = name.replace(/^(?:gemini|openai|anthropic)\//u, '');
  const above = priceIn(row, {
    input: 'input_cost_per_token_above_200k_tokens',
    output: 'output_cost_per_token_above_200k_tokens',
  });
  return [
    {
      provider,
      model,
      price,
      ...windowOf(field(row, 'max_input_tokens')),
      ...(above === undefined ? {} : { long: { above_tokens: 200_000, price: above } }),
    },
  ];
}

function windowOf(tokens: unknown): { readonly context_tokens?: number } {
  const context_tokens = tokenCount(tokens);
  return context_tokens === 0 ? {} : { context_tokens };
}
