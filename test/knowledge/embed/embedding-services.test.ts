import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddingError } from '../../../src/contracts/embedding.js';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import { createGeminiEmbedding, createOpenAiEmbedding } from '../../../src/knowledge/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { embeddingContract } from '../../contracts/embedding.js';
import { EmbeddingServer } from '../../fakes/embedding-server.js';

const DIMENSIONS = 8;
const never = new AbortController().signal;

const server = new EmbeddingServer(DIMENSIONS);
beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.failure = undefined;
  server.dimensions = DIMENSIONS;
  server.seen.length = 0;
});

const services: Record<string, () => EmbeddingModel> = {
  OpenAI: () =>
    createOpenAiEmbedding({
      apiKey: 'sk-secret',
      baseUrl: `${server.url}/v1`,
      modelName: 'small',
      dimensions: DIMENSIONS,
      fetch,
      clock: systemClock,
    }),
  Gemini: () =>
    createGeminiEmbedding({
      apiKey: 'secret-key',
      baseUrl: server.url,
      modelName: 'small',
      dimensions: DIMENSIONS,
    }),
};

for (const [name, open] of Object.entries(services)) {
  embeddingContract(name, () => Promise.resolve({ model: open() }));

  describe(`${name} embeddings`, () => {
    it('classify each failure by kind without revealing the key', async () => {
      const kinds = {
        401: 'unauthorized',
        403: 'unauthorized',
        429: 'rate-limited',
        400: 'rejected',
        503: 'unreachable',
      };
      for (const [status, kind] of Object.entries(kinds)) {
        server.failure = { status: Number(status) };
        const error: unknown = await open()
          .embed(['x'], 'query', never)
          .catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(EmbeddingError);
        expect(error).toMatchObject({ kind });
        expect(String(error)).not.toContain('secret');
      }
    });

    it('send many texts in several requests and keep their order', async () => {
      const texts = Array.from({ length: 600 }, (_, index) => `text ${index}`);
      const model = open();
      const vectors = await model.embed(texts, 'passage', never);
      const [last] = await model.embed(['text 599'], 'passage', never);
      expect(vectors).toHaveLength(600);
      expect(vectors.at(-1)).toEqual(last);
      expect(server.seen.length).toBeGreaterThan(2);
    });

    it('reject vectors of another length than configured', async () => {
      server.dimensions = DIMENSIONS - 1;
      await expect(open().embed(['x'], 'query', never)).rejects.toMatchObject({ kind: 'rejected' });
    });

    it('report a server that does not answer as unreachable', async () => {
      const model =
        name === 'OpenAI'
          ? createOpenAiEmbedding({
              apiKey: 'k',
              baseUrl: 'http://127.0.0.1:9/v1',
              modelName: 'm',
              dimensions: 8,
              fetch,
              clock: systemClock,
            })
          : createGeminiEmbedding({
              apiKey: 'k',
              baseUrl: 'http://127.0.0.1:9',
              modelName: 'm',
              dimensions: 8,
            });
      await expect(model.embed(['x'], 'query', never)).rejects.toMatchObject({ kind: 'unreachable' });
    });
  });
}

describe('an embedding service', () => {
  it('asks OpenAI for plain floats and reads its retry delay', async () => {
    await services['OpenAI']?.().embed(['x'], 'query', never);
    expect(server.seen[0]?.body).toMatchObject({ encoding_format: 'float', model: 'small' });
    server.failure = { status: 429, headers: { 'retry-after': '7' } };
    await expect(services['OpenAI']?.().embed(['x'], 'query', never)).rejects.toMatchObject({
      options: { retryAfterMs: 7000 },
    });
  });

  it('tells Gemini whether a text is a query or a passage', async () => {
    await services['Gemini']?.().embed(['x'], 'query', never);
    await services['Gemini']?.().embed(['x'], 'passage', never);
    const types = server.seen.map(({ body }) => (body['requests'] as { taskType: string }[])[0]?.taskType);
    expect(types).toEqual(['RETRIEVAL_QUERY', 'RETRIEVAL_DOCUMENT']);
  });

  it('requires the vector length of an unknown model', () => {
    const open = (): EmbeddingModel =>
      createOpenAiEmbedding({ apiKey: 'k', modelName: 'unknown', fetch, clock: systemClock });
    expect(open).toThrow(EmbeddingError);
  });
});
