import type { LanguageModel } from '../../../src/contracts/model.js';
import { createAnthropicModel } from '../../../src/llm/anthropic/index.js';
import { createGeminiModel } from '../../../src/llm/gemini/index.js';
import { createOpenAiModel } from '../../../src/llm/openai/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import type { Script } from './scripted-server.js';

export const TEST_KEY = 'sk-test-secret-0123456789';

/** Produces one vendor's version of the same responses, byte for byte as its API sends them. */
export interface Dialect {
  readonly name: string;
  create(url: string): LanguageModel;
  /** Text in pieces, then a normal end with 11 input and 7 output tokens. */
  text(...pieces: readonly string[]): readonly string[];
  /** The same, but ended by the length limit. */
  truncatedText(...pieces: readonly string[]): readonly string[];
  /** A call of `find_order`; `json` is the text of its arguments, complete or not. */
  toolCall(json: string, end?: 'tool' | 'length', name?: string): readonly string[];
  /** An error inside a stream that began with status 200. */
  readonly errorEvent: string;
  /** An error instead of a stream. */
  failure(status: number, code: string, message?: string, headers?: Readonly<Record<string, string>>): Script;
}

const remote = { apiKey: TEST_KEY, contextTokens: 128_000, tools: true, images: true, pdfs: true };
/** The global `fetch` at the time of a call, so that a test can replace it for all vendors. */
const currentFetch: typeof fetch = (input, init) => globalThis.fetch(input, init);
const dependencies = { fetch: currentFetch, clock: systemClock };

/** A complete JSON response instead of a stream. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    chunks: [JSON.stringify(body)],
    ending: 'end',
  };
}

function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function openAiChunk(delta: unknown, finish: string | null = null): string {
  return data({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-test',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
}

const OPENAI_END = [
  data({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-test',
    choices: [],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  }),
  'data: [DONE]\n\n',
];

export const openAiDialect: Dialect = {
  name: 'openai',
  create: (url) =>
    createOpenAiModel(
      { ...remote, provider: 'openai', model: 'gpt-test', baseUrl: `${url}/v1`, dialect: 'own' },
      dependencies,
    ),
  text: (...pieces) => [
    ...pieces.map((content) => openAiChunk({ content })),
    openAiChunk({}, 'stop'),
    ...OPENAI_END,
  ],
  truncatedText: (...pieces) => [
    ...pieces.map((content) => openAiChunk({ content })),
    openAiChunk({}, 'length'),
    ...OPENAI_END,
  ],
  toolCall: (text, end = 'tool', name = 'find_order') => [
    openAiChunk({
      tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: '' } }],
    }),
    ...(text.match(/.{1,5}/gsu) ?? []).map((piece) =>
      openAiChunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }),
    ),
    openAiChunk({}, end === 'tool' ? 'tool_calls' : 'length'),
    ...OPENAI_END,
  ],
  errorEvent: data({ error: { message: 'The server had an error', type: 'server_error', code: null } }),
  failure: (status, code, message = 'refused', headers) =>
    json(status, { error: { message, type: code, code, param: null } }, headers),
};

let sequence = 0;

/** An event of OpenAI's Responses API: named, numbered, with the whole item when it is done. */
function responseEvent(type: string, body: object): string {
  sequence += 1;
  return `event: ${type}\n${data({ type, sequence_number: sequence, ...body })}`;
}

function responseEnd(type: 'response.completed' | 'response.incomplete'): string {
  const isWhole = type === 'response.completed';
  return responseEvent(type, {
    response: {
      id: 'resp_1',
      object: 'response',
      status: isWhole ? 'completed' : 'incomplete',
      incomplete_details: isWhole ? null : { reason: 'max_output_tokens' },
      error: null,
      usage: {
        input_tokens: 11,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 18,
      },
    },
  });
}

const RESPONSE_START = [
  responseEvent('response.created', { response: { id: 'resp_1', status: 'in_progress', error: null } }),
  responseEvent('response.output_item.added', {
    output_index: 0,
    item: { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] },
  }),
];

function responseText(pieces: readonly string[]): readonly string[] {
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  return [
    ...pieces.map((delta, index) =>
      [
        ...(index === 0 ? RESPONSE_START : []),
        responseEvent('response.output_text.delta', { ...place, delta, logprobs: [] }),
      ].join(''),
    ),
    responseEvent('response.output_text.done', { ...place, text: pieces.join(''), logprobs: [] }),
  ];
}

/** An encrypted thought that only the model itself can read. */
export const SEALED_THOUGHT = {
  id: 'rs_1',
  type: 'reasoning',
  summary: [],
  encrypted_content: 'gAAAA-sealed',
} as const;

