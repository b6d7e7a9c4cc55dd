import { z } from 'zod';
import { FOLLOW_UP_REASONS } from '../contracts/follow-up-planner.js';
import type { I18n, Translate } from '../contracts/i18n.js';
import type { TenantScope } from '../contracts/stores.js';
import type { RequestFacts } from '../lib/api/route.js';
import { timeSchema } from '../lib/api/fields.js';
import type { FollowUp } from './follow-up.js';

export const STATUSES = ['pending', 'sent', 'failed', 'cancelled'] as const;

export const followUpSchema = z.object({
  id: z.string(),
  contact_id: z.string(),
  conversation_id: z.string(),
  channel: z.string(),
  message: z.string(),
  status: z.enum(STATUSES),
  reason: z.enum(FOLLOW_UP_REASONS).optional().describe('Why it failed or was cancelled'),
  reason_text: z
    .string()
    .optional()
    .describe('The same in words: in the language of `Accept-Language`, else of the business'),
  detail: z.string().optional().describe('What the platform said'),
  ended_at: timeSchema.optional().describe('Sent for the last time, failed or cancelled then'),
  next_run_at: timeSchema.nullable(),
  cron: z.string().optional(),
  timezone: z.string(),
  cancel_on_reply: z.boolean(),
  respect_hours: z.boolean(),
  expires_at: timeSchema.optional(),
  sequence: z
    .object({ name: z.string(), step: z.int() })
    .optional()
    .describe('The step of a sequence that it is'),
  promise: z
    .object({ conversation_id: z.string() })
    .optional()
    .describe('It reminds staff of what the bot promised there'),
  runs: z.int(),
  attempts: z.int(),
  last_sent_at: timeSchema.optional(),
  message_id: z.string().optional(),
  created_at: timeSchema,
});

export const followUpExample = {
  id: 'followup_5mQ0x7cWb2nVrT8sYkLd1A',
  contact_id: 'contact_5mQ0x7cWb2nVrT8sYkLd1A',
  conversation_id: 'c_8Zc1r9sYQ2mVw0bXkT3uPg',
  channel: 'telegram',
  message: 'Your order is ready.',
  status: 'pending',
  next_run_at: '2026-01-05T04:00:00.000Z',
  timezone: 'Asia/Jakarta',
  cancel_on_reply: true,
  respect_hours: false,
  runs: 0,
  attempts: 0,
  created_at: '2026-01-05T02:00:00.000Z',
};

/** A follow-up as the API and webhooks represent it. */
export function followUpJson(followUp: FollowUp, t: Translate): z.output<typeof followUpSchema> {
  const { reason, detail, endedAt, nextRunAt, cron, expiresAt, lastSentAt, messageId } = followUp;
  const { sequence, promise } = followUp;
  const isOver = followUp.status !== 'pending';
  return {
    id: followUp.id,
    contact_id: followUp.contactId,
    conversation_id: followUp.conversationId,
    channel: followUp.channel,
    message: followUp.message,
    status: followUp.status,
    ...(reason === undefined ? {} : { reason, reason_text: t('followUp.reason', { reason }) }),
    ...(detail === undefined ? {} : { detail }),
    ...(endedAt === undefined ? {} : { ended_at: endedAt.toISOString() }),
    next_run_at: isOver || nextRunAt === undefined ? null : nextRunAt.toISOString(),
    ...(cron === undefined ? {} : { cron }),
    timezone: followUp.timezone,
    cancel_on_reply: followUp.cancelOnReply,
    respect_hours: followUp.respectHours,
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt.toISOString() }),
    ...(sequence === undefined ? {} : { sequence: { name: sequence.name, step: sequence.step } }),
    ...(promise === undefined ? {} : { promise: { conversation_id: promise.conversationId } }),
    runs: followUp.runs,
    attempts: followUp.attempts,
    ...(lastSentAt === undefined ? {} : { last_sent_at: lastSentAt.toISOString() }),
    ...(messageId === undefined ? {} : { message_id: messageId }),
    created_at: followUp.createdAt.toISOString(),
  };
}

/** Translates into the language the client asks for, else that of the business. */
export function wordsFor(
  i18n: Pick<I18n, 'match' | 'translator'>,
  { settings }: Pick<TenantScope, 'settings'>,
  { headers }: Pick<RequestFacts, 'headers'>,
): Translate {
  const languages = (headers['accept-language'] ?? '').split(',').map((tag) => tag.split(';')[0]?.trim());
  const userLocale = languages.map((tag) => i18n.match(tag)).find((locale) => locale !== undefined);
  return i18n.translator(userLocale ?? settings.locale);
}
