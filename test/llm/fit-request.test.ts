import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataPart, ModelCapabilities, ModelMessage, ModelRequest } from '../../src/contracts/model.js';
import { estimateFixedTokens, estimateMessageTokens } from '../../src/llm/estimate-tokens.js';
import { fitRequest } from '../../src/llm/fit-request.js';

const window: ModelCapabilities = {
  tools: true,
  images: true,
  pdfs: true,
  contextTokens: 8000,
  groundedOnly: false,
};
const words = (count: number): string => 'kata '.repeat(count);

function user(text: string, data: readonly DataPart[] = []): ModelMessage {
  return { role: 'user', parts: [...data, { type: 'text', text }] };
}

function document(n: number, size: number): DataPart {
  return { type: 'data', kind: 'document', citation: n, title: `d${n}`, text: words(size) };
}

function request(messages: readonly ModelMessage[]): ModelRequest {
  return { system: 'Persona.', messages, maxOutputTokens: 1000, locale: 'id' };
}

function tokens(fitted: ModelRequest): number {
  return (
    estimateFixedTokens(fitted) +
    fitted.maxOutputTokens +
    fitted.messages.reduce((sum, message) => sum + estimateMessageTokens(message), 0)
  );
}

describe("fitting a request into a model's context window", () => {
  it('leaves it unchanged if it fits', () => {
    const small = request([user('a'), { role: 'assistant', text: 'b' }, user('c')]);
    expect(fitRequest(small, window)).toEqual(small);
  });

  it('names a file that the model cannot read or that leaves no room for the knowledge', () => {
    const pdf = (bytes: number) => ({ type: 'pdf', fileName: 'a.pdf', data: new Uint8Array(bytes) }) as const;
    const partsFor = (bytes: number, capabilities: ModelCapabilities) => {
      const asked = request([{ role: 'user', parts: [pdf(bytes), { type: 'text', text: 'and?' }] }]);
      const [message] = fitRequest(asked, capabilities).messages;
      return message?.role === 'user' ? message.parts : [];
    };
    expect(partsFor(100, window)[0]).toEqual(pdf(100));
    const unread = partsFor(100, { ...window, pdfs: false });
    expect(unread[0]).toEqual({ type: 'text', text: '[file that this model cannot read]' });
    expect(partsFor(200_000, window)[0]).toMatchObject({ text: '[file that is too long for this model]' });
    expect(partsFor(200_000, { ...window, contextTokens: 100_000 })[0]).toMatchObject({ type: 'pdf' });
  });

  it('drops the oldest history first and keeps every document while it can', () => {
    const history = Array.from({ length: 500 }, (_, i): ModelMessage =>
      i % 2 === 0 ? user(`${i} ${words(40)}`) : { role: 'assistant', text: `${i} ${words(40)}` },
    );
    const documents = Array.from({ length: 5 }, (_, i) => document(i + 1, 100));
    const fitted = fitRequest(request([...history, user('last question', documents)]), window);
    expect(tokens(fitted)).toBeLessThanOrEqual(window.contextTokens);
    expect(fitted.messages.at(-1)).toEqual(user('last question', documents));
    expect(fitted.messages.at(-2)).toEqual(history.at(-1));
    expect(fitted.messages.length).toBeGreaterThan(20);
  });

  it('then drops documents from the last one, but never the question', () => {
    const documents = Array.from({ length: 50 }, (_, i) => document(i + 1, 300));
    const fitted = fitRequest(request([user('old'), user('last question', documents)]), window);
    expect(tokens(fitted)).toBeLessThanOrEqual(window.contextTokens);
    const last = fitted.messages.at(-1);
    const parts = last?.role === 'user' ? last.parts : [];
    expect(parts[0]).toEqual(documents[0]);
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.at(-1)).toEqual({ type: 'text', text: 'last question' });
  });

  it('keeps the knowledge that fits the question best, and as much history as it can', () => {
    const documents = Array.from({ length: 40 }, (_, i): DataPart => ({
      ...document(i + 1, 300),
      ...(i === 37 ? { isBest: true } : {}),
    }));
    const knowledge: ModelMessage = { role: 'user', parts: documents };
    const now: DataPart = { type: 'data', kind: 'now', title: 'Now', text: 'noon' };
    const question = user('last question', [now]);
    const old = [user(words(800)), { role: 'assistant', text: 'said' } as const];
    const fitted = fitRequest(request([knowledge, ...old, question]), window);
    expect(tokens(fitted)).toBeLessThanOrEqual(window.contextTokens);
    expect(fitted.messages.at(-1)).toEqual(question);
    expect(fitted.messages).toHaveLength(2);
    const parts = fitted.messages[0]?.role === 'user' ? fitted.messages[0].parts : [];
    expect(parts).toContain(documents[37]);
    expect(parts[0]).toBe(documents[0]);
    // A large window fits all documents; only the history is too long.
    const whole = request([knowledge, ...old, question]);
    const most = fitRequest(whole, { ...window, contextTokens: tokens(whole) - 100 });
    expect(most.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(most.messages[0]).toBe(knowledge);
  });

  it('shortens long tool results of the current turn', () => {
    const fitted = fitRequest(
      request([
        user('question'),
        { role: 'assistant', text: '', toolCalls: [{ id: '1', name: 't', arguments: {} }] },
        { role: 'tool', results: [{ callId: '1', name: 't', content: words(20_000), isError: false }] },
      ]),
      window,
    );
    expect(tokens(fitted)).toBeLessThanOrEqual(window.contextTokens);
    expect(fitted.messages).toHaveLength(3);
  });

  it('works for any history in any script', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 2000 }), { maxLength: 10 }),
        (history, sizes) => {
          const messages = history.map((text, i): ModelMessage =>
            i % 2 === 0 ? user(text) : { role: 'assistant', text },
          );
          const question = user(
            'question',
            sizes.map((size, i) => document(i + 1, size)),
          );
          const fitted = fitRequest(request([...messages, question]), window);
          expect(tokens(fitted)).toBeLessThanOrEqual(window.contextTokens);
          expect(JSON.stringify(fitted.messages.at(-1))).toContain('question');
        },
      ),
      { numRuns: 50 },
    );
  });

  it('removes tools and pictures for a model that does not support them', () => {
    const picture: ModelMessage = {
      role: 'user',
      parts: [{ type: 'image', mediaType: 'image/png', data: Uint8Array.of(1) }],
    };
    const fitted = fitRequest(
      { ...request([picture]), tools: [{ name: 't', description: 'd', inputSchema: {} }] },
      { ...window, tools: false, images: false },
    );
    expect(fitted.tools).toBeUndefined();
    expect(JSON.stringify(fitted.messages)).not.toContain('image/png');
  });
});
