import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelError, ModelRequest, ModelStreamPart } from '../../src/contracts/model.js';
import { toResponsesRequest } from '../../src/llm/openai/responses-request.js';
import { collect, failureOf, languageModelContract, textOf } from '../contracts/language-model.js';
import {
  anthropicDialect,
  DIALECTS,
  geminiDialect,
  json,
  openAiDialect,
  responsesDialect,
  SEALED_THOUGHT,
  TEST_KEY,
  type Dialect,
} from '../fakes/llm/dialects.js';
import {
  closedPort,
  startScriptedServer,
  type Script,
  type ScriptedServer,
} from '../fakes/llm/scripted-server.js';

const SECRET_PROMPT = 'persona-secret-4711';
const request: ModelRequest = {
  system: SECRET_PROMPT,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  maxOutputTokens: 100,
  locale: 'en',
};
const { signal } = new AbortController();
const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

for (const dialect of DIALECTS) {
  languageModelContract(dialect.name, async () => {
    const server = await startScriptedServer();
    server.play({ chunks: dialect.text('Good ', 'morning', '.'), pauseMs: 5, ending: 'end' });
    return { model: dialect.create(server.url), request, close: () => server.close() };
  });

  describe(`${dialect.name} over the wire`, () => {
    let server: ScriptedServer;
    beforeEach(async () => {
      server = await startScriptedServer();
    });
    afterEach(async () => {
      await server.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unhandled).toEqual([]);
    });
    const run = (): AsyncIterable<ModelStreamPart> => dialect.create(server.url).stream(request, signal);

    it('yields text, finish reason and token counts', async () => {
      server.play({ chunks: dialect.text('Sela', 'mat pagi 👋'), ending: 'end' });
      const parts = await collect(run());
      expect(textOf(parts)).toBe('Selamat pagi 👋');
      expect(parts.at(-1)).toMatchObject({
        type: 'finish',
        reason: 'stop',
        usage: { inputTokens: 11, outputTokens: 7 },
      });
    });

    it('reports an answer that hit the length limit', async () => {
      server.play({ chunks: dialect.truncatedText('cut'), ending: 'end' });
      expect((await collect(run())).at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
    });

    it('yields a tool call when it is complete', async () => {
      server.play({ chunks: dialect.toolCall('{"order":"A-17","deep":{"n":[1,2]}}'), ending: 'end' });
      const parts = (await collect(run())).filter(({ type }) => type === 'tool-call' || type === 'finish');
      expect(parts).toMatchObject([
        {
          type: 'tool-call',
          call: { name: 'find_order', arguments: { order: 'A-17', deep: { n: [1, 2] } } },
        },
        { type: 'finish', reason: 'tool-calls' },
      ]);
    });

    it('never yields a tool call whose arguments were cut at any byte', async () => {
      const whole = '{"order":"A-17","n":12}';
      for (let length = 1; length < whole.length; length += 1) {
        server.play({ chunks: dialect.toolCall(whole.slice(0, length)), ending: 'end' });
        expect((await failureOf(run())).kind, whole.slice(0, length)).toBe('malformed');
      }
    });

    it('yields no tool call at all if the answer hit the length limit', async () => {
      server.play({ chunks: dialect.toolCall('{"order":"A-17"}', 'length'), ending: 'end' });
      expect((await failureOf(run())).kind).toBe('malformed');
    });

    it('never yields a tool call whose arguments are not an object', async () => {
      for (const text of ['[1]', '"text"', '7', 'true']) {
        server.play({ chunks: dialect.toolCall(text), ending: 'end' });
        expect((await failureOf(run())).kind, text).toBe('malformed');
      }
    });

    it('treats an error inside the stream as a failure, at any position', async () => {
      const chunks = dialect.text('a', 'b', 'c', 'd');
      for (let at = 0; at < 4; at += 1) {
        server.play({ chunks: [...chunks.slice(0, at), dialect.errorEvent], ending: 'end' });
        expect((await failureOf(run())).kind, `position ${at}`).toBe('overloaded');
      }
    });

    it('treats a cut connection and an end without a reason as malformed', async () => {
      const [first = '', second = ''] = dialect.text('some', 'text');
      server.play({ chunks: [first, second], ending: 'cut' });
      expect((await failureOf(run())).kind).toBe('malformed');
      server.play({ chunks: [first, second], ending: 'end' });
      expect((await failureOf(run())).kind).toBe('malformed');
    });

    it('treats broken JSON as malformed and prints none of it', async () => {
      server.play({
        chunks: [dialect.text('x')[0] ?? '', 'event: message_delta\ndata: {"broken\n\n'],
        ending: 'end',
      });
      expect((await failureOf(run())).kind).toBe('malformed');
    });

    it('closes the connection when it is aborted', async () => {
      server.play({ chunks: dialect.text('a', 'b').slice(0, 2), ending: 'stall' });
      const controller = new AbortController();
      const failed = failureOf(dialect.create(server.url).stream(request, controller.signal));
      await expect.poll(() => server.requests.length).toBe(1);
      setTimeout(() => controller.abort(), 50);
      expect((await failed).kind).toBe('aborted');
      await server.requests[0]?.closedByClient;
    });

    it('closes the connection when its reader leaves', async () => {
      server.play({ chunks: dialect.text('a', 'b', 'c').slice(0, 4), ending: 'stall' });
      for await (const part of run()) if (part.type === 'text-delta' && part.text !== '') break;
      await server.requests[0]?.closedByClient;
    });

    it('is unreachable if nobody listens', async () => {
      const model = dialect.create(await closedPort());
      const error = await failureOf(model.stream(request, signal));
      expect(error.kind).toBe('unreachable');
    });

    it.each([
      [400, 'invalid_request_error', 'invalid-request'],
      [401, 'authentication_error', 'unauthorized'],
      [403, 'permission_error', 'unauthorized'],
      [402, 'payment_required', 'quota-exhausted'],
      [404, 'not_found_error', 'invalid-request'],
      [408, 'timeout', 'overloaded'],
      [413, 'request_too_large', 'context-overflow'],
      [429, 'rate_limited', 'rate-limited'],
      [500, 'internal', 'overloaded'],
      [503, 'unavailable', 'overloaded'],
      [529, 'overloaded_error', 'overloaded'],
    ] as const)('maps status %i to %s: %s', async (status, code, kind) => {
      server.play(dialect.failure(status, code, `bad key ${TEST_KEY} in ${SECRET_PROMPT}`));
      const error = await failureOf(run());
      expect(error.kind).toBe(kind);
      expect(error.options.status).toBe(status);
      expect(server.requests).toHaveLength(1);
    });

    it('never repeats a key or a prompt in its errors', async () => {
      server.play(dialect.failure(401, 'bad', `key ${TEST_KEY} and prompt ${SECRET_PROMPT}`));
      const error = await failureOf(run());
      const errorText = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n');
      expect(errorText).not.toContain(TEST_KEY);
      expect(errorText).not.toContain(SECRET_PROMPT);
    });

    it.each([
      'maximum context length is 8192 tokens, however you requested 9000',
      'prompt is too long: 210000 tokens > 200000 maximum',
      'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).',
    ])('recognises a request that is too long: %s', async (message) => {
      server.play(dialect.failure(400, 'invalid_request_error', message));
      expect((await failureOf(run())).kind).toBe('context-overflow');
    });
  });
}

