import { afterEach, describe, expect, it } from 'vitest';
import type { Metrics } from '../../src/contracts/metrics.js';
import type { ModelRequest } from '../../src/contracts/model.js';
import { systemClock } from '../../src/lib/time/clock.js';
import {
  createModelRegistry,
  createPriceOf,
  type LlmConfig,
  type ModelRegistry,
} from '../../src/llm/index.js';
import { collect } from '../contracts/language-model.js';
import { json, openAiDialect } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { silentLogger } from '../fakes/silent-logger.js';

const metrics: Metrics = {
  count: () => undefined,
  observe: () => undefined,
  render: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
};

/** `route`: redirects calls to another address. */
function registry(config: LlmConfig, route = (url: string): string => url): ModelRegistry {
  return createModelRegistry({
    config,
    fetch: (input, init) => globalThis.fetch(typeof input === 'string' ? route(input) : input, init),
    clock: systemClock,
    logger: silentLogger,
    metrics,
    extractive: { select: () => undefined, lead: () => '' },
  });
}

const request: ModelRequest = {
  system: '',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  maxOutputTokens: 10,
  locale: 'en',
};

describe('the model chain of the service', () => {
  it('is only the extractive model without any key', () => {
    expect(registry({}).chainFor(undefined).models).toEqual(['extractive:default']);
  });

  it('contains the models whose keys are set, with the extractive model last', () => {
    const config = { gemini: { apiKey: 'g' }, openai: { apiKey: 'o' }, anthropic: { apiKey: 'a' } };
    expect(registry(config).chainFor([]).models).toEqual([
      'openai:gpt-5-mini',
      'anthropic:claude-haiku-5-5',
      'gemini:gemini-3.5-flash-lite',
      'extractive:default',
    ]);
  });

  it("is the operator's list, and a business may have its own", () => {
    const service = registry({
      openai: { apiKey: 'o' },
      servers: [{ name: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1' }],
      chain: ['ollama:llama3.2:3b', 'openai'],
    });
    expect(service.chainFor(undefined).models).toEqual(['ollama:llama3.2:3b', 'openai:gpt-5-mini']);
    expect(service.chainFor(['extractive']).models).toEqual(['extractive:default']);
    expect(service.chainFor(['extractive'])).toBe(service.chainFor(['extractive']));
    expect(service.problems()).toEqual([]);
  });

  it("leaves out a business's models that the service cannot use", () => {
    const service = registry({ chain: ['extractive'] });
    expect(service.chainFor(['mistral:small', 'extractive', 'openai:gpt-5']).models).toEqual([
      'extractive:default',
    ]);
    expect(service.chainFor(['mistral:small']).models).toEqual(['extractive:default']);
  });

  it("leaves out a business's models that the operator does not offer", () => {
    const service = registry({ openai: { apiKey: 'o' }, tenantModels: ['openai:gpt-5-*', 'extractive'] });
    expect(service.chainFor(['openai:gpt-5.2-pro', 'openai:gpt-5-nano', 'extractive']).models).toEqual([
      'openai:gpt-5-nano',
      'extractive:default',
    ]);
    expect(service.chainFor(undefined).models).toEqual(['openai:gpt-5-mini', 'extractive:default']);
  });

  it('lists the known providers in the start-up check if one is unknown', () => {
    const service = registry({ chain: ['opnai:gpt-5', 'openai:gpt-5', 'extractive'] });
    expect(service.problems()).toEqual([
      'unknown model provider "opnai" in "opnai:gpt-5"; known are: openai, anthropic, gemini, extractive',
      '"openai:gpt-5" needs OPENAI_API_KEY',
    ]);
  });
});

describe('an OpenAI-compatible server', () => {
  let server: ScriptedServer;
  afterEach(() => server.close());

  it('is called by its name and with its key', async () => {
    server = await startScriptedServer();
    server.play({ chunks: openAiDialect.text('hello'), ending: 'end' });
    const service = registry({
      servers: [{ name: 'vllm', baseUrl: `${server.url}/v1`, apiKey: 'server-key', model: 'qwen' }],
    });
    const parts = await collect(service.chainFor(undefined).stream(request, new AbortController().signal));
    expect(parts[0]).toMatchObject({ type: 'attempt', provider: 'vllm', model: 'qwen' });
    expect(server.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer server-key' },
      body: { model: 'qwen', max_tokens: 10, stream: true },
    });
  });
});

describe('the API for an OpenAI model', () => {
  let server: ScriptedServer;
  afterEach(() => server.close());

  it('is the Responses API for OpenAI itself or if the operator says so', async () => {
    server = await startScriptedServer();
    const ended = { type: 'response.completed', response: { status: 'completed', usage: null } };
    const chat = { chunks: openAiDialect.text('hello'), ending: 'end' } as const;
    const response = {
      chunks: [`event: response.completed\ndata: ${JSON.stringify(ended)}\n\n`],
      ending: 'end',
    } as const;
    const own = 'https://api.openai.com/v1';
    const gateway = `${server.url}/v1`;
    const configFor = (api: 'chat' | 'responses') => ({
      models: [{ provider: 'openai', model: 'gpt-5*', api }],
    });
    const cases = [
      [{ openai: { apiKey: 'k', baseUrl: own } }, 'openai:gpt-5-mini', response],
      [{ openai: { apiKey: 'k', baseUrl: own } }, 'openai:gpt-4.1', chat],
      [{ openai: { apiKey: 'k', baseUrl: own }, ...configFor('chat') }, 'openai:gpt-5-mini', chat],
      [{ openai: { apiKey: 'k', baseUrl: gateway } }, 'openai:gpt-5-mini', chat],
      [
        { openai: { apiKey: 'k', baseUrl: gateway }, ...configFor('responses') },
        'openai:gpt-5-mini',
        response,
      ],
      [{ servers: [{ name: 'own', baseUrl: gateway, api: 'responses' as const }] }, 'own:x', response],
    ] as const;
    for (const [config, spec, script] of cases) {
      server.play(script);
      const chain = registry(config, (url) => url.replace(own, gateway)).chainFor([spec]);
      await collect(chain.stream(request, new AbortController().signal));
    }
    const [first, second] = ['/v1/responses', '/v1/chat/completions'];
    expect(server.requests.map(({ path }) => path)).toEqual([first, second, second, second, first, first]);
  });
});

describe('a server without a configured model', () => {
  let server: ScriptedServer;
  afterEach(() => server.close());
  const { signal } = new AbortController();
  const withOllama = () => registry({ servers: [{ name: 'ollama', baseUrl: `${server.url}/v1` }] });

  it('is asked once for its models and joins the chain', async () => {
    server = await startScriptedServer();
    const list = { object: 'list', data: [{ id: 'nomic-embed-text' }, { id: 'llama3.2:3b' }] };
    const answer = { chunks: openAiDialect.text('hello'), ending: 'end' } as const;
    server.play(json(200, list), answer, answer);
    const chain = withOllama().chainFor(undefined);
    expect(chain.models).toEqual(['ollama:first', 'extractive:default']);
    const parts = await collect(chain.stream(request, signal));
    expect(parts[0]).toMatchObject({ type: 'attempt', provider: 'ollama', model: 'llama3.2:3b' });
    await collect(chain.stream(request, signal));
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/v1/models',
      '/v1/chat/completions',
      '/v1/chat/completions',
    ]);
    expect(server.requests[1]?.body).toMatchObject({ model: 'llama3.2:3b' });
  });

  it('that has none is reported, and the next model answers', async () => {
    server = await startScriptedServer();
    server.play(json(200, { data: [] }));
    const service = withOllama();
    const parts = await collect(service.chainFor(undefined).stream(request, signal));
    expect(parts.at(-1)).toMatchObject({ type: 'finish', rawReason: 'no-answer' });
    expect((await service.probe(signal)).map(({ error }) => error?.message)).toEqual([
      'ollama: the server has no model',
    ]);
  });
});

