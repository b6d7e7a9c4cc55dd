import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelError, type ModelAccount } from '../../src/contracts/model.js';
import type { UsageGroup } from '../../src/contracts/usage.js';
import { dayIn } from '../../src/lib/time/calendar.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createModelChain } from '../../src/llm/router.js';
import { createMetrics } from '../../src/telemetry/index.js';
import { write } from '../commands/open-shop.js';
import { finish, text, type Act } from '../fakes/llm/scripted-model.js';
import { plannedCall } from '../fakes/planned-call.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { model, openBatikShop } from './support/batik-shop.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
beforeAll(async () => {
  // Each answer reserves its prompt and 50 tokens, at one micro-unit per token. No model writes summaries,
  // which would cost too.
  shop = await openBatikShop({ models: { chain: [], helper: ['helper'], max_output_tokens: 50 } });
});
afterAll(() => shop.close());

const QUESTION = 'How do I wash hand-drawn batik?';
const answers = (input: number, output: number): Act => [
  text('Cold water [1].'),
  { ...finish, usage: { inputTokens: input, outputTokens: output, cachedTokens: 10 } },
];
const call = {
  provider: 'scripted',
  model: 'scripted',
  usage: { inputTokens: 1, outputTokens: 1 },
  isEstimated: false,
  outcome: 'ok',
  tookMs: 1,
} as const;
const run = async (line: string) => write(shop, await shop.person('boss'), line);
const report = async (groupBy: UsageGroup) => {
  const day = dayIn('Asia/Jakarta', new Date());
  return shop.services.usage.report(await shop.scope(), { from: day, to: day, groupBy });
};

describe('the ledger', () => {
  it('records every call with its tokens, failed ones too, by day, model, contact and purpose', async () => {
    const failing = model(
      [
        { type: 'usage', usage: { inputTokens: 70, outputTokens: 1 } },
        text('A'),
        new ModelError('malformed', 'x', 'cut'),
      ],
      answers(100, 20),
    );
    const { turn } = await shop.say(QUESTION, { models: [failing] });
    expect(turn.answer.usage).toMatchObject({ inputTokens: 170, outputTokens: 21, costMicros: 191 });
    await shop.say(QUESTION, { models: [model(answers(200, 30))], person: 'other' });
    const [total, ...others] = await report('day');
    expect(others).toEqual([]);
    expect(total).toMatchObject({
      turns: 2,
      calls: 3,
      failedCalls: 1,
      inputTokens: 370,
      outputTokens: 51,
      cachedTokens: 20,
      costMicros: 421,
      unpricedCalls: 0,
    });
    expect(await report('model')).toMatchObject([{ key: 'scripted:scripted', turns: 2 }]);
    expect((await report('contact')).map(({ costMicros }) => costMicros)).toEqual([230, 191]);
    expect(await report('purpose')).toMatchObject([{ key: 'answer', calls: 3 }]);
  });

  it('is reported to staff', async () => {
    const { text: usageText } = await run('/usage');
    expect(usageText).toContain('2 answers, 421 tokens');
    expect(usageText).toContain('scripted:scripted');
  });
});

