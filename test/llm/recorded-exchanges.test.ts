import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LanguageModel, ModelMessage } from '../../src/contracts/model.js';
import { collect, textOf } from '../contracts/language-model.js';
import {
  readRecording,
  recordingFetch,
  replayingFetch,
  vendorsOf,
  withoutKeys,
} from '../eval/models/exchanges.js';
import { DIALECTS, json, openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';

const asks = (text: string): ModelMessage => ({ role: 'user', parts: [{ type: 'text', text }] });

let folder: string;
let file: string;
let server: ScriptedServer;
let variables: Readonly<Record<string, string>>;
beforeEach(async () => {
  [folder, server] = await Promise.all([mkdtemp(join(tmpdir(), 'sapa-recorded-')), startScriptedServer()]);
  file = join(folder, 'exchanges.jsonl');
  const servers = JSON.stringify([{ base_url: server.url, api_key: TEST_KEY }]);
  variables = { LLM_SERVERS: servers };
  const options = { file, model: 'a:model', vendors: vendorsOf(variables) };
  vi.stubGlobal('fetch', recordingFetch(globalThis.fetch, options));
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await Promise.all([server.close(), rm(folder, { recursive: true })]);
});

/** Takes the vendor away and answers from the recording. Returns the questions it has no response for. */
async function replay(): Promise<readonly string[]> {
  vi.unstubAllGlobals();
  await server.close();
  const missing: string[] = [];
  vi.stubGlobal(
    'fetch',
    replayingFetch(globalThis.fetch, {
      exchanges: readRecording(file).exchanges,
      vendors: vendorsOf(withoutKeys(variables)),
      onMissing: (question) => missing.push(question),
    }),
  );
  return missing;
}

async function answer(model: LanguageModel, messages: readonly ModelMessage[]): Promise<string> {
  const request = { system: 'Be brief.', messages, maxOutputTokens: 100, locale: 'en' } as const;
  try {
    const parts = await collect(model.stream(request, new AbortController().signal));
    const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part.call] : []));
    return `${textOf(parts)}${JSON.stringify(calls.map((call) => call.arguments))}`;
  } catch (error) {
    return String(error);
  }
}

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
  'a recording of %s',
  (_name, dialect) => {
    it('gives the same answers again, without the vendor and without a key', async () => {
      const model = dialect.create(server.url);
      const whole = (chunks: readonly string[]) => ({ chunks, ending: 'end' }) as const;
      server.play(
        whole(dialect.text('It is ', 'ten.')),
        whole(dialect.toolCall('{"order":"A-17"}')),
        whole(dialect.text('It is on its way 👋')),
        whole(dialect.text('Ten, as I said.')),
        { chunks: dialect.text('Half an ans', 'wer').slice(0, 2), ending: 'cut' },
        dialect.failure(401, 'invalid_api_key', `wrong key: ${TEST_KEY}`),
      );
      const result = {
        role: 'tool',
        results: [{ callId: 'call_1', name: 'find_order', content: 'sent', isError: false }],
      } as const;
      const called = {
        role: 'assistant',
        text: '',
        toolCalls: [{ id: 'call_1', name: 'find_order', arguments: { order: 'A-17' } }],
      } as const;
      const conversation = (time: string) =>
        [
          [asks(`It is ${time}.\n\nWhat does it cost?`)],
          [asks(`It is ${time}.\n\nWhere is it?`)],
          [asks(`It is ${time}.\n\nWhere is it?`), called, result],
          [asks(`It is ${time}.\n\nWhat does it cost?`)],
          [asks('Say it in full.')],
          [asks('Who are you?')],
        ] as const;
      const first: string[] = [];
      for (const messages of conversation('noon')) first.push(await answer(model, messages));
      expect(first[2]).toContain('on its way 👋');
      expect(await readFile(file, 'utf8')).not.toContain(TEST_KEY);

      const missing = await replay();
      const again: string[] = [];
      for (const messages of conversation('midnight')) again.push(await answer(model, messages));
      expect(again).toEqual(first);
      expect(missing).toEqual([]);
      expect(await answer(model, [asks('Something new?')])).toContain('ModelError');
      expect(missing).toEqual(['Something new?']);
    });
  },
);

it('a recording leaves requests to others alone, and settings lose their keys', async () => {
  const other = await startScriptedServer();
  try {
    other.play(json(200, { fine: true }));
    await expect((await fetch(`${other.url}/x`)).json()).resolves.toEqual({ fine: true });
    server.play({ chunks: openAiDialect.text('Yes.'), ending: 'end' });
    await answer(openAiDialect.create(server.url), [asks('Well?')]);
    expect(readRecording(file).exchanges).toHaveLength(1);
    expect(JSON.stringify(withoutKeys({ ...variables, OPENAI_API_KEY: TEST_KEY }))).not.toContain(TEST_KEY);
  } finally {
    await other.close();
  }
});
