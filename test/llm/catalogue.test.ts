import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catalogueRoutes, createModelRegistry } from '../../src/llm/index.js';
import type { LlmConfig } from '../../src/llm/config.js';
import { createMetrics } from '../../src/telemetry/index.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { ADMIN_KEY, startHttpFixture } from '../http/support/http-fixture.js';

const { signal } = new AbortController();

/** The responses of the vendors and of a public price list, by path. */
const VENDORS = {
  '/openai/models': { data: [{ id: 'gpt-9' }, { id: 'gpt-5-mini' }] },
  '/anthropic/v1/models?limit=1000': { data: [{ id: 'claude-new', max_input_tokens: 300_000 }] },
  '/gemini/v1beta/models?pageSize=1000': {
    models: [{ name: 'models/gemini-3.5-flash-lite', inputTokenLimit: 2_000_000 }],
  },
  '/own/models': {
    data: [{ id: 'llama', max_model_len: 16_384, pricing: { prompt: '0.000001', completion: '0.000002' } }],
  },
  '/litellm.json': {
    'gpt-9': { litellm_provider: 'openai', input_cost_per_token: 4e-6, output_cost_per_token: 8e-6 },
    'gemini/gemini-9': {
      litellm_provider: 'gemini',
      input_cost_per_token: 1e-7,
      output_cost_per_token: 4e-7,
    },
    'other/x': { litellm_provider: 'other', input_cost_per_token: 1, output_cost_per_token: 1 },
  },
  '/openrouter.json': {
    data: [
      { id: 'anthropic/claude-new-7.1', pricing: { prompt: '0.000003', completion: '0.000015' } },
      { id: 'stranger/x', pricing: { prompt: '1', completion: '1' } },
    ],
  },
  '/page.json': { hello: 'world' },
} as const;

let answers: Record<string, unknown>;
let seen: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
let url: string;
let folder: string;
const server = createServer((request, response) => {
  seen.push({ path: request.url ?? '', headers: request.headers });
  const answer = answers[request.url ?? ''];
  response.writeHead(answer === undefined ? 503 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? {}));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  seen = [];
  answers = { ...VENDORS };
  await rm(folder ?? '', { recursive: true, force: true });
  folder = await mkdtemp(join(tmpdir(), 'sapa-models-'));
});

function registry(more: Partial<LlmConfig> = {}, clock = new ManualClock()) {
  const config: LlmConfig = {
    openai: { apiKey: 'ko', baseUrl: `${url}/openai` },
    anthropic: { apiKey: 'ka', baseUrl: `${url}/anthropic` },
    gemini: { apiKey: 'kg', baseUrl: `${url}/gemini` },
    servers: [{ name: 'own', baseUrl: `${url}/own`, model: 'llama' }],
    listsFile: join(folder, 'data', 'models.json'),
    prices: `${url}/litellm.json`,
    ...more,
  };
  const extractive = { select: () => undefined, lead: () => '' };
  const deps = { config, clock, logger: silentLogger, metrics: createMetrics(), extractive };
  return createModelRegistry({ ...deps, fetch: globalThis.fetch });
}
const priceOf = ({ catalogue }: ReturnType<typeof registry>, provider: string, model: string) =>
  catalogue.factsOf(provider, model)?.price;