describe('a budget', () => {
  const budget = async (limits: Parameters<typeof shop.services.usage.setBudget>[1]) =>
    shop.services.usage.setBudget(await shop.scope(), limits);

  it('stops all paid models once it is spent, and the answer says so', async () => {
    await budget({ dayMicros: 500 });
    const paid = model();
    const { turn } = await shop.say(QUESTION, { models: [paid] });
    expect(paid.requests).toEqual([]);
    expect(turn.answer.text).toMatch(/from our documents/);
    expect(turn.answer.bubbles.at(-1)?.text).toMatch(/from our documents/);
    const none = await shop.say('Do you sell helicopters?', { models: [paid] });
    expect(none.turn.answer.source).toBe('fallback');
    expect(none.turn.answer.text).toContain('only give short answers from our documents');
  });

  it('counts earlier spending and the actual cost of a call, not the amount reserved for it', async () => {
    await budget({ dayMicros: 20_000 });
    await shop.say(QUESTION, { models: [model(answers(100, 20))] });
    await shop.services.usage.flush();
    const { spent } = await shop.services.usage.budget(await shop.scope());
    expect(spent).toEqual({ dayMicros: 541, monthMicros: 541 });
  });

  it('warns once each at 50, 80 and 100 percent', async () => {
    shop.warnings.length = 0;
    await budget({ dayMicros: 8_000 });
    for (const cost of [1_000, 2_700, 300, 1_900, 10])
      await shop.say(QUESTION, { models: [model(answers(cost, 0))] });
    await shop.services.usage.flush();
    expect(shop.warnings.map(({ limit, level }) => [limit, level])).toEqual([
      ['day', 50],
      ['day', 80],
    ]);
    await shop.say(QUESTION, { models: [model(answers(900, 0))] });
    await shop.say(QUESTION, { models: [model(answers(1, 0))] });
    await shop.services.usage.flush();
    expect(shop.warnings.at(-1)).toMatchObject({ limit: 'day', level: 100, limitMicros: 8_000 });
  });

  it('of one contact does not affect another', async () => {
    await budget({ contactDayMicros: 3_000 });
    await shop.say(QUESTION, { models: [model(answers(2_900, 0))], person: 'talker' });
    const paid = model(answers(1, 1));
    await shop.say(QUESTION, { models: [paid], person: 'talker' });
    expect(paid.requests).toHaveLength(0);
    await shop.say(QUESTION, { models: [paid], person: 'newcomer' });
    expect(paid.requests).toHaveLength(1);
  });

  it('holds when many turns reserve at once', async () => {
    await budget({ dayMicros: 100_000 });
    await shop.say(QUESTION, { models: [model(answers(1, 1))] });
    const before = (await shop.services.usage.budget(await shop.scope())).spent.dayMicros;
    const scope = await shop.scope();
    await budget({ dayMicros: before + 3_000 });
    shop.warnings.length = 0;
    const account = shop.services.usage.account(scope, { purpose: 'answer' });
    const settled = async () => {
      const reserved = await account.reserve(plannedCall(1_000));
      await new Promise((resolve) => setTimeout(resolve, 20));
      reserved?.settle({ ...call, costMicros: 900 });
      return reserved !== undefined;
    };
    const paid = await Promise.all(Array.from({ length: 10 }, settled));
    await shop.services.usage.flush();
    // A fourth reservation would have exceeded what was left.
    expect(paid.filter((each) => each)).toHaveLength(3);
    const { spent } = await shop.services.usage.budget(scope);
    expect(spent.dayMicros - before).toBe(2_700);
    expect(shop.warnings.at(-1)).toMatchObject({ level: 100, spentMicros: before + 2_700 });
  });

  it('is not exhausted by the reservations of twenty simultaneous turns, and sends no warning for them', async () => {
    const scope = await shop.scope();
    const { spent } = await shop.services.usage.budget(scope);
    await budget({ dayMicros: 10 * spent.dayMicros + 5_000 });
    shop.warnings.length = 0;
    const account = shop.services.usage.account(scope, { purpose: 'answer' });
    const most = 9 * spent.dayMicros + 5_000;
    const paid = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const reserved = await account.reserve(plannedCall(Math.floor(most / 8)));
        await new Promise((resolve) => setTimeout(resolve, 20));
        reserved?.settle({ ...call, costMicros: 10 });
        return reserved !== undefined;
      }),
    );
    await shop.services.usage.flush();
    expect(paid).not.toContain(false);
    expect(shop.warnings).toEqual([]);
    expect((await shop.services.usage.budget(scope)).spent.dayMicros - spent.dayMicros).toBe(200);
  });

  it('reserves the thinking tokens too, at the highest price the input can have', async () => {
    const aside: number[] = [];
    const account: ModelAccount = {
      reserve: ({ mostMicros }) => {
        aside.push(mostMicros);
        return Promise.resolve(undefined);
      },
    };
    const thinking = { ...model(), mostOutputTokens: () => 2_050 };
    const chain = createModelChain({
      models: [thinking],
      clock: systemClock,
      logger: silentLogger,
      metrics: createMetrics(),
      priceOf: (_provider, _model, { outputTokens, cacheWriteTokens = 0 }) => outputTokens + cacheWriteTokens,
    });
    const asked = { system: '', messages: [], maxOutputTokens: 50, locale: 'en' };
    const { signal } = new AbortController();
    const stream = chain.stream(asked, signal, { calls: [], failures: 0, silentMs: 0, account });
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'over-budget' });
    expect(aside).toHaveLength(1);
    expect(aside[0]).toBeGreaterThan(2_050);
  });

  it('is shown and set from chat', async () => {
    expect((await run('/budget set day 2.5')).text).toContain('of USD 2.50');
    expect((await run('/budget')).text).toContain('A day: ');
    expect((await run('/budget set day 0')).text).toContain('A day: USD');
    expect((await run('/budget')).text).toContain('no limit');
  });
});
