import { z } from 'zod';
import { listSchema } from '../../lib/api/fields.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { isOffered } from '../../lib/unknown-providers.js';
import type { ModelRegistry } from '../registry.js';
import { describeModels, type DescribedModel } from './describe.js';

const perMillion = z.number().nonnegative();
const modelSchema = z.object({
  name: z.string().describe('`provider:model`, as a chain names it'),
  in_chain: z.boolean().describe("Part of the service's own chain"),
  context_tokens: z.int().optional(),
  price: z
    .object({
      input: perMillion,
      output: perMillion,
      cached_input: perMillion.optional(),
      cache_write: perMillion.optional(),
      audio_input: perMillion.optional(),
      minute: perMillion.optional(),
    })
    .optional()
    .describe('US dollars per million tokens (and per minute of sound); absent: its calls are unpriced'),
  listed: z.boolean().optional().describe('Its vendor lists it; absent where nobody asked'),
});
const outcomeSchema = z.object({
  source: z.string(),
  models: z.int(),
  problem: z.string().optional().describe('Why it could not be read; what was known from it stays'),
});

const example = {
  name: 'openai:gpt-5-mini',
  in_chain: true,
  context_tokens: 400_000,
  price: { input: 0.25, output: 2, cached_input: 0.025 },
  listed: true,
};

/** Routes for the available models and their prices. */
export function catalogueRoutes({ models }: { readonly models: ModelRegistry }): readonly Route[] {
  const { catalogue } = models;
  const tag = 'usage';
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/usage/models',
      auth: 'tenant',
      tag,
      summary: 'List available models and their prices',
      description:
        "The service's own chain first, then what the vendors' lists had when they were last read, as far as the operator lets businesses choose it.",
      responses: {
        200: {
          description: 'Models',
          schema: listSchema(modelSchema),
          example: { items: [example], next_cursor: null },
        },
      },
      handler() {
        const chain = models.chain();
        const listed = Object.entries(catalogue.lists()?.listed ?? {}).flatMap(([provider, names]) =>
          names.map((name) => `${provider}:${name}`),
        );
        const offered = listed.filter((name) => isOffered(name, models) && !chain.includes(name));
        const described = describeModels([...chain, ...offered], catalogue);
        const items = described.map((each) => modelJson(each, chain.includes(each.name)));
        return Promise.resolve(json(200, { items, next_cursor: null }));
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/usage/models/refresh',
      auth: 'admin',
      tag,
      summary: "Refresh the vendors' lists of models and the list of prices",
      description: 'Prices hold from the next call, windows from the next start. Needs the global key.',
      responses: {
        200: {
          description: 'The result for each list',
          schema: listSchema(outcomeSchema),
          example: { items: [{ source: 'openai', models: 84 }], next_cursor: null },
        },
      },
      async handler({ request }) {
        const items = await catalogue.refresh(request.signal);
        return json(200, { items: [...items], next_cursor: null });
      },
    }),
  ];
}

function modelJson(
  { name, contextTokens, price, isListed }: DescribedModel,
  inChain: boolean,
): z.output<typeof modelSchema> {
  return {
    name,
    in_chain: inChain,
    ...(contextTokens === undefined ? {} : { context_tokens: contextTokens }),
    ...(price === undefined ? {} : { price }),
    ...(isListed === undefined ? {} : { listed: isListed }),
  };
}
