import type { FollowUpReason } from '../contracts/follow-up-planner.js';
import type { TenantScope } from '../contracts/stores.js';
import type { DeliveryFailure, Turn } from '../contracts/turn.js';
import { nextTime } from '../lib/next-time.js';
import { arm, type FollowUpDependencies } from './arm.js';
import { fittingTime } from './fitting-time.js';
import type { FollowUp } from './follow-up.js';
import { followUpJson } from './follow-up-json.js';
import { followUpStore } from './follow-up-store.js';
import { obstacleTo } from './obstacle.js';

/** How long a job waits to see what became of its message, in ms. */
const DELIVERED_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 250;
/** A message that still waits to be delivered is looked at again after this, in ms. */
const LOOK_AGAIN_MS = 30_000;
/** Looks at a message that is not delivered before it counts as failed: about a day. */
const MOST_LOOKS = 2_880;
/** Why a bubble that was taken back was not sent. */
const TAKEN_BACK = 'cancelled';
/** A step keeps its distance to the one before by and large: a later moment than this is no move, in ms. */
const NO_MOVE_MS = 60_000;

/** What a message that failed means for its follow-up. */
const REASONS: Readonly<Record<DeliveryFailure | 'unknown', FollowUpReason>> = {
  gone: 'chat_blocked',
  rejected: 'message_refused',
  unconfirmed: 'unconfirmed',
  'no-file': 'not_delivered',
  unknown: 'not_delivered',
};

/**
 * One look at a follow-up whose time has come. It goes on from wherever an earlier look ended: the
 * message has a name of its own for each run, so that it is said once.
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

/** From here on it is being said: `undefined` when it is not to be, or not yet. */
async function claim(
  deps: FollowUpDependencies,
  scope: TenantScope,
  followUp: FollowUp,
): Promise<FollowUp | undefined> {
  const store = scope.store(followUpStore);
  const now = deps.clock.now();
  const { id, nextRunAt } = followUp;
  if (nextRunAt !== undefined && nextRunAt > now) {
    await arm(deps, scope, followUp);
    return undefined;
  }
  const reason = await obstacleTo(scope, followUp, now);
  if (reason !== undefined) {
    const end = { status: 'cancelled', reason, endedAt: now } as const;
    await store.changePending(id, end, { unsaid: true });
    return undefined;
  }
  const later = (await afterStepBefore(scope, followUp, now)) ?? courteousTime(scope, followUp, now);
  const unchanged = { unsaid: true, nextRunAt } as const;
  if (later > now) {
    const moved = await store.changePending(id, { nextRunAt: later }, unchanged);
    if (moved !== undefined) await arm(deps, scope, moved);
    return undefined;
  }
  // Changed in between: whoever changed it has queued it anew.
  return store.changePending(id, { sayingSince: now }, unchanged);
}

function courteousTime(scope: TenantScope, { respectHours, wanted }: FollowUp, now: Date): Date {
  return fittingTime(scope.settings, { respectHours, respectQuiet: wanted !== true }, now);
}

/** A step does not overtake the one before, and keeps its distance where that was moved. */
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

/** What became of the message: sent, failed with the platform's reason, or still under way. */
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
      : // The next time is known before its job is: a crash in between leaves this one's, which sees to it.
        { ...run, nextRunAt: nextTime(cron, timezone, later(now, nextRunAt)) },
  );
  if (updated === undefined) return;
  if (cron !== undefined) await arm(deps, scope, updated);
  const t = deps.i18n.translator(scope.settings.locale);
  await deps.events.emit(scope, 'followup.sent', followUpJson(updated, t));
}

/** A clock that was put back meanwhile does not bring the same time again. */
function later(now: Date, ranAt: Date | undefined): Date {
  return ranAt !== undefined && ranAt > now ? ranAt : now;
}

function sentAt({ deliveries }: Turn): Date | undefined {
  return deliveries.findLast((delivery) => delivery.state === 'sent')?.receipt.sentAt;
}

export async function failFollowUp(
  { events, clock, i18n }: Pick<FollowUpDependencies, 'events' | 'clock' | 'i18n'>,
  scope: TenantScope,
  id: string,
  why: { readonly reason: FollowUpReason; readonly detail?: string },
): Promise<void> {
  const end = { ...why, status: 'failed', endedAt: clock.now() } as const;
  const failed = await scope.store(followUpStore).changePending(id, end);
  if (failed === undefined) return;
  const t = i18n.translator(scope.settings.locale);
  await events.emit(scope, 'followup.failed', followUpJson(failed, t));
}

/** Nothing more is tried: it says what became of its message, and none goes out later. */
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

/** Takes back a message that waits to be sent; `false` where some of it left. */
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
