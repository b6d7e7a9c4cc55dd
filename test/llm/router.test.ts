import { describe, expect, it } from 'vitest';
import type { LanguageModel, ModelRequest, ModelStreamPart } from '../../src/contracts/model.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createModelChain } from '../../src/llm/router.js';
import { collect, failureOf } from '../contracts/language-model.js';
import { createScriptedModel, finish, text } from '../fakes/llm/scripted-model.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { request, signal, recordingMetrics, chainOf, fail, outcomeOf, good } from './chain.js';

describe('a chain of models', () => {
  it('asks only the first model while it answers', async () => {
    const second = createScriptedModel('second');
    const parts = await collect(
      chainOf([createScriptedModel('first', good), second]).stream(request, signal),
    );
    expect(parts.map((part) => part.type)).toEqual(['attempt', 'text-delta', 'text-delta', 'finish']);
    expect(second.requests).toHaveLength(0);
  });

  it.each(['unauthorized', 'quota-exhausted', 'invalid-request', 'context-overflow'] as const)(
    'moves to the next model at once after %s',
    async (kind) => {
      const first = createScriptedModel('first', [fail(kind)]);
      const parts = await collect(
        chainOf([first, createScriptedModel('second', good)]).stream(request, signal),
      );
      expect(outcomeOf(parts)).toBe('backup answer');
      expect(first.requests).toHaveLength(1);
      expect(parts.filter((part) => part.type === 'restart')).toEqual([]);
    },
  );

  it.each(['rate-limited', 'overloaded', 'unreachable', 'malformed'] as const)(
    'retries the same model once after %s',
    async (kind) => {
      const first = createScriptedModel('first', [fail(kind)], good);
      const second = createScriptedModel('second');
      const metrics = recordingMetrics();
      const parts = await collect(chainOf([first, second], {}, metrics).stream(request, signal));
      expect(outcomeOf(parts)).toBe('backup answer');
      expect(metrics.outcomes).toEqual([`first:${kind}`, 'first:ok']);
    },
  );

  it('does not wait for a model that asks for more than two seconds', async () => {
    const first = createScriptedModel('first', [fail('rate-limited', 2001)], good);
    await collect(chainOf([first, createScriptedModel('second', good)]).stream(request, signal));
    expect(first.requests).toHaveLength(1);
  });

  it('retracts text before another model starts over', async () => {
    const first = createScriptedModel('first', [text('half an '), fail('malformed')]);
    const parts = await collect(
      chainOf([first, createScriptedModel('second', good)], { retriesPerModel: 0 }).stream(request, signal),
    );
    expect(outcomeOf(parts)).toBe('backup answer');
    expect(parts.map((part) => part.type)).toEqual([
      'attempt',
      'text-delta',
      'restart',
      'attempt',
      'text-delta',
      'text-delta',
      'finish',
    ]);
    expect(parts[2]).toEqual({ type: 'restart', provider: 'first', reason: 'malformed' });
  });

  it('holds tool calls back until the model has finished', async () => {
    const call = { type: 'tool-call', call: { id: '1', name: 'a', arguments: {} } } as const;
    const first = createScriptedModel('first', [call, fail('malformed')]);
    const second = createScriptedModel('second', [call, { ...finish, reason: 'tool-calls' }]);
    const parts = await collect(chainOf([first, second], { retriesPerModel: 0 }).stream(request, signal));
    expect(parts.filter((part) => part.type === 'tool-call')).toHaveLength(1);
  });

  it('never makes more calls than its budget, and reaches the last model', async () => {
    const bad = ['a', 'b', 'c', 'd', 'e'].map((name) => createScriptedModel(name, [fail('overloaded')]));
    const last = createScriptedModel('last', good);
    const parts = await collect(chainOf([...bad, last]).stream(request, signal));
    expect(outcomeOf(parts)).toBe('backup answer');
    expect(bad.reduce((calls, model) => calls + model.requests.length, 0)).toBe(3);
  });

  it('raises the last error once if every model fails', async () => {
    const models = [
      createScriptedModel('a', [fail('overloaded')]),
      createScriptedModel('b', [fail('unauthorized')]),
    ];
    expect((await failureOf(chainOf(models).stream(request, signal))).kind).toBe('unauthorized');
    expect(models.map((model) => model.requests.length)).toEqual([2, 1]);
  });

  it('abandons a silent model and closes its call', async () => {
    const first = createScriptedModel('first', ['hang']);
    const parts = await collect(
      chainOf([first, createScriptedModel('second', good)], { idleMs: 30 }).stream(request, signal),
    );
    expect(outcomeOf(parts)).toBe('backup answer');
    expect(first.signals[0]?.aborted).toBe(true);
  });

  it('abandons a model that falls silent midway', async () => {
    const first = createScriptedModel('first', [text('half'), 'hang']);
    const parts = await collect(
      chainOf([first, createScriptedModel('second', good)], { idleMs: 30 }).stream(request, signal),
    );
    expect(outcomeOf(parts)).toBe('backup answer');
    expect(parts[2]).toEqual({ type: 'restart', provider: 'first', reason: 'stalled' });
  });

  it('abandons a model that sends keep-alives without text for the whole budget', async () => {
    async function* thinkForEver(
      _request: ModelRequest,
      inner: AbortSignal,
    ): AsyncGenerator<ReturnType<typeof text>> {
      while (!inner.aborted) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield text('');
      }
    }
    const first: LanguageModel = { ...createScriptedModel('first'), stream: thinkForEver };
    const error = await failureOf(chainOf([first], { silentMs: 60 }).stream(request, signal));
    expect(error.kind).toBe('stalled');
  });

  it('lets a slow but steady answer outlast every limit', async () => {
    async function* slow(): AsyncGenerator<ModelStreamPart> {
      for (let i = 0; i < 12; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        yield text('x');
      }
      yield finish;
    }
    const first: LanguageModel = { ...createScriptedModel('first'), stream: slow };
    const parts = await collect(chainOf([first], { idleMs: 500, silentMs: 500 }).stream(request, signal));
    expect(outcomeOf(parts)).toBe('x'.repeat(12));
  });

  it('lets a reader be as slow as it likes', async () => {
    const first = createScriptedModel('first', good);
    let answer = '';
    for await (const part of chainOf([first], { idleMs: 20 }).stream(request, signal)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (part.type === 'text-delta') answer += part.text;
    }
    expect(answer).toBe('backup answer');
  });

  it('stops everything at once when aborted, even while waiting to retry', async () => {
    for (const act of [['hang'], [fail('rate-limited', 1900)], [text('a'), 'hang']] as const) {
      const controller = new AbortController();
      const first = createScriptedModel('first', act);
      const second = createScriptedModel('second');
      setTimeout(() => controller.abort(), 20);
      const error = await failureOf(chainOf([first, second]).stream(request, controller.signal));
      expect(error.kind).toBe('aborted');
      expect(second.requests).toHaveLength(0);
    }
  });

  it('survives a model that ends without a finish or throws another error', async () => {
    const broken: LanguageModel = {
      ...createScriptedModel('broken'),
      stream: () => {
        throw new TypeError('bug');
      },
    };
    const unfinished = createScriptedModel('unfinished', [text('a')]);
    const models = [broken, unfinished, createScriptedModel('good', good)];
    expect(outcomeOf(await collect(chainOf(models).stream(request, signal)))).toBe('backup answer');
  });
});

