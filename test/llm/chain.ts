import { expect } from 'vitest';
import type { Metrics } from '../../src/contracts/metrics.js';
import {
  ModelError,
  type ChainPart,
  type LanguageModel,
  type ModelRequest,
} from '../../src/contracts/model.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createModelChain, type ChainOptions } from '../../src/llm/router.js';
import { finish, text, type Act } from '../fakes/llm/scripted-model.js';
import { silentLogger } from '../fakes/silent-logger.js';

export const request: ModelRequest = {
  system: 's',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  maxOutputTokens: 100,
  locale: 'en',
};
export const { signal } = new AbortController();

export function recordingMetrics(): Metrics & { readonly outcomes: string[] } {
  const outcomes: string[] = [];
  return {
    outcomes,
    count: (_name, labels) => void outcomes.push(`${labels?.['provider']}:${labels?.['outcome']}`),
    observe: () => undefined,
    render: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
  };
}

export function chainOf(
  models: readonly LanguageModel[],
  options: Partial<ChainOptions> = {},
  metrics: Metrics = recordingMetrics(),
): ReturnType<typeof createModelChain> {
  return createModelChain({
    models,
    clock: systemClock,
    logger: silentLogger,
    metrics,
    options: { retryDelayMs: 1, ...options },
  });
}

export function fail(kind: ModelError['kind'], retryAfterMs?: number): ModelError {
  return new ModelError(kind, 'x', kind, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** The text a consumer ends up with; also checks the order of the parts. */
export function outcomeOf(parts: readonly ChainPart[]): string {
  let answer = '';
  let finishes = 0;
  for (const part of parts) {
    if (part.type === 'text-delta') answer += part.text;
    if (part.type === 'restart') answer = '';
    if (part.type === 'finish') finishes += 1;
  }
  expect(finishes).toBe(1);
  expect(parts.at(-1)?.type).toBe('finish');
  return answer;
}

export const good: Act = [text('backup '), text('answer'), finish];
