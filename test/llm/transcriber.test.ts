import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Transcriber } from '../../src/contracts/transcription.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createPriceOf } from '../../src/llm/prices.js';
import { chooseTranscriber } from '../../src/llm/choose-transcriber.js';

const deps = { fetch: globalThis.fetch, clock: systemClock, priceOf: createPriceOf() };
const recording = { data: Buffer.from('OggS'), mediaType: 'audio/ogg', fileName: 'voice.ogg' };
const { signal } = new AbortController();

let answer: { readonly status: number; readonly body: unknown };
let requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
let server: ReturnType<typeof createServer>;
let url: string;
beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString('latin1');
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function own(): Transcriber {
  const config = {
    transcription: 'whisper:large-v3',
    servers: [{ name: 'whisper', baseUrl: url, apiKey: 'k' }],
  };
  const transcriber = chooseTranscriber(config, deps);
  if (transcriber === undefined) throw new Error('nobody hears');
  return transcriber;
}

describe('a transcription server', () => {
  it('receives the recording with its name and type, and reports its usage', async () => {
    answer = {
      status: 200,
      body: {
        text: ' Halo kak ',
        usage: {
          type: 'tokens',
          input_tokens: 14,
          input_token_details: { text_tokens: 2, audio_tokens: 12 },
          output_tokens: 5,
          total_tokens: 19,
        },
      },
    };
    expect(await own().transcribe(recording, signal)).toEqual({
      text: 'Halo kak',
      usage: { inputTokens: 14, outputTokens: 5, audioTokens: 12 },
    });
    expect(requests[0]).toMatchObject({
      path: '/v1/audio/transcriptions',
      headers: { authorization: 'Bearer k' },
    });
    expect(requests[0]?.body).toMatch(/filename="voice\.ogg"\r\nContent-Type: audio\/ogg/);
    expect(requests[0]?.body).toMatch(/name="model"\r\n\r\nlarge-v3/);
  });

  it('may report seconds instead of tokens', async () => {
    answer = { status: 200, body: { text: 'Hi', usage: { type: 'duration', seconds: 3 } } };
    expect((await own().transcribe(recording, signal)).usage).toEqual({
      inputTokens: 0,
      outputTokens: 0,
      audioSeconds: 3,
    });
  });

  it.each([
    [429, { error: { message: 'slow', type: 'x', code: 'rate_limit_exceeded' } }, 'rate-limited'],
    [401, { error: { message: 'no', type: 'x', code: 'invalid_api_key' } }, 'unauthorized'],
    [200, { words: 'no text' }, 'malformed'],
  ])('fails with a typed error after %i %o', async (status, body, kind) => {
    answer = { status, body };
    await expect(own().transcribe(recording, signal)).rejects.toMatchObject({ name: 'ModelError', kind });
  });

  it('can be aborted', async () => {
    answer = { status: 200, body: { text: 'x' } };
    await expect(own().transcribe(recording, AbortSignal.abort())).rejects.toMatchObject({ kind: 'aborted' });
  });
});

