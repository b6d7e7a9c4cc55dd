import type { Outreach } from '../contracts/chat.js';
import type { Events } from '../contracts/events.js';
import type { OpeningHours } from '../contracts/opening-hours.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../contracts/queue.js';
import type { Clock, MakeId } from '../contracts/runtime.js';
import type { Contact, Conversation, TenantScope } from '../contracts/stores.js';
import type { Turn } from '../contracts/turn.js';
import { momentAt } from '../lib/moment-at.js';
import type { FollowUp } from './follow-up.js';
import { followUpJson } from './follow-up-json.js';
import { followUpStore } from './follow-up-store.js';

/** How long a job waits to see what became of its message, in ms. */
const DELIVERED_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 250;
/** A message that still waits to be delivered is looked at again after this, in ms. */
const LOOK_AGAIN_MS = 30_000;
/** Looks at a message that is not delivered before it counts as failed: about a day. */
const MOST_LOOKS = 2_880;

export const followUpJob = defineJob<{ readonly followUpId: string }>('automation.follow-up', {
  concurrency: 4,
});

export interface FollowUpDependencies {
  readonly outreach: Outreach;
  readonly queue: JobQueue;
  readonly openingHours: OpeningHours;
  readonly events: Events;
  readonly clock: Clock;
  readonly makeId: MakeId;
}

export interface Schedule {
  readonly contact: Contact;
  readonly conversation: Conversation;
  readonly message: string;
  readonly at?: Date;
  readonly cron?: string;
  readonly timezone: string;
  readonly cancelOnReply: boolean;
  readonly respectHours: boolean;
  readonly expiresAt?: Date;
}

/** Messages that a business sends later: at a time, or again and again, each once. */
export class FollowUps {
  constructor(private readonly deps: FollowUpDependencies) {}

  jobs(): readonly Job[] {
    return [
      handleJob(followUpJob, {
        run: (scope, { followUpId }, { signal }) => this.send(scope, followUpId, signal),
        givenUp: async (scope, { followUpId }) => {
          await this.fail(scope, followUpId, { reason: 'internal' });
        },
      }),
    ];
  }

  /** Throws `QueueError` of kind `invalid-schedule` for a cron line that is none. */
  async schedule(scope: TenantScope, wanted: Schedule): Promise<FollowUp> {
    const { contact, conversation, message, at, cron, timezone, cancelOnReply, respectHours, expiresAt } =
      wanted;
    const { clock, makeId } = this.deps;
    const followUp: FollowUp = {
      id: makeId('followup'),
      contactId: contact.id,
      conversationId: conversation.id,
      channel: conversation.channel,
      message,
      status: 'pending',
      ...(at === undefined ? {} : { nextRunAt: at }),
      ...(cron === undefined ? {} : { cron }),
      timezone,
      cancelOnReply,
      respectHours,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      runs: 0,
      attempts: 0,
      createdAt: clock.now(),
    };
    await scope.store(followUpStore).insert(followUp);
    return this.arm(scope, followUp);
  }

  /** `undefined`: it is no longer pending. */
  async change(
    scope: TenantScope,
    id: string,
    change: Partial<Pick<FollowUp, 'message' | 'cancelOnReply' | 'respectHours' | 'expiresAt'>> & {
      readonly at?: Date;
      readonly cron?: string;
      readonly timezone?: string;
    },
  ): Promise<FollowUp | undefined> {
    const { at, ...rest } = change;
    const changed = await scope
      .store(followUpStore)
      .changePending(id, { ...rest, ...(at === undefined ? {} : { nextRunAt: at }) });
    return changed === undefined ? undefined : this.arm(scope, changed);
  }

  async cancel(scope: TenantScope, id: string, reason = 'cancelled'): Promise<FollowUp | undefined> {
    const cancelled = await scope.store(followUpStore).changePending(id, { status: 'cancelled', reason });
    if (cancelled !== undefined) await this.deps.queue.cancel(followUpJob, scope.tenantId, id);
    return cancelled;
  }

  /** As it is now: one that its person has answered meanwhile is cancelled, and says so. */
  async current(scope: TenantScope, followUp: FollowUp): Promise<FollowUp> {
    if (followUp.status !== 'pending') return followUp;
    const reason = await this.obstacle(scope, followUp);
    if (reason === undefined) return followUp;
    return (await this.cancel(scope, followUp.id, reason)) ?? followUp;
  }

  private async arm(scope: TenantScope, followUp: FollowUp): Promise<FollowUp> {
    const { queue } = this.deps;
    const { id, cron, timezone, nextRunAt } = followUp;
    const data = { followUpId: id };
    if (cron === undefined) {
      await queue.enqueue(followUpJob, scope.tenantId, data, {
        key: id,
        ...(nextRunAt === undefined ? {} : { at: nextRunAt }),
      });
      return followUp;
    }
    const next = await queue.repeat(followUpJob, scope.tenantId, data, { key: id, cron, timezone });
    return (await scope.store(followUpStore).changePending(id, { nextRunAt: next })) ?? followUp;
  }

