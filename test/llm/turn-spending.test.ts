import { describe, expect, it } from 'vitest';
import type { LanguageModel, ModelStreamPart, TurnSpending } from '../../src/contracts/model.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { collect, failureOf } from '../contracts/language-model.js';
import { DIALECTS } from '../fakes/llm/dialects.js';
import { createScriptedModel, finish, text } from '../fakes/llm/scripted-model.js';
import { startScriptedServer } from '../fakes/llm/scripted-server.js';
import { request, signal, chainOf, fail, outcomeOf, good } from './chain.js';

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
