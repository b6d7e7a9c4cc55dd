import type { FollowUpReason } from '../contracts/follow-up-planner.js';
import type { TenantScope } from '../contracts/stores.js';
import type { DeliveryFailure, Turn } from '../contracts/turn.js';
import { nextTime } from '../lib/time/next-time.js';
import { arm, type FollowUpDependencies } from './arm.js';
import { fittingTime } from './fitting-time.js';
import type { FollowUp } from './follow-up.js';
import { followUpJson } from './follow-up-json.js';
import { followUpStore } from './follow-up-store.js';
import { obstacleTo } from './obstacle.js';

/** How long a job waits to see whether its message was delivered, in ms. */
const DELIVERED_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 250;
/** When to check again on a message that is still being delivered, in ms. */
const LOOK_AGAIN_MS = 30_000;
/** How many checks before an undelivered message counts as failed: about a day. */
const MOST_LOOKS = 2_880;
/** Failure reason of a bubble that was withdrawn before it was sent. */
const TAKEN_BACK = 'cancelled';
/**
 * How much too early a step may come after the one before it; if it is more, the step is postponed, in ms.
 */
const NO_MOVE_MS = 60_000;

/** The reason a follow-up fails for each kind of delivery failure. */
const REASONS: Readonly<Record<DeliveryFailure | 'unknown', FollowUpReason>> = {
  gone: 'chat_blocked',
  rejected: 'message_refused',
  unconfirmed: 'unconfirmed',
  'no-file': 'not_delivered',
  unknown: 'not_delivered',
};

/**
 * One check of a follow-up that is due. Continues wherever an earlier check stopped: each run has its own
 * message key, so that the message is sent once.
 */
export async function sendFollowUp(
  deps: FollowUpDependencies,
  scope: TenantScope,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const followUp = await scope.store(followUpStore).get(id);
  if (followUp?.status !== 'pending') return;
  const claimed = followUp.sayingSince === undefined ? await claim(deps, scope, followUp) : followUp;
  if (claimed === undefined) return;
  const key = `followup:${id}:${claimed.runs}`;
  const { conversationId, message } = claimed;
  const turn = await deps.outreach.say(scope, conversationId, key, message, 'command', { type: 'job' });
  if (turn === undefined) {
    await failFollowUp(deps, scope, id, { reason: 'no_conversation' });
    return;
  }
  if (claimed.messageId !== turn.id)
    await scope.store(followUpStore).changePending(id, { messageId: turn.id });
  await settle(deps, scope, claimed, await delivered(deps, scope, turn, signal));
}

/** Marks the follow-up as being sent; `undefined` if it must not be sent, or not yet. */
async function claim(
  deps: FollowUpDependencies,
  scope: TenantScope,
  followUp: FollowUp,
): Promise<FollowUp | undefined> {
  const store = scope.store(followUpStore);
  const now = deps.clock.now();
  const { id, nextRunAt } = followUp;
  if (nextRunAt !== undefined && nextRunAt > now) return armAsStored(deps, scope, id);
  const reason = await obstacleTo(scope, followUp, now);
  if (reason !== undefined) {
    const end = { status: 'cancelled', reason, endedAt: now } as const;
    await store.changePending(id, end, { unsaid: true });
    return undefined;
  }
  const later = (await afterStepBefore(scope, followUp, now)) ?? courteousTime(scope, followUp, now);
  const unchanged = { unsaid: true, nextRunAt } as const;
  if (later > now) {
    await store.changePending(id, { nextRunAt: later }, unchanged);
    return armAsStored(deps, scope, id);
  }
  const claimed = await store.changePending(id, { sayingSince: now }, unchanged);
  return claimed ?? armAsStored(deps, scope, id);
}

/**
 * Queues the job of a pending follow-up for the time that is stored. It may have been changed meanwhile, and
 * whoever changed it may have been killed before queueing it again.
 */
async function armAsStored(deps: FollowUpDependencies, scope: TenantScope, id: string): Promise<undefined> {
  const store = scope.store(followUpStore);
  const timeOf = (followUp: FollowUp): Date | undefined =>
    followUp.sayingSince === undefined
      ? followUp.nextRunAt
      : new Date(followUp.sayingSince.getTime() + LOOK_AGAIN_MS);
  let armedMs: number | undefined;
  for (;;) {
    const followUp = await store.get(id);
    if (followUp?.status !== 'pending') return;
    const at = timeOf(followUp) ?? deps.clock.now();
    if (at.getTime() === armedMs) return;
    await arm(deps, scope, followUp, at);
    armedMs = at.getTime();
  }
}

function courteousTime(scope: TenantScope, { respectHours, wanted }: FollowUp, now: Date): Date {
  return fittingTime(scope.settings, { respectHours, respectQuiet: wanted !== true }, now);
}

/**
 * When a step must wait for the one before it: it never overtakes that step, and keeps its distance if that
 * step was moved.
 */