describe('a Gemini model for transcription', () => {
  const gemini = (): Transcriber => {
    const baseUrl = url.replace('/v1', '');
    const config = { transcription: 'gemini:gemini-2.5-flash', gemini: { apiKey: 'k', baseUrl } };
    const transcriber = chooseTranscriber(config, deps);
    if (transcriber === undefined) throw new Error('nobody hears');
    return transcriber;
  };

  it('receives the audio itself, does not think about it, and reports its usage', async () => {
    answer = {
      status: 200,
      body: {
        candidates: [{ content: { role: 'model', parts: [{ text: ' Halo kak ' }] }, finishReason: 'STOP' }],
        usageMetadata: {
          promptTokenCount: 96,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: 32 },
            { modality: 'AUDIO', tokenCount: 64 },
          ],
          candidatesTokenCount: 3,
        },
      },
    };
    expect(await gemini().transcribe(recording, signal)).toEqual({
      text: 'Halo kak',
      usage: { inputTokens: 96, outputTokens: 3, audioTokens: 64 },
    });
    expect(requests[0]?.path).toBe('/v1beta/models/gemini-2.5-flash:generateContent');
    const body = JSON.parse(requests[0]?.body ?? '') as Record<string, unknown>;
    const sound = { inlineData: { mimeType: 'audio/ogg', data: recording.data.toString('base64') } };
    expect(body).toMatchObject({
      contents: [{ role: 'user', parts: [sound] }],
      generationConfig: { thinkingConfig: { thinkingBudget: 0 } },
    });
  });

  it.each([
    [429, { error: { message: 'slow', code: 429 } }, 'rate-limited'],
    [403, { error: { message: 'no', code: 403 } }, 'unauthorized'],
    [200, { promptFeedback: { blockReason: 'SAFETY' } }, 'malformed'],
  ])('fails with a typed error after %i %o', async (status, body, kind) => {
    answer = { status, body };
    await expect(gemini().transcribe(recording, signal)).rejects.toMatchObject({ name: 'ModelError', kind });
  });

  it('is priced by the length of the recording until tokens are reported', () => {
    // 10 seconds of 32 tokens each at 1, plus the maximum output at 2.5.
    expect(gemini().priceOf({ inputTokens: 0, outputTokens: 0, audioSeconds: 10 })).toBe(320 + 6_250);
    expect(gemini().priceOf({ inputTokens: 96, audioTokens: 64, outputTokens: 4 })).toBe(84);
  });
});

describe('the cost of a recording', () => {
  const transcriber = (transcription: string) => {
    const made = chooseTranscriber({ openai: { apiKey: 'k' }, servers: [], transcription }, deps);
    if (made === undefined) throw new Error('nobody hears');
    return made;
  };
  const none = { inputTokens: 0, outputTokens: 0 };

  it('depends on its tokens, audio tokens at their own price, or on its minutes', () => {
    const mini = transcriber('openai:gpt-4o-mini-transcribe');
    // 100 text tokens at 1.25, 600 audio tokens at 3, 80 output tokens at 5.
    expect(mini.priceOf({ inputTokens: 700, audioTokens: 600, outputTokens: 80 })).toBe(125 + 1_800 + 400);
    expect(mini.priceOf({ ...none, audioSeconds: 90 })).toBe(4_500);
    expect(transcriber('openai:whisper-1').priceOf({ ...none, audioSeconds: 30 })).toBe(3_000);
  });

  it('is unknown for a server without a configured price', () => {
    expect(own().priceOf({ ...none, audioSeconds: 30 })).toBeUndefined();
  });
});

describe('the transcriber', () => {
  it('is a vendor with its own key, the one named in the settings, or none', () => {
    const name = (config: Parameters<typeof chooseTranscriber>[0]): string => {
      const chosenTranscriber = chooseTranscriber(config, deps);
      return chosenTranscriber === undefined
        ? 'nobody'
        : `${chosenTranscriber.provider}:${chosenTranscriber.model}`;
    };
    expect(name({})).toBe('nobody');
    expect(name({ openai: { apiKey: 'k' } })).toBe('openai:gpt-4o-mini-transcribe');
    expect(name({ openai: { apiKey: 'k', baseUrl: 'http://gateway' } })).toBe('nobody');
    expect(name({ gemini: { apiKey: 'k' } })).toBe('gemini:gemini-3.5-flash-lite');
    expect(name({ openai: { apiKey: 'k' }, gemini: { apiKey: 'k' } })).toMatch(/^openai:/);
    expect(name({ openai: { apiKey: 'k' }, transcription: 'none' })).toBe('nobody');
    expect(name({ openai: { apiKey: 'k' }, transcription: 'openai:whisper-1' })).toBe('openai:whisper-1');
    expect(() => name({ transcription: 'nowhere:x' })).toThrow('"nowhere:x" is no model');
  });
});
