import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelRequest, ModelStreamPart } from '../../src/contracts/model.js';
import { createOpenAiModel } from '../../src/llm/openai/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createModelChain } from '../../src/llm/router.js';
import { createMetrics } from '../../src/telemetry/index.js';
import { collect, failureOf, textOf } from '../contracts/language-model.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { silentLogger } from '../fakes/silent-logger.js';

const request: ModelRequest = {
  system: 's',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  maxOutputTokens: 100,
  locale: 'en',
};
const { signal } = new AbortController();

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(() => server.close());

function model(name = 'llama3') {
  return createOpenAiModel(
    {
      provider: 'own',
      model: name,
      apiKey: 'k',
      baseUrl: `${server.url}/v1`,
      contextTokens: 8192,
      tools: true,
      images: false,
      pdfs: false,
      dialect: 'compatible',
    },
    { fetch: globalThis.fetch, clock: systemClock },
  );
}

/** Plays choices as a server sends them, each in a chunk of its own, and then the end. */
function play(...choices: readonly object[]): void {
  const chunks = choices.map((choice) => data({ choices: [{ index: 0, ...choice }] }));
  server.play({ chunks: [...chunks, 'data: [DONE]\n\n'], ending: 'end' });
}

function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

const say = (content: unknown): object => ({ delta: { content } });
const call = (...tool_calls: readonly unknown[]): object => ({ delta: { tool_calls } });
const stop = (finish_reason: string): object => ({ delta: {}, finish_reason });
const parts = (): Promise<ModelStreamPart[]> => collect(model().stream(request, signal));
const callsIn = (all: readonly ModelStreamPart[]) =>
  all.flatMap((part) => (part.type === 'tool-call' ? [part.call] : []));

const WHOLE = { index: 0, id: 'a', function: { name: 'find', arguments: '{"q":1}' } };