describe('the circuit breaker of a model', () => {
  it('skips a dead model after three failures and recovers through one probe', async () => {
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    const first = createScriptedModel(
      'first',
      [fail('overloaded')],
      [fail('overloaded')],
      [fail('overloaded')],
      good,
    );
    const second = createScriptedModel('second', good);
    const chain = createModelChain({
      models: [first, second],
      clock,
      logger: silentLogger,
      metrics: recordingMetrics(),
      options: { retriesPerModel: 0 },
    });
    for (let turn = 0; turn < 6; turn += 1) await collect(chain.stream(request, signal));
    expect(first.requests).toHaveLength(3);
    nowMs += 30_000;
    const parts = await collect(chain.stream(request, signal));
    expect(parts[0]).toMatchObject({ type: 'attempt', provider: 'first' });
    await collect(chain.stream(request, signal));
    expect(first.requests).toHaveLength(5);
  });

  it('does not count requests that were invalid themselves', async () => {
    const first = createScriptedModel('first', [fail('invalid-request')]);
    const chain = chainOf([first, createScriptedModel('second', good)]);
    for (let turn = 0; turn < 6; turn += 1) await collect(chain.stream(request, signal));
    expect(first.requests).toHaveLength(6);
  });

  it('opens at once when the key is refused, and reports that if no other model is left', async () => {
    const first = createScriptedModel('first', [fail('unauthorized')]);
    const chain = chainOf([first]);
    await failureOf(chain.stream(request, signal));
    expect((await failureOf(chain.stream(request, signal))).kind).toBe('unauthorized');
    expect(first.requests).toHaveLength(1);
  });

  it('lets one probe through at a time, and allows another if the probe is aborted', async () => {
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    const first = createScriptedModel('first', [fail('unauthorized')], ['hang'], good);
    const chain = createModelChain({
      models: [first, createScriptedModel('second', good)],
      clock,
      logger: silentLogger,
      metrics: recordingMetrics(),
    });
    await collect(chain.stream(request, signal));
    nowMs += 30_000;
    const controller = new AbortController();
    const probe = failureOf(chain.stream(request, controller.signal));
    await expect.poll(() => first.requests.length).toBe(2);
    await collect(chain.stream(request, signal));
    expect(first.requests).toHaveLength(2);
    controller.abort();
    await probe;
    await collect(chain.stream(request, signal));
    expect(first.requests).toHaveLength(3);
  });
});
