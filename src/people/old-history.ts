import { defineJob, handleJob, type Job, type JobQueue } from '../contracts/queue.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';

const DAY_MS = 24 * 60 * 60_000;
/** At night, so that nobody is slowed down. */
const HOUR = 3;
const KEY = 'history';

/** Removes messages older than the business keeps them. */
const oldHistoryJob = defineJob<Record<string, never>>('people.old-history', { concurrency: 1 });

export interface OldHistoryDependencies {
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Schedules or cancels the nightly job according to the settings of a business. */
export async function followHistoryDays(
  { queue }: OldHistoryDependencies,
  scope: TenantScope,
): Promise<void> {
  const { history_days: days, timezone } = scope.settings;
  if (days === 0) {
    await queue.cancel(oldHistoryJob, scope.tenantId, KEY);
    return;
  }
  const cron = `${minuteOf(scope.tenantId)} ${HOUR} * * *`;
  await queue.repeat(oldHistoryJob, scope.tenantId, {}, { key: KEY, cron, timezone });
}

export function oldHistoryJobs({ clock, logger }: OldHistoryDependencies): readonly Job[] {
  return [
    handleJob(oldHistoryJob, {
      async run(scope, _data, { signal }) {
        const { history_days: days } = scope.settings;
        if (days === 0) return;
        const before = new Date(clock.now().getTime() - days * DAY_MS);
        const removed = await scope.conversations.removeHistory(before, signal);
        if (removed > 0) logger.info({ tenantId: scope.tenantId, removed, days }, 'old history forgotten');
      },
    }),
  ];
}

/** Spreads the businesses over the hour. */
const minuteOf = (tenantId: string): number =>
  [...tenantId].reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) % 60, 0);
