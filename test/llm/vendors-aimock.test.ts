import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelMessage, ModelRequest, ToolSpec } from '../../src/contracts/model.js';
import { collect, failureOf, textOf } from '../contracts/language-model.js';
import { DIALECTS } from '../fakes/llm/dialects.js';

const { signal } = new AbortController();
const findOrder: ToolSpec = {
  name: 'find_order',
  description: 'Finds an order',
  inputSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { order: { type: 'string', minLength: 1 } },
    required: ['order'],
    additionalProperties: false,
  },
};

function ask(...messages: readonly ModelMessage[]): ModelRequest {
  return { system: 'Be kind.', messages, maxOutputTokens: 200, locale: 'en', tools: [findOrder] };
}

function user(text: string): ModelMessage {
  return { role: 'user', parts: [{ type: 'text', text }] };
}

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
  '%s against aimock',
  (_name, dialect) => {
    const mock = new LLMock({ port: 0 });
    beforeAll(async () => {
      mock.on({ hasToolResult: true }, { content: 'It has been shipped.' });
      mock.onMessage(/opening hours/u, { content: 'We open at eight.' });
      mock.onMessage(/my order/u, { toolCalls: [{ name: 'find_order', arguments: '{"order":"A-17"}' }] });
      mock.onMessage(/too fast/u, { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429 });
      mock.onMessage(/picture/u, { content: 'A cat.' });
      await mock.start();
    });
    afterAll(() => mock.stop());
    const run = (request: ModelRequest) => dialect.create(mock.url).stream(request, signal);

    it('streams an answer', async () => {
      expect(textOf(await collect(run(ask(user('your opening hours?')))))).toBe('We open at eight.');
    });

    it('calls a tool and answers with its result', async () => {
      const first = await collect(run(ask(user('where is my order A-17?'))));
      const calls = first.flatMap((part) => (part.type === 'tool-call' ? [part.call] : []));
      expect(calls).toMatchObject([{ name: 'find_order', arguments: { order: 'A-17' } }]);
      const [call] = calls;
      const second = ask(
        user('where is that parcel?'),
        { role: 'assistant', text: '', toolCalls: calls },
        {
          role: 'tool',
          results: [
            { callId: call?.id ?? '', name: 'find_order', content: '{"state":"shipped"}', isError: false },
          ],
        },
      );
      expect(textOf(await collect(run(second)))).toBe('It has been shipped.');
    });

    it('sends a picture', async () => {
      const data = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
      const request = ask({
        role: 'user',
        parts: [
          { type: 'text', text: 'what is in this picture?' },
          { type: 'image', mediaType: 'image/png', data },
        ],
      });
      expect(textOf(await collect(run(request)))).toBe('A cat.');
    });

    it('reports a rate limit', async () => {
      expect((await failureOf(run(ask(user('too fast'))))).kind).toBe('rate-limited');
    });
  },
);
