import type { FollowUpReason } from '../contracts/follow-up-planner.js';
import { handleJob, type Job } from '../contracts/queue.js';
import type { Contact, Conversation, TenantScope } from '../contracts/stores.js';
import { nextTime } from '../lib/time/next-time.js';
import { arm, followUpJob, guardTime, type FollowUpDependencies } from './arm.js';
import type { FollowUp } from './follow-up.js';
import { followUpStore } from './follow-up-store.js';
import { obstacleTo } from './obstacle.js';
import { giveUpFollowUp, sendFollowUp, takeBack } from './send-follow-up.js';

export interface Schedule extends Pick<
  FollowUp,
  | 'message'
  | 'timezone'
  | 'cancelOnReply'
  | 'respectHours'
  | 'wanted'
  | 'stopTags'
  | 'sequence'
  | 'promise'
  | 'expiresAt'
> {
  /** Scheduling the same id again returns the existing follow-up; if absent, a new id is made. */
  readonly id?: string;
  readonly contact: Contact;
  readonly conversation: Conversation;
  readonly at?: Date;
  readonly cron?: string;
}

type Change = Partial<Pick<FollowUp, 'message' | 'cancelOnReply' | 'respectHours' | 'expiresAt'>> & {
  readonly at?: Date;
  readonly cron?: string;
  readonly timezone?: string;
};

/** Messages that a business sends later, once at a given time or repeatedly; each one is sent once. */
export class FollowUps {
  constructor(private readonly deps: FollowUpDependencies) {}

  jobs(): readonly Job[] {
    return [
      handleJob(followUpJob, {
        run: (scope, { followUpId }, { signal }) => sendFollowUp(this.deps, scope, followUpId, signal),
        givenUp: (scope, { followUpId }) => giveUpFollowUp(this.deps, scope, followUpId),
      }),
    ];
  }

  /** Throws `QueueError` of kind `invalid-schedule` if the cron line is invalid. */
  async schedule(scope: TenantScope, request: Schedule): Promise<FollowUp> {
    const { contact, conversation, id, at, cron, timezone, ...rest } = request;
    const { clock, makeId } = this.deps;
    const now = clock.now();
    const followUp: FollowUp = {
      ...rest,
      id: id ?? makeId('followup'),
      contactId: contact.id,
      conversationId: conversation.id,
      channel: conversation.channel,
      status: 'pending',
      nextRunAt: cron === undefined ? (at ?? now) : nextTime(cron, timezone, now),
      ...(cron === undefined ? {} : { cron }),
      timezone,
      runs: 0,
      attempts: 0,
      createdAt: now,
      ...(conversation.updatedAt > now ? { heardUntil: conversation.updatedAt } : {}),
    };
    // A crash between the two leaves a job that finds nothing, never a follow-up without a job. A follow-up
    // due after the guard time gets its final job right away.
    const guardAt = guardTime(this.deps);
    const isFar = id === undefined && followUp.nextRunAt !== undefined && followUp.nextRunAt > guardAt;
    await arm(this.deps, scope, followUp, isFar ? followUp.nextRunAt : guardAt);
    const store = scope.store(followUpStore);
    const stored = (await store.insert(followUp)) ? followUp : ((await store.get(followUp.id)) ?? followUp);
    if (!isFar && stored.status === 'pending') await arm(this.deps, scope, stored);
    return stored;
  }

  /** `undefined`: it is no longer pending, or its message is being sent. */
  async change(scope: TenantScope, id: string, change: Change): Promise<FollowUp | undefined> {
    const { at, ...rest } = change;
    const store = scope.store(followUpStore);
    const before = await store.get(id);
    if (before === undefined) return undefined;
    const cron = change.cron ?? before.cron;
    const timezone = change.timezone ?? before.timezone;
    const isMoved = at !== undefined || change.cron !== undefined || change.timezone !== undefined;
    const nextRunAt =
      at ?? (cron === undefined ? before.nextRunAt : nextTime(cron, timezone, this.deps.clock.now()));
    const moved = isMoved ? { cron, timezone, nextRunAt } : {};
    // After a crash in between, the job comes soon and queues itself for whichever time is stored.
    if (isMoved) await arm(this.deps, scope, before, guardTime(this.deps));
    const updated = await store.changePending(id, { ...rest, ...moved }, { unsaid: true });
    if (updated !== undefined && isMoved) await arm(this.deps, scope, updated);
    return updated;
  }

  /** `undefined`: it is over already, or its message was sent. */
  async cancel(
    scope: TenantScope,
    id: string,
    reason: FollowUpReason = 'cancelled',
  ): Promise<FollowUp | undefined> {
    const store = scope.store(followUpStore);
    const end = { status: 'cancelled', reason, endedAt: this.deps.clock.now() } as const;
    let cancelled = await store.changePending(id, end, { unsaid: true });
    if (cancelled === undefined && (await takeBack(scope, await store.get(id)))) {
      cancelled = await store.changePending(id, end);
    }
    if (cancelled !== undefined) await this.deps.queue.cancel(followUpJob, scope.tenantId, id);
    return cancelled;
  }

  /**
   * Its current state: a follow-up that must no longer be sent, for example because the person has replied,
   * is cancelled with the reason.
   */
  async current(scope: TenantScope, followUp: FollowUp): Promise<FollowUp> {
    if (followUp.status !== 'pending' || followUp.sayingSince !== undefined) return followUp;
    const reason = await obstacleTo(scope, followUp, this.deps.clock.now());
    if (reason === undefined) return followUp;
    return (await this.cancel(scope, followUp.id, reason)) ?? followUp;
  }
}