export const responsesDialect: Dialect = {
  name: 'openai-responses',
  create: (url) =>
    createOpenAiModel(
      {
        ...remote,
        provider: 'openai',
        model: 'gpt-5-mini',
        baseUrl: `${url}/v1`,
        dialect: 'own',
        api: 'responses',
      },
      dependencies,
    ),
  text: (...pieces) => [...responseText(pieces), responseEnd('response.completed')],
  truncatedText: (...pieces) => [...responseText(pieces), responseEnd('response.incomplete')],
  toolCall: (text, end = 'tool', name = 'find_order') => {
    const item = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name };
    return [
      responseEvent('response.output_item.done', { output_index: 0, item: SEALED_THOUGHT }),
      responseEvent('response.output_item.added', {
        output_index: 1,
        item: { ...item, arguments: '', status: 'in_progress' },
      }),
      ...(text.match(/.{1,5}/gsu) ?? []).map((delta) =>
        responseEvent('response.function_call_arguments.delta', { item_id: 'fc_1', output_index: 1, delta }),
      ),
      responseEvent('response.output_item.done', {
        output_index: 1,
        item: { ...item, arguments: text, status: 'completed' },
      }),
      responseEnd(end === 'tool' ? 'response.completed' : 'response.incomplete'),
    ];
  },
  errorEvent: responseEvent('response.failed', {
    response: { id: 'resp_1', status: 'failed', error: { code: 'server_error', message: 'An error' } },
  }),
  failure: (status, code, message = 'refused', headers) =>
    json(status, { error: { message, type: code, code, param: null } }, headers),
};

function event(type: string, body: object): string {
  return `event: ${type}\n${data({ type, ...body })}`;
}

const ANTHROPIC_START = event('message_start', {
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-test',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 11, output_tokens: 1 },
  },
});

function anthropicEnd(reason: string): readonly string[] {
  return [
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: 7 },
    }),
    event('message_stop', {}),
  ];
}

function anthropicText(pieces: readonly string[], reason: string): readonly string[] {
  return [
    ANTHROPIC_START,
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('ping', {}),
    ...pieces.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    ...anthropicEnd(reason),
  ];
}

export const anthropicDialect: Dialect = {
  name: 'anthropic',
  create: (url) =>
    createAnthropicModel(
      { ...remote, provider: 'anthropic', model: 'claude-test', baseUrl: url },
      dependencies,
    ),
  text: (...pieces) => anthropicText(pieces, 'end_turn'),
  truncatedText: (...pieces) => anthropicText(pieces, 'max_tokens'),
  toolCall: (text, end = 'tool') => [
    ANTHROPIC_START,
    event('content_block_start', {
      index: 0,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'find_order', input: {} },
    }),
    ...(text.match(/.{1,5}/gsu) ?? []).map((piece) =>
      event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: piece } }),
    ),
    ...anthropicEnd(end === 'tool' ? 'tool_use' : 'max_tokens'),
  ],
  errorEvent: event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  failure: (status, code, message = 'refused', headers) =>
    json(status, { type: 'error', error: { type: code, message } }, headers),
};

function geminiChunk(parts: readonly unknown[], finishReason?: string): string {
  return data({
    candidates: [{ index: 0, content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}) }],
    usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
  }).replaceAll('\n\n', '\r\n\r\n');
}

export const geminiDialect: Dialect = {
  name: 'gemini',
  create: (url) =>
    createGeminiModel({ ...remote, provider: 'gemini', model: 'gemini-2.5-flash', baseUrl: url }),
  text: (...pieces) => [
    ...pieces.map((text) => geminiChunk([{ text }])),
    geminiChunk([{ text: '' }], 'STOP'),
  ],
  truncatedText: (...pieces) => [
    ...pieces.map((text) => geminiChunk([{ text }])),
    geminiChunk([{ text: '' }], 'MAX_TOKENS'),
  ],
  // Gemini sends the arguments as an object, never in pieces, so incomplete arguments break the chunk.
  toolCall: (text, end = 'tool') => [
    geminiChunk(
      [{ functionCall: { name: 'find_order', args: '@@' } }],
      end === 'tool' ? 'STOP' : 'MAX_TOKENS',
    ).replace('"@@"', () => text),
  ],
  errorEvent: `data: ${JSON.stringify({
    error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' },
  })}\r\n\r\n`,
  failure: (status, code, message = 'refused', headers) =>
    json(status, { error: { code: status, message, status: code } }, headers),
};

export const DIALECTS: readonly Dialect[] = [
  openAiDialect,
  responsesDialect,
  anthropicDialect,
  geminiDialect,
];
