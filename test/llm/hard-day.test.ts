import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChainPart, ModelRequest, TurnSpending } from '../../src/contracts/model.js';
import type { createOpenAiModel } from '../../src/llm/openai/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createModelChain } from '../../src/llm/router.js';
import { createMetrics } from '../../src/telemetry/index.js';
import { anthropicDialect, geminiDialect, openAiDialect } from '../fakes/llm/dialects.js';
import { startScriptedServer, type Script, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { silentLogger } from '../fakes/silent-logger.js';

const request: ModelRequest = {
  system: 's',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  maxOutputTokens: 100,
  locale: 'en',
};
const { signal } = new AbortController();
const GOOD: Script = { chunks: openAiDialect.text('Good ', 'day.'), ending: 'end' };

/** The failures that may come first, each with the dialect of its vendor. */
const TROUBLE: readonly [string, Script, (url: string) => ReturnType<typeof createOpenAiModel>, number][] = [
  [
    'stalls midway',
    { chunks: openAiDialect.text('Bad ', 'x').slice(0, 1), ending: 'stall' },
    openAiDialect.create,
    // The vendor reports no usage, so once it has begun to answer the prompt is counted by its length.
    24,
  ],
  [
    'cuts the stream',
    { chunks: anthropicDialect.text('Bad ', 'x').slice(0, 4), pauseMs: 20, ending: 'cut' },
    anthropicDialect.create,
    11,
  ],
  [
    'sends a broken tool call',
    { chunks: anthropicDialect.toolCall('{"order":'), ending: 'end' },
    anthropicDialect.create,
    11,
  ],
  [
    'ends without a reason',
    { chunks: geminiDialect.text('Bad ', 'x').slice(0, 2), ending: 'end' },
    geminiDialect.create,
    11,
  ],
  [
    'answers 429 for a minute',
    openAiDialect.failure(429, 'rate_limit_exceeded', 'x', { 'retry-after': '60' }),
    openAiDialect.create,
    0,
  ],
  ['is overloaded', anthropicDialect.failure(529, 'overloaded_error'), anthropicDialect.create, 0],
];

describe('a vendor that', () => {
  let bad: ScriptedServer;
  let good: ScriptedServer;
  beforeEach(async () => {
    [bad, good] = await Promise.all([startScriptedServer(), startScriptedServer()]);
  });
  afterEach(() => Promise.all([bad.close(), good.close()]));

  it.each(TROUBLE)(
    '%s costs no answer, and the ledger stays correct',
    async (_name, trouble, create, inputTold) => {
      bad.play(trouble);
      good.play(GOOD);
      const chain = createModelChain({
        models: [create(bad.url), openAiDialect.create(good.url)],
        clock: systemClock,
        logger: silentLogger,
        metrics: createMetrics(),
        priceOf: (_provider, _model, usage) => usage.inputTokens + usage.outputTokens,
        options: { idleMs: 300, retriesPerModel: 0 },
      });
      const spending: TurnSpending = { calls: [], failures: 0, silentMs: 0 };
      const startedAt = systemClock.monotonicMs();
      const parts: ChainPart[] = [];
      for await (const part of chain.stream(request, signal, spending)) parts.push(part);
      expect(systemClock.monotonicMs() - startedAt).toBeLessThan(10_000);
      expect(parts.filter(({ type }) => type === 'finish')).toHaveLength(1);
      const left = parts.reduce(
        (output, part) =>
          part.type === 'restart' ? '' : part.type === 'text-delta' ? output + part.text : output,
        '',
      );
      expect(left).toBe('Good day.');
      const [failed, ok] = spending.calls;
      expect(ok).toMatchObject({
        usage: { inputTokens: 11, outputTokens: 7 },
        costMicros: 18,
        isEstimated: false,
      });
      expect(failed?.outcome).not.toBe('ok');
      // If the connection is cut, data in transit may be lost.
      expect([0, inputTold]).toContain(failed?.usage.inputTokens);
      expect(failed?.costMicros).toBe((failed?.usage.inputTokens ?? 0) + (failed?.usage.outputTokens ?? 0));
      expect(spending.calls).toHaveLength(2);
    },
  );

  it('reports impossible usage is not believed', async () => {
    const chunks = GOOD.chunks.map((chunk) =>
      chunk
        .replace('"prompt_tokens":11', '"prompt_tokens":900000000')
        .replace('"completion_tokens":7', '"completion_tokens":-5'),
    );
    good.play({ chunks, ending: 'end' });
    const chain = createModelChain({
      models: [openAiDialect.create(good.url)],
      clock: systemClock,
      logger: silentLogger,
      metrics: createMetrics(),
    });
    const spending: TurnSpending = { calls: [], failures: 0, silentMs: 0 };
    for await (const part of chain.stream(request, signal, spending)) void part;
    const [call] = spending.calls;
    expect(call?.isEstimated).toBe(true);
    expect(call?.usage.inputTokens).toBeLessThan(200);
    expect(call?.usage.outputTokens).toBe(3);
  });
});