  private async send(scope: TenantScope, id: string, signal: AbortSignal): Promise<void> {
    const store = scope.store(followUpStore);
    const followUp = await store.get(id);
    if (followUp?.status !== 'pending') return;
    const reason = await this.obstacle(scope, followUp);
    if (reason !== undefined) {
      await this.cancel(scope, id, reason);
      return;
    }
    const opensAt = this.opensAt(scope, followUp);
    if (opensAt !== undefined) {
      await store.changePending(id, { nextRunAt: opensAt });
      await this.deps.queue.enqueue(
        followUpJob,
        scope.tenantId,
        { followUpId: id },
        { key: id, at: opensAt },
      );
      return;
    }
    const key = `followup:${id}:${followUp.runs}`;
    const said = await this.deps.outreach.say(
      scope,
      followUp.conversationId,
      key,
      followUp.message,
      'command',
      { type: 'job' },
    );
    if (said === undefined) {
      await this.fail(scope, id, { reason: 'no_conversation' });
      return;
    }
    await this.settle(scope, followUp, await this.delivered(scope, said, signal));
  }

  /** What became of the message: sent, failed with the platform's reason, or still under way. */
  private async settle(scope: TenantScope, followUp: FollowUp, turn: Turn): Promise<void> {
    const { clock, queue } = this.deps;
    const store = scope.store(followUpStore);
    const { id, cron, timezone, runs, attempts } = followUp;
    const failed = turn.deliveries.find((delivery) => delivery.state === 'failed');
    if (failed?.state === 'failed') {
      await this.fail(scope, id, { reason: `not_delivered: ${failed.reason}`, messageId: turn.id });
      await queue.cancel(followUpJob, scope.tenantId, id);
      return;
    }
    if (turn.status !== 'done' && attempts < MOST_LOOKS) {
      const at = new Date(clock.now().getTime() + LOOK_AGAIN_MS);
      await store.changePending(id, { attempts: attempts + 1, messageId: turn.id });
      await queue.enqueue(followUpJob, scope.tenantId, { followUpId: id }, { key: id, at });
      return;
    }
    const sent = { runs: runs + 1, attempts: 0, lastSentAt: clock.now(), messageId: turn.id };
    if (cron === undefined) {
      await this.tell(scope, 'followup.sent', await store.changePending(id, { ...sent, status: 'sent' }));
      return;
    }
    const next = await queue.repeat(
      followUpJob,
      scope.tenantId,
      { followUpId: id },
      { key: id, cron, timezone },
    );
    await this.tell(scope, 'followup.sent', await store.changePending(id, { ...sent, nextRunAt: next }));
  }

  private async fail(
    scope: TenantScope,
    id: string,
    why: Required<Pick<FollowUp, 'reason'>> & Pick<FollowUp, 'messageId'>,
  ): Promise<void> {
    const failed = await scope.store(followUpStore).changePending(id, { ...why, status: 'failed' });
    await this.tell(scope, 'followup.failed', failed);
  }

  private async tell(
    scope: TenantScope,
    type: 'followup.sent' | 'followup.failed',
    followUp: FollowUp | undefined,
  ): Promise<void> {
    if (followUp !== undefined) await this.deps.events.emit(scope, type, followUpJson(followUp));
  }

  private async delivered(scope: TenantScope, said: Turn, signal: AbortSignal): Promise<Turn> {
    const { clock } = this.deps;
    let turn = said;
    for (
      let waitedMs = 0;
      turn.status !== 'done' && waitedMs < DELIVERED_WITHIN_MS;
      waitedMs += LOOK_EVERY_MS
    ) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      turn = (await scope.turns.get(said.id)) ?? turn;
    }
    return turn;
  }

  /** Why it is not to be sent at all. */
  private async obstacle(scope: TenantScope, followUp: FollowUp): Promise<string | undefined> {
    const { clock } = this.deps;
    const [contact, conversation] = await Promise.all([
      scope.contacts.get(followUp.contactId),
      scope.conversations.get(followUp.conversationId),
    ]);
    if (contact === undefined) return 'contact_erased';
    if (contact.optedOut) return 'opted_out';
    if (followUp.expiresAt !== undefined && followUp.expiresAt <= clock.now()) return 'expired';
    if (conversation !== undefined && conversation.mode !== 'bot') return 'handed_over';
    const since = followUp.lastSentAt ?? followUp.createdAt;
    if (followUp.cancelOnReply && (await this.hasWritten(scope, followUp.conversationId, since)))
      return 'replied';
    return undefined;
  }

  private async hasWritten(scope: TenantScope, conversationId: string, since: Date): Promise<boolean> {
    const turns = await scope.turns.recent(conversationId, 5);
    return turns.some(({ origin, createdAt }) => origin.type === 'events' && createdAt > since);
  }

  private opensAt(scope: TenantScope, { respectHours }: FollowUp): Date | undefined {
    if (!respectHours) return undefined;
    const now = this.deps.clock.now();
    const state = this.deps.openingHours.state(scope.settings, now);
    if (state.state !== 'closed' || state.opensNext === undefined) return undefined;
    const { date, time } = state.opensNext;
    return momentAt(date, time, scope.settings.timezone);
  }
}
