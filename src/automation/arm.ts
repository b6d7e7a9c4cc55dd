import type { Outreach } from '../contracts/chat.js';
import type { Events } from '../contracts/events.js';
import type { I18n } from '../contracts/i18n.js';
import { defineJob, type JobQueue } from '../contracts/queue.js';
import type { Clock, MakeId } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import type { FollowUp } from './follow-up.js';

export const followUpJob = defineJob<{ readonly followUpId: string }>('automation.follow-up', {
  concurrency: 4,
});

/** Longer than any write takes, in ms. */
const WRITTEN_WITHIN_MS = 30_000;

/**
 * When the job of a record that is about to be written comes for it, even if the process dies before it can
 * queue the job for the right time.
 */
export function guardTime({ clock }: { readonly clock: Pick<Clock, 'now'> }): Date {
  return new Date(clock.now().getTime() + WRITTEN_WITHIN_MS);
}

export interface FollowUpDependencies {
  readonly outreach: Outreach;
  readonly queue: JobQueue;
  readonly events: Events;
  readonly clock: Clock;
  readonly makeId: MakeId;
  /** For failure reasons in the language of the business. */
  readonly i18n: Pick<I18n, 'translator'>;
}

/** Queues the job of a follow-up for its time, or for `at`. */
export async function arm(
  { queue, clock }: Pick<FollowUpDependencies, 'queue' | 'clock'>,
  scope: TenantScope,
  { id, nextRunAt }: Pick<FollowUp, 'id' | 'nextRunAt'>,
  at = nextRunAt ?? clock.now(),
): Promise<void> {
  await queue.enqueue(followUpJob, scope.tenantId, { followUpId: id }, { key: id, at });
}