describe("a vendor's retry delay", () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScriptedServer();
  });
  afterEach(() => server.close());
  const failureFrom = (dialect: Dialect, script: Script): Promise<ModelError> => {
    server.play(script);
    return failureOf(dialect.create(server.url).stream(request, signal));
  };

  it.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after-ms': '1500' }, 1500],
    [{}, undefined],
  ])('is read from %o', async (headers, expected) => {
    for (const dialect of [openAiDialect, anthropicDialect]) {
      const error = await failureFrom(
        dialect,
        dialect.failure(429, 'rate_limit_error', 'slow down', headers),
      );
      expect(error.options.retryAfterMs).toBe(expected);
    }
  });

  it('is read from a date', async () => {
    const headers = { 'retry-after': new Date(Date.now() + 60_000).toUTCString() };
    const error = await failureFrom(openAiDialect, openAiDialect.failure(429, 'x', 'x', headers));
    expect(error.options.retryAfterMs).toBeGreaterThan(30_000);
  });

  it("is read from Google's RetryInfo, whose daily quota counts as exhausted", async () => {
    const failure = (quotaId: string): Script =>
      json(429, {
        error: {
          code: 429,
          message: 'You exceeded your current quota',
          status: 'RESOURCE_EXHAUSTED',
          details: [
            { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId }] },
            { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' },
          ],
        },
      });
    const limited = await failureFrom(geminiDialect, failure('RequestsPerMinutePerModel'));
    expect(limited).toMatchObject({ kind: 'rate-limited', options: { retryAfterMs: 12_500 } });
    const exhausted = await failureFrom(geminiDialect, failure('RequestsPerDayPerModel'));
    expect(exhausted.kind).toBe('quota-exhausted');
  });

  it.each<[string, Dialect, Script]>([
    ['OpenAI', openAiDialect, openAiDialect.failure(429, 'insufficient_quota')],
    [
      'Anthropic’s balance',
      anthropicDialect,
      anthropicDialect.failure(
        400,
        'invalid_request_error',
        'Your credit balance is too low to access the API.',
      ),
    ],
    [
      'Anthropic’s spend limit',
      anthropicDialect,
      json(429, {
        type: 'error',
        error: {
          type: 'rate_limit_error',
          message: 'x',
          details: { error_code: 'enforced_spend_limit_reached' },
        },
      }),
    ],
  ])('is distinguished from an exhausted balance: %s', async (_name, dialect, script) => {
    expect((await failureFrom(dialect, script)).kind).toBe('quota-exhausted');
  });
});