async function afterStepBefore(
  scope: TenantScope,
  { sequence }: FollowUp,
  now: Date,
): Promise<Date | undefined> {
  if (sequence?.after === undefined) return undefined;
  const { followUpId, ms } = sequence.after;
  const before = await scope.store(followUpStore).get(followUpId);
  const then = before?.lastSentAt ?? before?.nextRunAt;
  if (before === undefined || then === undefined) return undefined;
  if (before.status !== 'pending' && before.status !== 'sent') return undefined;
  const isWaiting = before.status === 'pending';
  const at = new Date((isWaiting && then < now ? now : then).getTime() + ms);
  const tolerated = isWaiting ? 0 : Math.min(NO_MOVE_MS, ms / 2);
  return at.getTime() - now.getTime() > tolerated ? at : undefined;
}

/** Records the outcome: sent, failed with the platform's reason, or still being delivered. */
async function settle(
  deps: FollowUpDependencies,
  scope: TenantScope,
  followUp: FollowUp,
  turn: Turn,
): Promise<void> {
  const { clock } = deps;
  const store = scope.store(followUpStore);
  const { id, cron, timezone, nextRunAt, runs, attempts } = followUp;
  const failed = turn.deliveries.find((delivery) => delivery.state === 'failed');
  if (failed?.state === 'failed') {
    if (failed.reason === TAKEN_BACK) return;
    await failFollowUp(deps, scope, id, {
      reason: REASONS[failed.cause ?? 'unknown'],
      detail: failed.reason,
    });
    return;
  }
  const now = clock.now();
  if (turn.status !== 'done') {
    if (attempts >= MOST_LOOKS) {
      await takeBack(scope, { ...followUp, messageId: turn.id });
      await failFollowUp(deps, scope, id, { reason: 'not_delivered_in_time' });
      return;
    }
    await store.changePending(id, { attempts: attempts + 1 });
    await arm(deps, scope, followUp, new Date(now.getTime() + LOOK_AGAIN_MS));
    return;
  }
  const run = { runs: runs + 1, attempts: 0, lastSentAt: sentAt(turn) ?? now, sayingSince: undefined };
  const updated = await store.changePending(
    id,
    cron === undefined
      ? { ...run, status: 'sent', endedAt: now }
      : // Stored before its job is queued: after a crash in between, the current job takes over.
        { ...run, nextRunAt: nextTime(cron, timezone, later(now, nextRunAt)) },
  );
  if (updated === undefined) return;
  if (cron !== undefined) await arm(deps, scope, updated);
  const t = deps.i18n.translator(scope.settings.locale);
  await deps.events.emit(scope, 'followup.sent', followUpJson(updated, t));
}

/** If the clock was set back, the same time does not come again. */
function later(now: Date, ranAt: Date | undefined): Date {
  return ranAt !== undefined && ranAt > now ? ranAt : now;
}

function sentAt({ deliveries }: Turn): Date | undefined {
  return deliveries.findLast((delivery) => delivery.state === 'sent')?.receipt.sentAt;
}

async function failFollowUp(
  { events, clock, i18n }: Pick<FollowUpDependencies, 'events' | 'clock' | 'i18n'>,
  scope: TenantScope,
  id: string,
  failure: { readonly reason: FollowUpReason; readonly detail?: string },
): Promise<void> {
  const end = { ...failure, status: 'failed', endedAt: clock.now() } as const;
  const failed = await scope.store(followUpStore).changePending(id, end);
  if (failed === undefined) return;
  const t = i18n.translator(scope.settings.locale);
  await events.emit(scope, 'followup.failed', followUpJson(failed, t));
}

/** Records the outcome of the message and makes sure that nothing is sent later. */
export async function giveUpFollowUp(
  deps: FollowUpDependencies,
  scope: TenantScope,
  id: string,
): Promise<void> {
  const followUp = await scope.store(followUpStore).get(id);
  const turn = followUp?.messageId === undefined ? undefined : await scope.turns.get(followUp.messageId);
  if (followUp?.sayingSince !== undefined && turn?.status === 'done') {
    await settle(deps, scope, followUp, turn);
    return;
  }
  await takeBack(scope, followUp);
  await failFollowUp(deps, scope, id, { reason: 'internal' });
}

/** Withdraws a message that is waiting to be sent; `false` if part of it was already sent. */
export async function takeBack(scope: TenantScope, followUp: FollowUp | undefined): Promise<boolean> {
  if (followUp?.messageId === undefined || followUp.sayingSince === undefined) return false;
  const turn = await scope.turns.get(followUp.messageId);
  if (turn === undefined || turn.deliveries.some(({ state }) => state !== 'pending')) return false;
  for (const index of turn.deliveries.keys()) {
    const isBack = await scope.turns.moveBubble(
      turn.id,
      index,
      { state: 'pending' },
      { state: 'failed', reason: TAKEN_BACK },
    );
    if (!isBack && index === 0) return false;
  }
  return true;
}

async function delivered(
  { clock }: FollowUpDependencies,
  scope: TenantScope,
  firstTurn: Turn,
  signal: AbortSignal,
): Promise<Turn> {
  let turn = firstTurn;
  for (
    let waitedMs = 0;
    turn.status !== 'done' && waitedMs < DELIVERED_WITHIN_MS;
    waitedMs += LOOK_EVERY_MS
  ) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    turn = (await scope.turns.get(firstTurn.id)) ?? turn;
  }
  return turn;
}
