import { CronExpressionParser } from 'cron-parser';
import { QueueError } from '../contracts/queue.js';

/**
 * The first time after `now` by a cron line of five fields, in local time of the zone: an hour that
 * a change of clocks removes is the next valid time, a doubled one counts once. Throws `QueueError`
 * of kind `invalid-schedule`.
 */
export function nextTime(cron: string, timezone: string, now: Date): Date {
  try {
    const fields = cron.trim().split(/\s+/);
    if (fields.length !== 5) throw new Error('a cron line has five fields');
    const times = CronExpressionParser.parse(cron, { currentDate: now, tz: timezone });
    // Lines that name no hour run by the time that passes, also in a doubled hour.
    const isOfHours = fields[1]?.startsWith('*') !== true;
    let next = times.next().toDate();
    while (isOfHours && isSecondPass(next, timezone)) next = times.next().toDate();
    return next;
  } catch (cause) {
    throw new QueueError('invalid-schedule', `"${cron}" in ${timezone} names no time`, { cause });
  }
}

/** How much clocks are put back, in ms. */
const PUT_BACK_MS = [30 * 60_000, 60 * 60_000];

/** Whether clocks showed this time before, as they were put back since. */
function isSecondPass(at: Date, timezone: string): boolean {
  const local = new Intl.DateTimeFormat('sv', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const localTime = local.format(at);
  return PUT_BACK_MS.some((ms) => local.format(new Date(at.getTime() - ms)) === localTime);
}
