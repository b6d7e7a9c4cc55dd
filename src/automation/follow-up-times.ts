import { z } from 'zod';
import { timeSchema } from '../lib/api/fields.js';
import { invalidRequest } from '../lib/api/problem.js';
import { durationMs } from '../lib/time/duration.js';
import { nextTime } from '../lib/time/next-time.js';

/** A caller's clock may be behind ours: a time that passed within this period means "now", in ms. */
const CLOCK_DIFFERENCE_MS = 60_000;

/** When a follow-up is sent, as fields of a request. */
export const timeFields = {
  at: timeSchema.optional().describe('A moment to come; one of the last minute is sent at once'),
  in: z.string().max(60).optional().describe('ISO 8601 duration or words: "2 hours", "3 hari"'),
  cron: z.string().max(120).optional().describe('Five fields, in the time zone'),
  timezone: z
    .string()
    .refine(
      (zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC',
      'not an IANA time zone',
    )
    .optional(),
  expires_at: timeSchema.optional().describe('It is not sent after this; later than its time'),
};
type Times = z.output<z.ZodObject<typeof timeFields>>;

/** The moment given by `at` or `in`, if either is present. */
export function namedTime({ at, in: wait, cron }: Times, now: Date): Date | undefined {
  if ([at, wait, cron].filter((value) => value !== undefined).length > 1) {
    throw invalidRequest('Only one of at, in and cron can be given.');
  }
  if (at !== undefined) {
    const moment = new Date(at);
    if (now.getTime() - moment.getTime() > CLOCK_DIFFERENCE_MS) {
      throw invalidRequest('This time is over.', [{ path: 'at', code: 'past', message: 'is over' }]);
    }
    return moment;
  }
  if (wait === undefined) return undefined;
  const ms = durationMs(wait);
  if (ms === undefined) {
    const errors = [{ path: 'in', code: 'invalid', message: 'is not a duration above zero' }];
    throw invalidRequest('The duration cannot be read.', errors);
  }
  return new Date(now.getTime() + ms);
}

/** Refuses an expiry that is not after the first time the follow-up could be sent. */
export function checkExpiry(
  { expires_at: expiresAt }: Times,
  first: Date | { readonly cron: string; readonly timezone: string },
  now: Date,
): void {
  if (expiresAt === undefined) return;
  const next = first instanceof Date ? first : nextTime(first.cron, first.timezone, now);
  if (new Date(expiresAt) > next) return;
  throw invalidRequest('It would expire before it is sent.', [
    { path: 'expires_at', code: 'past', message: 'is not later than its time' },
  ]);
}
