import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddingServer } from '../fakes/embedding-server.js';
import { TEST_KEY } from '../fakes/llm/dialects.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { removeDataDir, startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

describe('a service with an embedding provider', () => {
  const provider = new EmbeddingServer(1536);
  let sapa: RunningSapa;
  let shop: SapaClient;
  beforeAll(async () => {
    await provider.start();
    provider.tokens = 5;
    sapa = await startSapa({
      env: {
        SEED_DEMO: 'false',
        EMBEDDING_PROVIDER: 'openai',
        OPENAI_API_KEY: TEST_KEY,
        OPENAI_BASE_URL: `${provider.url}/v1`,
        LLM_CHAIN: 'extractive',
      },
    });
    const admin = sapaClient({ url: sapa.url, key: sapa.adminKey });
    const json = { name: 'Shop', api_key: '' };
    const created = await admin.call('PUT', '/v1/tenants/shop/settings', { json });
    shop = sapaClient({ url: sapa.url, key: String(created.body['api_key']) });
  });
  afterAll(async () => {
    await sapa.stop();
    await removeDataDir(sapa.dataDir);
    provider.stop();
  });

  it('records every embedding request for documents, questions and API clients', async () => {
    const document = { title: 'Boats', text: 'The ferry leaves at nine.', locale: 'en' };
    await shop.call('POST', '/v1/kb/upsert', { json: document });
    await shop.call('POST', '/v1/kb/search', { json: { query: 'when does it sail', mode: 'semantic' } });
    await shop.chat('when does the ferry leave?');
    const own = { model: 'text-embedding-3-small', input: ['one', 'two'] };
    expect((await shop.call('POST', '/v1/openai/embeddings', { json: own })).status).toBe(200);
    const used = await eventually(
      async () => (await shop.call('GET', '/v1/usage?group_by=model')).body['items'] as { calls: number }[],
      ([row]) => row?.calls === provider.seen.length,
    );
    const requests = provider.seen.length;
    expect(requests).toBeGreaterThanOrEqual(3);
    expect(used).toEqual([
      expect.objectContaining({
        key: 'openai:text-embedding-3-small',
        turns: 0,
        input_tokens: 5 * requests,
        cost_micros: requests,
        unpriced_calls: 0,
      }),
    ]);
  });
});
