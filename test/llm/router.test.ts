import { afterEach, describe, expect, it } from 'vitest';
import type { Metrics } from '../../src/contracts/metrics.js';
import {
  ModelError,
  type ChainPart,
  type LanguageModel,
  type ModelRequest,
  type ModelStreamPart,
  type TurnSpending,
} from '../../src/contracts/model.js';
import { systemClock } from '../../src/lib/clock.js';
import { createModelChain, type ChainOptions } from '../../src/llm/router.js';
import { collect, failureOf } from '../contracts/language-model.js';
import { DIALECTS } from '../fakes/llm/dialects.js';
import { createScriptedModel, finish, text, type Act } from '../fakes/llm/scripted-model.js';
import {
  closedPort,
  startScriptedServer,
  type Script,
  type ScriptedServer,
} from '../fakes/llm/scripted-server.js';
import { silentLogger } from '../fakes/silent-logger.js';

const request: ModelRequest = {
  system: 's',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  maxOutputTokens: 100,
  locale: 'en',
};
const { signal } = new AbortController();

function recordingMetrics(): Metrics & { readonly outcomes: string[] } {
  const outcomes: string[] = [];
  return {
    outcomes,
    count: (_name, labels) => void outcomes.push(`${labels?.['provider']}:${labels?.['outcome']}`),
    observe: () => undefined,
    render: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
  };
}

function chainOf(
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

function fail(kind: ModelError['kind'], retryAfterMs?: number): ModelError {
  return new ModelError(kind, 'x', kind, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** The text a consumer ends up with; also checks the order of the parts. */
function outcomeOf(parts: readonly ChainPart[]): string {
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

const good: Act = [text('backup '), text('answer'), finish];

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

describe('a chain over real servers', () => {
  const servers: ScriptedServer[] = [];
  const unhandled: unknown[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(unhandled).toEqual([]);
  });
  const start = async (...scripts: readonly Script[]): Promise<ScriptedServer> => {
    const server = await startScriptedServer();
    servers.push(server);
    server.play(...scripts);
    return server;
  };

  for (const dialect of DIALECTS) {
    const whole = dialect.text('never ', 'seen ', 'whole');
    const troubles: Readonly<Record<string, Script>> = {
      'silence after the headers': { chunks: [], ending: 'stall' },
      'silence in the middle': { chunks: whole.slice(0, 3), ending: 'stall' },
      'half a line and then silence': { chunks: [(whole[0] ?? '').slice(0, 25)], ending: 'stall' },
      'a tool call that never ends': { chunks: dialect.toolCall('{"order"').slice(0, 1), ending: 'cut' },
      'an error after the 200': { chunks: [...whole.slice(0, 2), dialect.errorEvent], ending: 'end' },
      'a cut connection': { chunks: whole.slice(0, 3), ending: 'cut' },
      'broken JSON': { chunks: ['data: {"x\n\n'], ending: 'end' },
      'an empty answer': { chunks: [], ending: 'end' },
      'status 429': dialect.failure(429, 'rate', 'x', { 'retry-after': '1' }),
      'status 500': dialect.failure(500, 'internal'),
      'status 529': dialect.failure(529, 'overloaded_error'),
      'status 401': dialect.failure(401, 'authentication_error'),
    };
    it.each(Object.entries(troubles))(`answers once after ${dialect.name} gave %s`, async (_name, script) => {
      const bad = await start(script);
      const backup = await start({ chunks: dialect.text('all ', 'good'), ending: 'end' });
      const models = [dialect.create(bad.url), dialect.create(backup.url)];
      const parts = await collect(chainOf(models, { idleMs: 1_000 }).stream(request, signal));
      expect(outcomeOf(parts)).toBe('all good');
      if (script.ending === 'stall') await bad.requests[0]?.closedByClient;
    });

    it(`answers once when ${dialect.name} refuses the connection`, async () => {
      const backup = await start({ chunks: dialect.text('all ', 'good'), ending: 'end' });
      const models = [dialect.create(await closedPort()), dialect.create(backup.url)];
      expect(outcomeOf(await collect(chainOf(models).stream(request, signal)))).toBe('all good');
    });
  }
});

describe('the usage of calls', () => {
  const usage = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens });
  const spendingOf = async (models: readonly LanguageModel[]): Promise<TurnSpending> => {
    const spending: TurnSpending = { calls: [], failures: 0, silentMs: 0 };
    await collect(chainOf(models).stream(request, signal, spending)).catch(() => undefined);
    return spending;
  };

  it('is counted for every attempt, including abandoned ones', async () => {
    const first = createScriptedModel('first', [
      { type: 'usage', usage: usage(50, 1) },
      text('A long beginning of an answer.'),
      fail('malformed'),
    ]);
    const { calls } = await spendingOf([first, createScriptedModel('second', good)]);
    expect(calls.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['first', 'malformed'],
      ['first', 'malformed'],
      ['second', 'ok'],
    ]);
    expect(calls[0]).toMatchObject({ usage: { inputTokens: 50 }, isEstimated: true });
    expect(calls[0]?.usage.outputTokens).toBeGreaterThan(5);
    expect(calls[2]).toMatchObject({ usage: usage(1, 1), isEstimated: false });
  });

  it('is zero for a call refused before it started', async () => {
    const { calls } = await spendingOf([
      createScriptedModel('first', [fail('unauthorized')]),
      createScriptedModel('second', good),
    ]);
    expect(calls[0]?.usage).toEqual(usage(0, 0));
  });

  it.each([
    ['nothing', usage(0, 0)],
    ['only half of it', usage(12, 0)],
    ['an impossible amount', usage(1e12, 1e12)],
  ])('is estimated if the vendor reports %s', async (_name, reported) => {
    const { calls } = await spendingOf([
      createScriptedModel('first', [text('Some words of an answer.'), { ...finish, usage: reported }]),
    ]);
    const [only] = calls;
    expect(only?.isEstimated).toBe(true);
    expect(only?.usage.outputTokens).toBe(7);
    expect(only?.usage.inputTokens).toBeLessThan(100);
    expect(only?.usage.inputTokens).toBeGreaterThan(10);
  });

  it('is counted even if the reader leaves midway', async () => {
    const spending: TurnSpending = { calls: [], failures: 0, silentMs: 0 };
    const chain = chainOf([createScriptedModel('first', [text('Some words'), 'hang'])]);
    for await (const part of chain.stream(request, signal, spending)) if (part.type === 'text-delta') break;
    expect(spending.calls).toMatchObject([{ outcome: 'aborted', isEstimated: true }]);
    expect(spending.calls[0]?.usage.outputTokens).toBeGreaterThan(0);
  });

  it.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
    'is counted exactly if the stream of %s is cut',
    async (_name, dialect) => {
      const server = await startScriptedServer();
      try {
        const whole = dialect.text('Good ', 'day.');
        server.play({ chunks: whole.slice(0, -1), ending: 'cut' }, { chunks: whole, ending: 'end' });
        const { calls } = await spendingOf([dialect.create(server.url)]);
        expect(calls.at(-1)).toMatchObject({ outcome: 'ok', usage: usage(11, 7), isEstimated: false });
        expect(calls[0]?.usage.inputTokens).toBeGreaterThan(0);
      } finally {
        await server.close();
      }
    },
  );
});

