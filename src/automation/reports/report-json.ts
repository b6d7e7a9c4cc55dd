import { z } from 'zod';
import { FOLLOW_UP_REASONS } from '../../contracts/follow-up-planner.js';
import { CURRENCY } from '../../contracts/usage.js';
import { timeSchema } from '../../lib/api/fields.js';
import type { PeriodNumbers, Report } from './make-report.js';
import { median, unusualIn } from './unusual.js';

const count = z.int().min(0);

const numbersSchema = z.object({
  conversations: count.describe('In which a person wrote'),
  new_contacts: count,
  messages: count.describe('Of people; staff are not counted'),
  answers: z
    .object({
      faq: count,
      knowledge: count,
      model: count,
      tool: count,
      command: count,
      human: count,
      asked_back: count.describe('The bot asked which of several was meant'),
      nothing: count,
    })
    .describe('What answered'),
  failed_deliveries: count,
  followups_sent: count,
  followups_failed: count,
  feedback: z.object({ up: count, down: count }),
  cost_micros: count,
  model_calls: count,
  failed_calls: count,
  unpriced_calls: count.describe('Calls whose model has no known price: the cost lacks them'),
});

export const reportSchema = z.object({
  period: z.enum(['day', 'week']),
  key: z.string().describe('2026-11-28 or 2026-W48'),
  from: timeSchema,
  until: timeSchema.describe('The first moment after it'),
  timezone: z.string(),
  is_over: z.boolean(),
  currency: z.string(),
  numbers: numbersSchema,
  messages_by_hour: z.array(count).describe('24, in local time'),
  before: z
    .array(z.object({ key: z.string(), numbers: numbersSchema }))
    .describe('The same of the weeks before, the latest first'),
  usual: z
    .object({ conversations: z.number(), messages: z.number(), cost_micros: z.number() })
    .nullable()
    .describe('The middle of the weeks before'),
  unusual: z.array(
    z.object({
      what: z.enum(['messages', 'failed_deliveries', 'unanswered', 'failed_calls', 'cost']),
      direction: z.enum(['low', 'high']),
      value: z.number(),
      usual: z.number(),
    }),
  ),
  unanswered: z.object({
    open: count,
    top: z.array(z.object({ id: z.string(), question: z.string(), locale: z.string(), count })),
  }),
  waiting: z.object({ count, since: timeSchema.nullable() }).describe('Conversations that wait for a person'),
  followup_failures: z
    .array(z.object({ reason: z.enum(FOLLOW_UP_REASONS), count }))
    .describe('Why follow-ups failed, the most frequent reason first'),
  followups_due: count.describe('Until the end of today'),
  channels: z.array(
    z.object({
      account_id: z.string(),
      channel: z.string(),
      state: z.string(),
      reason: z.string().optional(),
    }),
  ),
});

export function reportJson(report: Report): z.output<typeof reportSchema> {
  const { period, numbers, before, unanswered, waiting } = report;
  return {
    period: period.kind,
    key: period.key,
    from: period.from.toISOString(),
    until: period.until.toISOString(),
    timezone: report.timezone,
    is_over: report.isWhole,
    currency: CURRENCY,
    numbers: numbersJson(numbers),
    messages_by_hour: [...numbers.byHour],
    before: before.map((each) => ({ key: each.key, numbers: numbersJson(each) })),
    usual: before.length === 0 ? null : usualOf(before),
    unusual: report.isWhole ? [...unusualIn(report)] : [],
    unanswered: {
      open: unanswered.open,
      top: unanswered.top.map(({ id, question, locale, count: times }) => ({
        id,
        question,
        locale,
        count: times,
      })),
    },
    waiting: { count: waiting.count, since: waiting.since?.toISOString() ?? null },
    followup_failures: report.followUpFailures.map((each) => ({ ...each })),
    followups_due: report.followUpsDue,
    channels: report.channels.map(({ accountId, channel, state }) => ({
      account_id: accountId,
      channel,
      state: state.state,
      ...('reason' in state && state.reason !== undefined ? { reason: state.reason } : {}),
    })),
  };
}

function numbersJson(numbers: PeriodNumbers): z.output<typeof numbersSchema> {
  return {
    conversations: numbers.conversations,
    new_contacts: numbers.newContacts,
    messages: numbers.messages,
    answers: { ...numbers.answers },
    failed_deliveries: numbers.failedDeliveries,
    followups_sent: numbers.followUpsSent,
    followups_failed: numbers.followUpsFailed,
    feedback: { up: numbers.thumbsUp, down: numbers.thumbsDown },
    cost_micros: numbers.costMicros,
    model_calls: numbers.calls,
    failed_calls: numbers.failedCalls,
    unpriced_calls: numbers.unpricedCalls,
  };
}

function usualOf(before: readonly PeriodNumbers[]): {
  conversations: number;
  messages: number;
  cost_micros: number;
} {
  return {
    conversations: median(before.map(({ conversations }) => conversations)),
    messages: median(before.map(({ messages }) => messages)),
    cost_micros: median(before.map(({ costMicros }) => costMicros)),
  };
}
