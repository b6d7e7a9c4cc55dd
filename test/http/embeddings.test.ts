import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuiltinEmbedding, embeddingRoutes } from '../../src/knowledge/index.js';
import { WordEmbedding } from '../knowledge/service/word-embedding.js';
import { startHttpFixture, type HttpFixture } from './support/http-fixture.js';

describe("embeddings for clients of OpenAI's API", () => {
  let http: HttpFixture;
  let client: OpenAI;
  beforeAll(async () => {
    const routes = embeddingRoutes([
      { name: 'words', model: new WordEmbedding() },
      { name: 'builtin', model: createBuiltinEmbedding() },
    ]);
    http = await startHttpFixture({ deps: { routes } });
    const apiKey = await http.tenant('a');
    client = new OpenAI({ apiKey, baseURL: `${http.url}/v1/openai`, maxRetries: 0 });
  });
  afterAll(() => http.close(1000));

  it('come from the configured models, which are listed', async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['words', 'builtin']);
  });

  it('are the same as numbers and in base64, one per text in order', async () => {
    const input = ['harga kopi', 'coffee price', 'kucing'];
    const plain = await client.embeddings.create({ model: 'builtin', input, encoding_format: 'float' });
    // The client's default: it asks for base64 and decodes it.
    const packed = await client.embeddings.create({ model: 'builtin', input });
    expect(packed.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const [i, { embedding }] of plain.data.entries()) {
      expect(packed.data[i]?.embedding).toHaveLength(embedding.length);
      embedding.forEach((value, at) => expect(packed.data[i]?.embedding[at]).toBeCloseTo(value, 6));
    }
    expect(plain.usage.total_tokens).toBeGreaterThan(0);
    const raw = await client.embeddings
      .create({ model: 'builtin', input: 'kopi', encoding_format: 'base64' })
      .asResponse();
    const body = (await raw.json()) as { data: { embedding: unknown }[] };
    expect(typeof body.data[0]?.embedding).toBe('string');
  });

  it('are refused for another model, another length, no text or no key', async () => {
    await expect(client.embeddings.create({ model: 'gpt', input: 'kopi' })).rejects.toMatchObject({
      status: 404,
    });
    await expect(
      client.embeddings.create({ model: 'builtin', input: 'kopi', dimensions: 7 }),
    ).rejects.toMatchObject({ status: 422 });
    await expect(client.embeddings.create({ model: 'builtin', input: [] })).rejects.toMatchObject({
      status: 400,
    });
    const stranger = new OpenAI({ apiKey: 'x'.repeat(30), baseURL: `${http.url}/v1/openai`, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401 });
  });
});