describe('one turn', () => {
  it('has one budget of attempts for all its rounds', async () => {
    const spending: TurnSpending = { calls: [], failures: 0, silentMs: 0 };
    const failing = createScriptedModel('first', [fail('overloaded')]);
    const chain = chainOf([failing], { calls: 3, retriesPerModel: 5 });
    await failureOf(chain.stream(request, signal, spending));
    await failureOf(chain.stream(request, signal, spending));
    expect(failing.requests).toHaveLength(3);
  });

  it('ends at its deadline even while text is still arriving', async () => {
    async function* endless(): AsyncGenerator<ModelStreamPart> {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield text('x');
      }
    }
    const model: LanguageModel = { ...createScriptedModel('first'), stream: endless };
    const deadlineAt = systemClock.monotonicMs() + 60;
    const spending: TurnSpending = { calls: [], failures: 0, silentMs: 0, deadlineAt };
    const chain = chainOf([model, createScriptedModel('second')]);
    expect((await failureOf(chain.stream(request, signal, spending))).kind).toBe('stalled');
  });

  it('makes no call that is over budget, and lets free models answer', async () => {
    const paid = createScriptedModel('paid');
    const free = createScriptedModel('free', good);
    const own: LanguageModel = { ...free, capabilities: { ...free.capabilities, groundedOnly: true } };
    const account = { reserve: () => Promise.resolve(undefined) };
    const spending: TurnSpending = { calls: [], failures: 0, silentMs: 0, account };
    const parts = await collect(chainOf([paid, own]).stream(request, signal, spending));
    expect(outcomeOf(parts)).toBe('backup answer');
    expect(spending.calls).toEqual([]);
    const error = await failureOf(chainOf([paid]).stream(request, signal, { ...spending }));
    expect(error.kind).toBe('over-budget');
    expect(paid.requests).toEqual([]);
  });
});