describe('the check of all models', () => {
  it('calls each one once and reports which answered', async () => {
    const server = await startScriptedServer();
    server.play(
      { chunks: openAiDialect.text('ok'), ending: 'end' },
      openAiDialect.failure(401, 'invalid_api_key'),
    );
    const baseUrl = `${server.url}/v1`;
    const service = registry({
      servers: [
        { name: 'good', baseUrl, model: 'a' },
        { name: 'bad', baseUrl, model: 'b' },
      ],
    });
    const probes = await service.probe(new AbortController().signal);
    expect(server.requests).toHaveLength(2);
    expect(probes.map(({ model }) => model)).toEqual(['good:a', 'bad:b']);
    expect(probes.filter(({ error }) => error === undefined)).toHaveLength(1);
    expect(probes.find(({ error }) => error !== undefined)?.error?.kind).toBe('unauthorized');
    await server.close();
  });
});

describe('prices', () => {
  const priceOf = createPriceOf();

  it('are micro-dollars per call, and undefined for unlisted models', () => {
    const usage = { inputTokens: 1000, outputTokens: 500 };
    expect(priceOf('openai', 'gpt-5-mini', usage)).toBe(1250);
    expect(priceOf('openai', 'gpt-5-mini-2025-08-07', usage)).toBe(1250);
    expect(priceOf('anthropic', 'claude-haiku-4-5', usage)).toBe(3500);
    expect(priceOf('gemini', 'gemini-2.5-flash-lite', usage)).toBe(300);
    expect(priceOf('ollama', 'gpt-5-mini', usage)).toBeUndefined();
    expect(priceOf('openai', 'gpt-9', usage)).toBeUndefined();
  });

  it('take the cache and long requests into account', () => {
    const usage = { inputTokens: 10_000, outputTokens: 0, cachedTokens: 8_000, cacheWriteTokens: 1_000 };
    expect(priceOf('anthropic', 'claude-haiku-4-5', usage)).toBe(1000 + 800 + 1250);
    const long = { inputTokens: 200_000, outputTokens: 1_000 };
    expect(priceOf('anthropic', 'claude-haiku-5-5', long)).toBe(100_000 + 2_500);
  });

  it('come from the operator first', () => {
    const own = createPriceOf([
      { provider: 'openai', model: 'gpt-5*', price: { input: 9, output: 9 } },
      { provider: 'ollama', model: '*', price: { input: 0, output: 0 } },
    ]);
    const usage = { inputTokens: 1, outputTokens: 1 };
    expect(own('openai', 'gpt-5-mini', usage)).toBe(18);
    expect(own('ollama', 'llama3', usage)).toBe(0);
    expect(own('anthropic', 'claude-haiku-4-5', usage)).toBe(6);
  });
});
