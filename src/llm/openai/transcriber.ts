import type OpenAI from 'openai';
import type { Clock, Fetch } from '../../contracts/runtime.js';
import type { TokenUsage } from '../../contracts/model.js';
import type { Transcriber } from '../../contracts/transcription.js';
import type { VendorAccess } from '../config.js';
import { aborted, field, malformed } from '../model-failure.js';
import { countAt, usageOf } from '../usage.js';
import { createOpenAiClient } from './client.js';
import { toOpenAiError } from './errors.js';

/** A transcriber behind `POST /audio/transcriptions` of OpenAI or a compatible server. */
export function createTranscriber(
  { provider, model, ...access }: { readonly provider: string; readonly model: string } & VendorAccess,
  deps: { readonly fetch: Fetch; readonly clock: Clock },
): Omit<Transcriber, 'priceOf'> {
  let client: Promise<OpenAI> | undefined;
  return {
    provider,
    model,
    async transcribe({ data, mediaType, fileName }, signal) {
      try {
        client ??= createOpenAiClient(access, deps.fetch);
        const { toFile } = await import('openai');
        const file = await toFile(data, fileName, { type: mediaType });
        const loaded = await client;
        const response: unknown = await loaded.audio.transcriptions.create({ file, model }, { signal });
        const text = field(response, 'text');
        if (typeof text !== 'string') throw malformed(provider, 'the transcript has no text');
        return { text: text.trim(), usage: usageIn(response) };
      } catch (error) {
        throw signal.aborted ? aborted(provider) : toOpenAiError(provider, error, deps.clock.now());
      }
    },
  };
}

/** Reads text and audio tokens, or seconds, whichever the vendor reports. */
function usageIn(response: unknown): TokenUsage {
  const usageField = field(response, 'usage');
  const counts = usageOf({
    inputTokens: countAt(usageField, 'input_tokens'),
    outputTokens: countAt(usageField, 'output_tokens'),
    cachedTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  });
  const audioTokens = Math.min(countAt(usageField, 'input_token_details.audio_tokens'), counts.inputTokens);
  const seconds = field(usageField, 'seconds');
  return {
    ...counts,
    ...(audioTokens === 0 ? {} : { audioTokens }),
    ...(typeof seconds === 'number' && seconds > 0 ? { audioSeconds: seconds } : {}),
  };
}