describe('the model catalogue', () => {
  it('asks every vendor and server with its own key, and the price list without any', async () => {
    const models = registry();
    expect(await models.catalogue.refresh(signal)).toEqual([
      { source: 'openai', models: 2 },
      { source: 'anthropic', models: 1 },
      { source: 'gemini', models: 1 },
      { source: 'own', models: 1 },
      { source: `${url}/litellm.json`, models: 2 },
    ]);
    const headers = (path: string) => seen.find((each) => each.path.startsWith(path))?.headers ?? {};
    expect(headers('/openai')).toMatchObject({ authorization: 'Bearer ko' });
    expect(headers('/anthropic')).toMatchObject({ 'x-api-key': 'ka' });
    expect(headers('/gemini')).toMatchObject({ 'x-goog-api-key': 'kg' });
    expect(JSON.stringify(headers('/litellm'))).not.toMatch(/ko|ka|kg/);
    expect(priceOf(models, 'openai', 'gpt-9')).toEqual({ input: 4, output: 8 });
    expect(priceOf(models, 'own', 'llama')).toEqual({ input: 1, output: 2 });
    // The window comes from the vendor, and the price known before is kept.
    expect(models.catalogue.factsOf('gemini', 'gemini-3.5-flash-lite')).toMatchObject({
      context_tokens: 2_000_000,
      price: { input: 0.3, output: 2.5 },
    });
  });

  it('accepts a gateway’s price list with its own spelling of a vendor’s model names', async () => {
    const models = registry({ prices: `${url}/openrouter.json` });
    await models.catalogue.refresh(signal);
    expect(priceOf(models, 'anthropic', 'claude-new-7-1-20270101')).toEqual({ input: 3, output: 15 });
  });

  it('keeps what was known if a list cannot be read, and reports why', async () => {
    const models = registry();
    await models.catalogue.refresh(signal);
    answers = { '/litellm.json': VENDORS['/page.json'] };
    const again = await models.catalogue.refresh(signal);
    expect(again.map(({ problem }) => problem)).toEqual([
      'overloaded',
      'overloaded',
      'overloaded',
      'overloaded',
      'it is no list of prices that is known here',
    ]);
    expect(priceOf(models, 'openai', 'gpt-9')).toEqual({ input: 4, output: 8 });
    expect(models.catalogue.lists()?.listed).toMatchObject({ openai: ['gpt-9', 'gpt-5-mini'] });
  });

  it('does not claim to have read its lists if none could be read', async () => {
    answers = {};
    const models = registry({ prices: undefined });
    await models.catalogue.refresh(signal);
    expect(models.catalogue.lists()).toBeUndefined();
  });

  it('is picked up by a running service, and may be edited by hand', async () => {
    const clock = new ManualClock();
    const running = registry({}, clock);
    expect(priceOf(running, 'openai', 'gpt-9')).toBeUndefined();
    await registry().catalogue.refresh(signal);
    clock.advance(10_000);
    expect(priceOf(running, 'openai', 'gpt-9')).toEqual({ input: 4, output: 8 });

    const file = join(folder, 'data', 'models.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/"input": 4\b/, '"input": 44'));
    clock.advance(10_000);
    expect(priceOf(running, 'openai', 'gpt-9')).toEqual({ input: 44, output: 8 });
    await writeFile(file, 'half a fi');
    clock.advance(10_000);
    expect(priceOf(running, 'openai', 'gpt-9')).toEqual({ input: 44, output: 8 });
  });

  it("ranks below the operator's own entries", async () => {
    const models = registry({
      models: [{ provider: 'openai', model: 'gpt-9', price: { input: 1, output: 1 } }],
    });
    await models.catalogue.refresh(signal);
    expect(priceOf(models, 'openai', 'gpt-9')).toEqual({ input: 1, output: 1 });
  });
});

describe('the models over the API', () => {
  it('are listed with prices as far as the business may choose them; only the operator can refresh', async () => {
    const models = registry({
      chain: ['openai:gpt-gone', 'extractive'],
      tenantModels: ['openai:gpt-9*', 'extractive'],
    });
    const http = await startHttpFixture({ deps: { routes: catalogueRoutes({ models }) } });
    try {
      const key = await http.tenant('a');
      expect((await http.call('POST', '/v1/usage/models/refresh', { key })).status).toBe(403);
      const { status, body } = await http.call('POST', '/v1/usage/models/refresh', { key: ADMIN_KEY });
      expect([status, (body['items'] as unknown[]).length]).toEqual([200, 5]);
      const shown = await http.call('GET', '/v1/usage/models', { key });
      expect(shown.body['items']).toEqual([
        { name: 'openai:gpt-gone', in_chain: true, listed: false },
        { name: 'extractive:default', in_chain: true },
        { name: 'openai:gpt-9', in_chain: false, price: { input: 4, output: 8 }, listed: true },
      ]);
    } finally {
      await http.close(1000);
    }
  });
});
