import { z } from 'zod';
import { EmbeddingError, type EmbeddingErrorKind, type EmbeddingModel } from '../../contracts/embedding.js';
import type { TenantScope } from '../../contracts/stores.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { HttpProblem } from '../../lib/api/problem.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';

/** A model and the name by which clients request it. */
export interface NamedEmbedding {
  readonly name: string;
  readonly model: EmbeddingModel;
}

/** The number of texts OpenAI allows in one request. */
const MOST_TEXTS = 2_048;
const LONGEST_TEXT = 32_000;
/** Enough for several thousand texts with a local model, in ms. */
const TIMEOUT_MS = 120_000;
/** Rough average, used for the reported token counts. */
const CHARACTERS_A_TOKEN = 4;

const text = z.string().min(1).max(LONGEST_TEXT);
const bodySchema = z.object({
  model: z.string().min(1).max(200),
  input: z.union([text, z.array(text).min(1).max(MOST_TEXTS)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: z.int().positive().optional(),
  user: z.string().optional(),
});

const embeddingsSchema = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string().describe('float32, little-endian, in base64')]),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
});
const modelsSchema = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string() }),
  ),
});

const STATUS: Readonly<Record<EmbeddingErrorKind, number>> = {
  'rate-limited': 429,
  unauthorized: 502,
  rejected: 422,
  unreachable: 503,
  'not-installed': 503,
  'over-budget': 402,
};

/** The embedding models available here, for clients of OpenAI's API. */
export function embeddingRoutes(models: readonly NamedEmbedding[]): Route[] {
  const common = { auth: 'tenant', tag: 'knowledge' } as const;
  const [first] = models;
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/openai/models',
      summary: 'List embedding models, in the format of OpenAI',
      responses: {
        200: {
          description: 'All of them',
          schema: modelsSchema,
          example: { object: 'list', data: [modelJson({ name: 'builtin' })] },
        },
      },
      handler: () => Promise.resolve(json(200, { object: 'list', data: models.map(modelJson) })),
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/openai/embeddings',
      summary: 'Embed texts as vectors of unit length, in the format of OpenAI',
      body: jsonBody(bodySchema, { model: first?.name ?? 'builtin', input: ['harga kopi'] }),
      responses: {
        200: {
          description: 'One vector per text, in order',
          schema: embeddingsSchema,
          example: {
            object: 'list',
            model: 'builtin',
            data: [{ object: 'embedding', index: 0, embedding: [0.12, -0.03] }],
            usage: { prompt_tokens: 3, total_tokens: 3 },
          },
        },
      },
      async handler({ body, request, access: { scope } }) {
        const match = models.find(({ name, model }) => name === body.model || model.id === body.model);
        if (match === undefined) throw unknownModel(body.model, models);
        const texts = typeof body.input === 'string' ? [body.input] : body.input;
        if (body.dimensions !== undefined && body.dimensions !== match.model.dimensions) {
          const detail = `Vectors of ${match.name} have ${match.model.dimensions} values.`;
          throw new HttpProblem(422, 'wrong_dimensions', detail);
        }
        const vectors = await embed(match.model, texts, request.signal, scope);
        const tokens = texts.reduce((sum, each) => sum + Math.ceil(each.length / CHARACTERS_A_TOKEN), 0);
        return json(200, {
          object: 'list',
          model: match.name,
          data: vectors.map((vector, index) => ({
            object: 'embedding',
            index,
            embedding: body.encoding_format === 'base64' ? base64Of(vector) : [...vector],
          })),
          usage: { prompt_tokens: tokens, total_tokens: tokens },
        });
      },
    }),
  ];
}

async function embed(
  model: EmbeddingModel,
  texts: readonly string[],
  signal: AbortSignal,
  scope: TenantScope,
): Promise<readonly Float32Array[]> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    return await model.embed(texts, 'passage', either, scope);
  } catch (error) {
    if (!(error instanceof EmbeddingError)) throw error;
    const { kind, message, options } = error;
    const headers: Record<string, string> =
      options.retryAfterMs === undefined
        ? {}
        : { 'Retry-After': String(Math.ceil(options.retryAfterMs / 1000)) };
    throw new HttpProblem(STATUS[kind], 'embedding_failed', message, { headers });
  }
}

function unknownModel(requestedName: string, models: readonly NamedEmbedding[]): HttpProblem {
  const names = models.map(({ name }) => name).join(', ');
  return new HttpProblem(404, 'model_not_found', `There is no model "${requestedName}". There is: ${names}.`);
}

function modelJson({ name }: Pick<NamedEmbedding, 'name'>): z.output<typeof modelsSchema>['data'][number] {
  return { id: name, object: 'model', created: 0, owned_by: 'sapa' };
}

/** The encoding that OpenAI clients expect: four bytes per value, little-endian. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return bytes.toString('base64');
}
