import { CronExpressionParser } from 'cron-parser';
import { QueueError } from '../contracts/queue.js';

/**
 * The first time after `now` by a cron line of five fields, in local time of the zone: an hour that
 * a change of clocks removes is the next valid time, a doubled one counts once. Throws `QueueError`
 * of kind `invalid-schedule`.
 */
export function nextTime(cron: string, timezone: string, now: Date): Date {
  try {
    if (cron.trim().split(/\s+/).length !== 5) throw new Error('a cron line has five fields');
    return CronExpressionParser.parse(cron, { currentDate: now, tz: timezone }).next().toDate();
  } catch (cause) {
    throw new QueueError('invalid-schedule', `"${cron}" in ${timezone} names no time`, { cause });
  }
}
