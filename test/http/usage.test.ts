import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { RecordedUsage, usageRoutes } from '../../src/llm/index.js';
import { plannedCall } from '../fakes/planned-call.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { startHttpFixture, type HttpFixture } from './support/http-fixture.js';

const usage = new RecordedUsage({
  clock: systemClock,
  logger: silentLogger,
  makeId,
  warn: () => Promise.resolve(),
});

describe('model usage over the API', () => {
  let http: HttpFixture;
  let key: string;
  beforeAll(async () => {
    http = await startHttpFixture({ deps: { routes: usageRoutes({ usage, clock: systemClock }) } });
    key = await http.tenant('a');
    const account = usage.account(await http.scope('a'), { contactId: 'ct_1', purpose: 'answer' });
    for (const costMicros of [40, undefined]) {
      const reserved = await account.reserve(plannedCall(0));
      reserved?.settle({
        provider: 'openai',
        model: costMicros === undefined ? 'gpt-9' : 'gpt-5-mini',
        usage: { inputTokens: 100, outputTokens: 20, cachedTokens: 60 },
        isEstimated: false,
        ...(costMicros === undefined ? {} : { costMicros }),
        outcome: 'ok',
        tookMs: 10,
      });
    }
  });
  afterAll(() => http.close(1000));

  it('is summed by day or by the requested group', async () => {
    const { status, body } = await http.call('GET', '/v1/usage', { key });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      items: [
        {
          turns: 1,
          calls: 2,
          input_tokens: 200,
          output_tokens: 40,
          cached_tokens: 120,
          cost_micros: 40,
          currency: 'USD',
          unpriced_calls: 1,
        },
      ],
      next_cursor: null,
    });
    const byModel = await http.call('GET', '/v1/usage?group_by=model', { key });
    expect(byModel.body['items']).toMatchObject([
      { key: 'openai:gpt-5-mini', unpriced_calls: 0 },
      { key: 'openai:gpt-9', unpriced_calls: 1 },
    ]);
    const now = new Date().toISOString();
    const bounded = await http.call('GET', `/v1/usage?from=${now}&to=${now}&group_by=contact`, { key });
    expect(bounded.body['items']).toMatchObject([{ key: 'ct_1' }]);
    const past = await http.call('GET', '/v1/usage?from=2020-01-01&to=2020-01-02', { key });
    expect(past.body['items']).toEqual([]);
  });

  it('refuses a range that ends before it starts, and unknown groups', async () => {
    for (const query of ['from=2026-02-01&to=2026-01-01', 'group_by=moon', 'from=yesterday']) {
      expect((await http.call('GET', `/v1/usage?${query}`, { key })).status).toBe(400);
    }
  });

  it('has a budget that is replaced as a whole', async () => {
    const put = (json: unknown) => http.call('PUT', '/v1/usage/budget', { key, json });
    expect((await put({ day_micros: 1000, month_micros: 5000 })).body).toMatchObject({
      day_micros: 1000,
      month_micros: 5000,
      spent: { day_micros: 40, month_micros: 40 },
    });
    expect((await put({ day_micros: null, contact_day_micros: 10 })).status).toBe(200);
    const { body } = await http.call('GET', '/v1/usage/budget', { key });
    expect(body).toEqual({
      contact_day_micros: 10,
      spent: { day_micros: 40, month_micros: 40 },
      currency: 'USD',
    });
    expect((await put({ day_micros: -1 })).status).toBe(400);
  });

  it('is hidden from other businesses', async () => {
    const other = await http.tenant('b');
    expect((await http.call('GET', '/v1/usage', { key: other })).body['items']).toEqual([]);
    expect((await http.call('GET', '/v1/usage', {})).status).toBe(401);
  });
});