describe('a tool call from an OpenAI-compatible server', () => {
  it.each<[string, readonly object[]]>([
    ['ends with the finish reason stop', [call(WHOLE), stop('stop')]],
    ['ends with the legacy finish reason function_call', [call(WHOLE), stop('function_call')]],
    ['ends with an unknown finish reason', [call(WHOLE), stop('completed')]],
    [
      'has empty ids and names in its later pieces',
      [
        call({ index: 0, id: 'a', function: { name: 'find', arguments: '{"q"' } }),
        call({ index: 0, id: '', function: { name: '', arguments: ':1}' } }),
        stop('tool_calls'),
      ],
    ],
    [
      'repeats its id and name in every piece',
      [
        call({ index: 0, id: 'a', function: { name: 'find', arguments: '{"q"' } }),
        call({ index: 0, id: 'a', function: { name: 'find', arguments: ':1}' } }),
        stop('tool_calls'),
      ],
    ],
    [
      'has no index',
      [
        call({ id: 'a', function: { name: 'find', arguments: '{"q"' } }),
        call({ function: { arguments: ':1}' } }),
        stop('tool_calls'),
      ],
    ],
    [
      'has its arguments as an object',
      [call({ ...WHOLE, function: { name: 'find', arguments: { q: 1 } } }), stop('tool_calls')],
    ],
    [
      'uses the legacy function_call field',
      [{ delta: { function_call: { name: 'find', arguments: '{"q":1}' } } }, stop('function_call')],
    ],
    ['arrives in a message instead of a delta', [{ message: { tool_calls: [WHOLE] } }, stop('tool_calls')]],
    ['ends after an empty finish reason', [{ ...call(WHOLE), finish_reason: '' }, stop('tool_calls')]],
    [
      'has no id',
      [call({ index: 0, id: null, function: { name: 'find', arguments: '{"q":1}' } }), stop('tool_calls')],
    ],
  ])('that %s is read as one complete call', async (_name, choices) => {
    play(...choices);
    const all = await parts();
    const [only, ...others] = callsIn(all);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ name: 'find', arguments: { q: 1 } });
    expect(only?.id).not.toBe('');
    expect(all.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
  });

  it.each<[string, readonly object[]]>([
    [
      'one index and different ids',
      [
        call({ index: 0, id: 'a', function: { name: 'find', arguments: '{"q":1}' } }),
        call({ index: 0, id: 'b', function: { name: 'buy', arguments: '{"n"' } }),
        call({ index: 0, id: '', function: { arguments: ':2}' } }),
        stop('tool_calls'),
      ],
    ],
    [
      'no index at all',
      [
        call(
          { id: 'a', function: { name: 'find', arguments: '{"q":1}' } },
          { id: 'b', function: { name: 'buy', arguments: '{"n":2}' } },
        ),
        stop('tool_calls'),
      ],
    ],
    [
      'neither index nor id',
      [
        call({ function: { name: 'find', arguments: '{"q":1}' } }),
        call({ function: { name: 'buy', arguments: '{"n":2}' } }),
        stop('stop'),
      ],
    ],
    [
      'interleaved pieces',
      [
        call({ index: 0, id: 'a', function: { name: 'find', arguments: '{"q"' } }),
        call({ index: 1, id: 'b', function: { name: 'buy', arguments: '{"n"' } }),
        call({ index: 0, function: { arguments: ':1}' } }, { index: 1, function: { arguments: ':2}' } }),
        stop('tool_calls'),
      ],
    ],
  ])('and another one with %s are read as two', async (_name, choices) => {
    play(...choices);
    const calls = callsIn(await parts());
    expect(calls).toMatchObject([
      { name: 'find', arguments: { q: 1 } },
      { name: 'buy', arguments: { n: 2 } },
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  });

  it('is never run if it was cut off by a limit', async () => {
    play(call({ index: 0, id: 'a', function: { name: 'find', arguments: '{"q":1' } }), stop('length'));
    expect((await failureOf(model().stream(request, signal))).kind).toBe('malformed');
  });

  it('is never run if its JSON is broken', async () => {
    play(call({ index: 0, id: 'a', function: { name: 'find', arguments: '{"q":' } }), stop('stop'));
    expect((await failureOf(model().stream(request, signal))).kind).toBe('malformed');
  });
});

describe('the text from an OpenAI-compatible server', () => {
  it.each<[string, readonly unknown[], string]>([
    ['a list of parts', [[{ type: 'text', text: 'Good ' }], [{ type: 'text', text: 'day.' }]], 'Good day.'],
    [
      'a list in which one part is a thought',
      [
        [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
          { type: 'text', text: 'Good day.' },
        ],
      ],
      'Good day.',
    ],
    ['a null piece and text', [null, 'Good day.'], 'Good day.'],
    ['text after a thought', ['<think>Let me see.</think>\n\nGood day.'], 'Good day.'],
    [
      'text after a thought in pieces',
      ['<th', 'ink>Let me', ' see.</thi', 'nk>', '\n\nGood', ' day.'],
      'Good day.',
    ],
    ['text after a thought sent letter by letter', [...'<think>a<b</think>Good day.'], 'Good day.'],
    ['text around a thought', ['Good <THINKING>hm</THINKING>day.'], 'Good day.'],
    ['an unfinished thought', ['<think>Let me see'], ''],
    ['text that only looks like a thought tag', ['1 < 2 and <b>so</b> on <'], '1 < 2 and <b>so</b> on <'],
  ])('is extracted from %s', async (_name, pieces, expected) => {
    play(...pieces.map(say), stop('stop'));
    expect(textOf(await parts())).toBe(expected);
  });

  it('is retracted if a closing tag alone shows that it was a thought', async () => {
    play(say('The person greets me.'), say('</think>\n'), say('Good day.'), stop('stop'));
    const chain = createModelChain({
      models: [model()],
      clock: systemClock,
      logger: silentLogger,
      metrics: createMetrics(),
    });
    const output = async (): Promise<string> => {
      let text = '';
      for await (const part of chain.stream(request, signal)) {
        if (part.type === 'restart') text = '';
        if (part.type === 'text-delta') text += part.text;
      }
      return text;
    };
    expect(await output()).toBe('Good day.');
    // From now on nothing is shown before the thought has ended.
    play(say('Again a thought.'), say('</think>'), say('Good night.'), stop('stop'));
    const all = await collect(chain.stream(request, signal));
    expect(all.filter(({ type }) => type === 'restart')).toEqual([]);
  });

  it('is shown only after the thought of a model known to start with one', async () => {
    play(say('Hm.'), say('</think>Good day.'), stop('stop'));
    const thinker = model('deepseek-r1:8b');
    const all = await collect(thinker.stream(request, signal));
    expect(all.filter(({ type }) => type === 'discard')).toEqual([]);
    expect(textOf(all)).toBe('Good day.');
    play(say('Good day, without a thought.'), stop('stop'));
    expect(textOf(await collect(thinker.stream(request, signal)))).toBe('Good day, without a thought.');
  });
});

describe('the end of a stream', () => {
  it('is not signalled by an empty finish reason', async () => {
    play({ ...say('Good'), finish_reason: '' }, say(' day.'), stop('stop'));
    expect(textOf(await parts())).toBe('Good day.');
    play({ ...say('Good'), finish_reason: '' });
    expect((await failureOf(model().stream(request, signal))).kind).toBe('malformed');
  });

  it.each([
    [{}, { inputTokens: 0, outputTokens: 0 }],
    [null, { inputTokens: 0, outputTokens: 0 }],
    [
      { prompt_tokens: '12', completion_tokens: '3' },
      { inputTokens: 12, outputTokens: 3 },
    ],
    [
      { prompt_tokens: -4, completion_tokens: NaN },
      { inputTokens: 0, outputTokens: 0 },
    ],
    [
      { input_tokens: 12, output_tokens: 3 },
      { inputTokens: 12, outputTokens: 3 },
    ],
    [
      {
        prompt_tokens: 12,
        completion_tokens: 9,
        prompt_tokens_details: { cached_tokens: 8 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
      { inputTokens: 12, outputTokens: 9, cachedTokens: 8, reasoningTokens: 5 },
    ],
  ])('counts reported usage in any notation: %j', async (usage, expected) => {
    const chunks = [say('x'), stop('stop')].map((choice) => data({ choices: [choice] }));
    server.play({ chunks: [...chunks, data({ choices: [], usage }), 'data: [DONE]\n\n'], ending: 'end' });
    expect((await parts()).at(-1)).toMatchObject({ type: 'finish', usage: expected });
  });

  it('is a refusal if one was sent, whatever the finish reason says', async () => {
    play({ delta: { refusal: 'I cannot help with that.' } }, stop('stop'));
    const all = await parts();
    expect(all.at(-1)).toMatchObject({ reason: 'content-filter' });
    expect(textOf(all)).toBe('');
  });
});
