import type {
  FailedMessage,
  FollowUpPlanner,
  PlannedMessage,
  PlannedTime,
} from '../contracts/follow-up-planner.js';
import type { Clock } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { HttpProblem } from '../lib/api/problem.js';
import type { FollowUp } from './follow-up.js';
import { followUpStore } from './follow-up-store.js';
import { targetOfContact, type Target } from './follow-up-target.js';
import type { FollowUps } from './follow-ups.js';

/** How many waiting messages are read. */
const MOST_WAITING = 200;

/** How long a failure is worth showing, in ms. */
const LATELY_MS = 7 * 24 * 3_600_000;
const MOST_FAILED = 20;

/** Plans follow-ups as staff request them. */
export function createFollowUpPlanner(followUps: FollowUps, clock: Clock): FollowUpPlanner {
  async function plan(
    scope: TenantScope,
    { contact, conversation }: Target,
    message: string,
    time: PlannedTime,
  ): Promise<PlannedMessage> {
    return planned(
      await followUps.schedule(scope, {
        contact,
        conversation,
        message,
        ...time,
        // A reply does not settle a recurring message.
        cancelOnReply: !('cron' in time),
        respectHours: false,
      }),
    );
  }
  return {
    async plan(scope, contact, message, time) {
      const target = await reachable(scope, contact.id);
      return target && plan(scope, target, message, time);
    },
    async waiting(scope, contact) {
      const filter = {
        status: 'pending',
        ...(contact === undefined ? {} : { contactIds: [contact.id, ...contact.formerIds] }),
      } as const;
      const { items } = await scope.store(followUpStore).list(filter, { limit: MOST_WAITING });
      const current = await Promise.all(items.map((item) => followUps.current(scope, item)));
      return current
        .filter(({ status }) => status === 'pending')
        .map(planned)
        .sort((a, b) => (a.nextRunAt?.getTime() ?? 0) - (b.nextRunAt?.getTime() ?? 0));
    },
    async failed(scope, contact) {
      const from = new Date(clock.now().getTime() - LATELY_MS);
      const ids = contact && [contact.id, ...contact.formerIds];
      return (await scope.store(followUpStore).failed({ from }, MOST_FAILED, ids)).map((item) =>
        failedMessage(item),
      );
    },
    async move(scope, id, time) {
      const current = await scope.store(followUpStore).get(id);
      if (current === undefined) return undefined;
      if ((current.cron === undefined) === !('cron' in time)) {
        const followUp = await followUps.change(scope, id, time);
        return followUp && planned(followUp);
      }
      const target = await reachable(scope, current.contactId);
      if (target === undefined || (await followUps.cancel(scope, id)) === undefined) return undefined;
      return plan(scope, target, current.message, time);
    },
    async edit(scope, id, message) {
      const followUp = await followUps.change(scope, id, { message });
      return followUp && planned(followUp);
    },
    async cancel(scope, id) {
      const cancelled = await followUps.cancel(scope, id);
      return cancelled && planned(cancelled);
    },
  };
}

async function reachable(scope: TenantScope, contactId: string): Promise<Target | undefined> {
  try {
    return await targetOfContact(scope, contactId);
  } catch (error) {
    if (error instanceof HttpProblem) return undefined;
    throw error;
  }
}

function planned({ id, contactId, channel, message, timezone, cron, nextRunAt }: FollowUp): PlannedMessage {
  return {
    id,
    contactId,
    channel,
    message,
    timezone,
    ...(cron === undefined ? {} : { cron }),
    ...(nextRunAt === undefined ? {} : { nextRunAt }),
  };
}

function failedMessage(followUp: FollowUp): FailedMessage {
  const { id, contactId, channel, message, reason = 'not_delivered', endedAt, createdAt } = followUp;
  return { id, contactId, channel, message, reason, failedAt: endedAt ?? createdAt };
}