describe("a model's thoughts before a tool call", () => {
  const SSE = (type: string, body: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`;

  it('are kept sealed for its next round and are not text', async () => {
    const server = await startScriptedServer();
    const [start = '', ...call] = anthropicDialect
      .toolCall('{}')
      .map((chunk) => chunk.replaceAll('"index":0', '"index":1'));
    const thought = [
      SSE('content_block_start', {
        index: 0,
        content_block: { type: 'thinking', thinking: '', signature: '' },
      }),
      SSE('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'Let me ' } }),
      SSE('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'see.' } }),
      SSE('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } }),
      SSE('content_block_stop', { index: 0 }),
    ];
    server.play({ chunks: [start, ...thought, ...call], ending: 'end' });
    const parts = await collect(anthropicDialect.create(server.url).stream(request, signal));
    expect(textOf(parts)).toBe('');
    expect(parts.filter(({ type }) => type === 'reasoning' || type === 'tool-call')).toMatchObject([
      {
        type: 'reasoning',
        reasoning: {
          model: 'claude-test',
          sealed: [{ type: 'thinking', thinking: 'Let me see.', signature: 'c2ln' }],
        },
      },
      { type: 'tool-call' },
    ]);
    await server.close();
  });

  it('go back to the OpenAI model they came from, and to no other', async () => {
    const server = await startScriptedServer();
    server.play({ chunks: responsesDialect.toolCall('{"order":"A-17"}'), ending: 'end' });
    const model = responsesDialect.create(server.url);
    const parts = await collect(model.stream(request, signal));
    const thought = parts.find((part) => part.type === 'reasoning');
    const call = parts.find((part) => part.type === 'tool-call');
    if (thought === undefined || call === undefined) throw new Error('nothing was thought or called');
    expect(thought.reasoning).toEqual({ model: 'gpt-5-mini', sealed: [SEALED_THOUGHT] });

    server.play({ chunks: responsesDialect.text('Found.'), ending: 'end' });
    const round: ModelRequest = {
      ...request,
      messages: [
        ...request.messages,
        { role: 'assistant', text: '', toolCalls: [call.call], reasoning: thought.reasoning },
        {
          role: 'tool',
          results: [{ callId: call.call.id, name: call.call.name, content: 'sent', isError: false }],
        },
      ],
    };
    await collect(model.stream(round, signal));
    expect(server.requests[1]).toMatchObject({
      path: '/v1/responses',
      body: { store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'low' } },
    });
    const input = (server.requests[1]?.body as { input: readonly object[] }).input;
    expect(input.slice(-3)).toMatchObject([
      SEALED_THOUGHT,
      { type: 'function_call', call_id: 'call_1', name: 'find_order', arguments: '{"order":"A-17"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'sent' },
    ]);
    const other = toResponsesRequest('gpt-5', round);
    expect(JSON.stringify(other)).not.toContain('sealed');
    await server.close();
  });
});

describe('the Responses API', () => {
  const end = (response: object): string =>
    `event: response.completed\ndata: ${JSON.stringify({ type: 'response.completed', response })}\n\n`;

  it('reports cached and reasoning tokens, and treats a refusal as one', async () => {
    const server = await startScriptedServer();
    const refusal = { type: 'response.refusal.delta', output_index: 0, delta: 'I cannot help.' };
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 80 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 20 },
    };
    server.play({
      chunks: [
        `event: response.refusal.delta\ndata: ${JSON.stringify(refusal)}\n\n`,
        end({ status: 'completed', incomplete_details: null, error: null, usage }),
      ],
      ending: 'end',
    });
    const parts = await collect(responsesDialect.create(server.url).stream(request, signal));
    expect(textOf(parts)).toBe('');
    expect(parts.at(-1)).toEqual({
      type: 'finish',
      reason: 'content-filter',
      rawReason: 'refusal',
      usage: { inputTokens: 100, outputTokens: 30, cachedTokens: 80, reasoningTokens: 20 },
    });
    await server.close();
  });
});
