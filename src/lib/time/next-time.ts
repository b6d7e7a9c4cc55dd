import { CronExpressionParser } from 'cron-parser';
import { QueueError } from '../../contracts/queue.js';

/**
 * The first time after `now` that matches a five-field cron expression in the zone's local time: a skipped
 * hour becomes the next valid time, and a doubled one counts once. Throws `QueueError` of kind
 * `invalid-schedule`.
 */
export function nextTime(cron: string, timezone: string, now: Date): Date {
  try {
    const fields = cron.trim().split(/\s+/);
    if (fields.length !== 5) throw new Error('a cron line has five fields');
    const times = CronExpressionParser.parse(cron, { currentDate: now, tz: timezone });
    // Expressions without a fixed hour follow elapsed time, also through a doubled hour.
    const isOfHours = fields[1]?.startsWith('*') !== true;
    let next = times.next().toDate();
    while (isOfHours && isSecondPass(next, timezone)) next = times.next().toDate();
    return next;
  } catch (cause) {
    throw new QueueError('invalid-schedule', `"${cron}" in ${timezone} names no time`, { cause });
  }
}

/** By how much clocks can be set back, in ms. */
const PUT_BACK_MS = [30 * 60_000, 60 * 60_000];

/** Whether clocks already showed this time before being set back. */
function isSecondPass(at: Date, timezone: string): boolean {
  const local = new Intl.DateTimeFormat('sv', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const localTime = local.format(at);
  return PUT_BACK_MS.some((ms) => local.format(new Date(at.getTime() - ms)) === localTime);
}
