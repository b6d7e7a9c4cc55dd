import { ModelError, type LanguageModel, type ModelRequest } from '../contracts/model.js';
import type { Clock } from '../contracts/runtime.js';
import { malformed } from './model-failure.js';
import { watchedStream } from './watched-stream.js';

/** The result of calling a model to see whether it answers. */
export interface ModelProbe {
  /** `provider:model` */
  readonly model: string;
  readonly tookMs: number;
  readonly error?: ModelError;
}

/** Time limit for one word, in ms. */
const PROBE_MS = 20_000;
const PROBE: ModelRequest = {
  system: '',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Answer with the word ok.' }] }],
  maxOutputTokens: 16,
  locale: 'en',
};

/** Calls a model once to see whether it answers. Never throws. */
export async function probeModel(
  model: LanguageModel,
  clock: Clock,
  signal: AbortSignal,
): Promise<ModelProbe> {
  const startedAt = clock.monotonicMs();
  const limits = { idleMs: PROBE_MS, silentMs: PROBE_MS, totalMs: PROBE_MS };
  const error = await (async () => {
    try {
      const parts = watchedStream(model, PROBE, limits, { clock, signal, onPart: () => undefined });
      for await (const part of parts) if (part.type === 'finish') return undefined;
      return malformed(model.provider, 'nothing came');
    } catch (reason) {
      return reason instanceof ModelError ? reason : malformed(model.provider, 'failed in an unexpected way');
    }
  })();
  return {
    model: `${model.provider}:${model.model}`,
    tookMs: clock.monotonicMs() - startedAt,
    ...(error === undefined ? {} : { error }),
  };
}
