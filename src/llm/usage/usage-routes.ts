import { z } from 'zod';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import {
  CURRENCY,
  USAGE_GROUPS,
  type BudgetState,
  type UsageService,
  type UsageTotals,
} from '../../contracts/usage.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { listSchema } from '../../lib/api/fields.js';
import { invalidRequest } from '../../lib/api/problem.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { dayIn, firstOfMonth } from '../../lib/time/calendar.js';

const day = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);
const usageQuery = z.strictObject({
  from: day.optional().describe('First day or moment; the first of this month when absent'),
  to: day.optional().describe('Last day or moment; today when absent'),
  group_by: z.enum(USAGE_GROUPS).default('day'),
});

const count = z.int().nonnegative();
const totalsSchema = z.object({
  key: z.string().describe('The day, `provider:model`, contact or purpose'),
  turns: count,
  calls: count,
  failed_calls: count,
  estimated_calls: count.describe(
    'Their vendor reported no count, or the process died before it did: the tokens are estimated',
  ),
  unpriced_calls: count.describe('Their model has no known price; `cost_micros` lacks them'),
  input_tokens: count,
  output_tokens: count,
  cached_tokens: count,
  reasoning_tokens: count,
  cost_micros: count,
  currency: z.string(),
});

const micros = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const budgetBody = z.strictObject({
  day_micros: micros.nullish().describe('Most that models may cost a day, in micro-units'),
  month_micros: micros.nullish(),
  contact_day_micros: micros.nullish().describe('Of each contact'),
});
const budgetSchema = z.object({
  day_micros: micros.optional(),
  month_micros: micros.optional(),
  contact_day_micros: micros.optional(),
  spent: z.object({ day_micros: micros, month_micros: micros }),
  currency: z.string(),
});

const totalsExample = {
  key: '2026-01-05',
  turns: 120,
  calls: 131,
  failed_calls: 3,
  estimated_calls: 1,
  unpriced_calls: 0,
  input_tokens: 310_000,
  output_tokens: 21_000,
  cached_tokens: 240_000,
  reasoning_tokens: 0,
  cost_micros: 61_500,
  currency: CURRENCY,
};
const budgetExample = {
  day_micros: 2_000_000,
  spent: { day_micros: 61_500, month_micros: 480_000 },
  currency: CURRENCY,
};
const budgetAnswer = {
  200: { description: 'The limits and what is spent', schema: budgetSchema, example: budgetExample },
};

/** Routes for what models used and what they may cost. */
export function usageRoutes(deps: { readonly usage: UsageService; readonly clock: Clock }): readonly Route[] {
  const { usage, clock } = deps;
  const tag = 'usage';
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/usage',
      auth: 'tenant',
      tag,
      summary: 'Get the usage of models: tokens and money, including failed calls',
      description: 'Days are those of the time zone of the business. Both ends are included.',
      query: usageQuery,
      responses: {
        200: {
          description: 'Totals',
          schema: listSchema(totalsSchema),
          example: { items: [totalsExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const today = dayIn(scope.settings.timezone, clock.now());
        const to = dayOf(scope, query.to) ?? today;
        const from = dayOf(scope, query.from) ?? firstOfMonth(to);
        if (from > to) {
          throw invalidRequest('The first day comes after the last.', [
            { path: 'from', code: 'invalid_range', message: 'comes after `to`' },
          ]);
        }
        const totals = await usage.report(scope, { from, to, groupBy: query.group_by });
        return json(200, { items: totals.map(totalsJson), next_cursor: null });
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/usage/budget',
      auth: 'tenant',
      tag,
      summary: 'Get the budget for models and what has been spent',
      responses: budgetAnswer,
      async handler({ access: { scope } }) {
        return json(200, budgetJson(await usage.budget(scope)));
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/usage/budget',
      auth: 'tenant',
      tag,
      summary: 'Set the budget for models',
      description:
        'Replaces all limits; what is absent or null is not limited. Staff are told at 50, 80 and 100 %. After that questions are answered without a model.',
      body: jsonBody(budgetBody, { day_micros: 2_000_000, month_micros: 40_000_000 }),
      responses: budgetAnswer,
      async handler({ body, access: { scope } }) {
        const { day_micros: a, month_micros: b, contact_day_micros: c } = body;
        await usage.setBudget(scope, {
          ...(typeof a !== 'number' ? {} : { dayMicros: a }),
          ...(typeof b !== 'number' ? {} : { monthMicros: b }),
          ...(typeof c !== 'number' ? {} : { contactDayMicros: c }),
        });
        return json(200, budgetJson(await usage.budget(scope)));
      },
    }),
  ];
}

/** Converts a moment to its day in the time zone of the business. */
function dayOf({ settings }: TenantScope, value: string | undefined): string | undefined {
  return value === undefined || !value.includes('T') ? value : dayIn(settings.timezone, new Date(value));
}

function totalsJson(totals: UsageTotals): z.output<typeof totalsSchema> {
  return {
    key: totals.key,
    turns: totals.turns,
    calls: totals.calls,
    failed_calls: totals.failedCalls,
    estimated_calls: totals.estimatedCalls,
    unpriced_calls: totals.unpricedCalls,
    input_tokens: totals.inputTokens,
    output_tokens: totals.outputTokens,
    cached_tokens: totals.cachedTokens,
    reasoning_tokens: totals.reasoningTokens,
    cost_micros: totals.costMicros,
    currency: CURRENCY,
  };
}

function budgetJson({ budget, spent }: BudgetState): z.output<typeof budgetSchema> {
  const { dayMicros, monthMicros, contactDayMicros } = budget;
  return {
    ...(dayMicros === undefined ? {} : { day_micros: dayMicros }),
    ...(monthMicros === undefined ? {} : { month_micros: monthMicros }),
    ...(contactDayMicros === undefined ? {} : { contact_day_micros: contactDayMicros }),
    spent: { day_micros: spent.dayMicros, month_micros: spent.monthMicros },
    currency: CURRENCY,
  };
}
