import type { Channel, ChannelAccount, Receipt } from '../contracts/channel.js';
import { ChannelError } from '../contracts/channel.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { StoreError } from '../contracts/stores.js';
import type { Bubble, BubbleDelivery, DeliveryFailure, Turn } from '../contracts/turn.js';
import { withDeadline } from '../lib/work/with-deadline.js';
import { showTyping } from './courtesies.js';
import type { AtCrashPoint } from './crash-point.js';
import { outboundOf, sendingNow, targetOf } from './outbound-of.js';

/** Shorter waits are slept through while holding the lane, in ms. */
const SHORT_WAIT_MS = 2_000;
/** Delay before checking a bubble in doubt, and before retrying, in ms. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 5 * 60_000;
/** How long to pause after a platform refused without saying for how long, in ms. */
const PAUSE_MS = { 'rate-limited': RETRY_MS, 'not-connected': 5_000, unauthorized: 15 * 60_000 } as const;
const SEND_TIMEOUT_MS = 30_000;
/** A bubble is given up after this many sends without a receipt, which takes about an hour. */
const MAX_SENDS = 20;
/**
 * How long a bubble in doubt is left to the process that holds the account's connection, which knows the ids of
 * the chat; then any process looks into it, because there may be no such process any more. In ms, less than the
 * time after which a lane that waits for one is given to any.
 */
const LEFT_TO_CONNECTED_MS = 9 * 60_000;
/** Pause between two bubbles, following reading speed, in ms per character. */
const PAUSE_MS_PER_CHARACTER = 8;

export interface DeliveryContext {
  readonly scope: TenantScope;
  readonly channel: Channel;
  readonly account: ChannelAccount;
  readonly signal: AbortSignal;
  /** This process has just committed the turn, so a bubble marked as being sent was not sent yet. */
  readonly isNew?: boolean;
}

export interface DeliverDependencies {
  readonly owner: string;
  /** Accounts whose connection this process holds. */
  readonly connections: ReadonlySet<string>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly at: AtCrashPoint;
}

/**
 * Everything is delivered or given up, or delivery continues at `nextDueAt`, or in the process that
 * holds the account's connection.
 */
export type DeliverOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'later'; readonly nextDueAt: Date }
  | { readonly type: 'where-connected' };

type BubbleOutcome =
  | { readonly type: 'next' }
  | { readonly type: 'wait'; readonly ms: number }
  /** Nothing more can be sent to this chat. */
  | { readonly type: 'over' }
  | { readonly type: 'where-connected' };

/** Sends the unsent bubbles of a turn in order, each once. */
export async function deliverTurn(
  turn: Turn,
  context: DeliveryContext,
  deps: DeliverDependencies,
): Promise<DeliverOutcome> {
  let deliveries = turn.deliveries;
  for (const [index, bubble] of turn.answer.bubbles.entries()) {
    for (;;) {
      context.signal.throwIfAborted();
      const delivery = deliveries[index] ?? { state: 'pending' };
      const outcome = await advance(turn, index, bubble, delivery, context, deps);
      if (outcome.type === 'next') break;
      if (outcome.type === 'over') return { type: 'done' };
      if (outcome.type === 'where-connected') return outcome;
      if (outcome.ms > SHORT_WAIT_MS) {
        return { type: 'later', nextDueAt: new Date(deps.clock.now().getTime() + outcome.ms) };
      }
      await deps.clock.sleep(outcome.ms, context.signal);
      const current = await context.scope.turns.get(turn.id);
      if (current === undefined) return { type: 'done' };
      deliveries = current.deliveries;
    }
    if (index + 1 < turn.answer.bubbles.length) await pace(turn, index + 1, context, deps);
  }
  return { type: 'done' };
}

async function advance(
  turn: Turn,
  index: number,
  bubble: Bubble,
  delivery: BubbleDelivery,
  context: DeliveryContext,
  deps: DeliverDependencies,
): Promise<BubbleOutcome> {
  switch (delivery.state) {
    case 'sent':
    case 'failed':
      return { type: 'next' };
    case 'pending': {
      const waitMs = (delivery.notBefore?.getTime() ?? 0) - deps.clock.now().getTime();
      if (waitMs > 0) return { type: 'wait', ms: waitMs };
      return send(turn, index, bubble, { from: { state: 'pending' }, attempt: 1 }, context, deps);
    }
    case 'sending':
      if (context.isNew === true && delivery === turn.deliveries[index]) {
        deps.at('before-mark-sending');
        return transmit(turn, index, bubble, delivery.attempt, context, deps);
      }
      return lookedInto(turn, index, bubble, delivery, context, deps);
    default: {
      const unknown: never = delivery;
      throw new Error(`unknown delivery ${JSON.stringify(unknown)}`);
    }
  }
}

interface Attempt {
  readonly from: { readonly state: BubbleDelivery['state']; readonly owner?: string };
  readonly attempt: number;
}

async function send(
  turn: Turn,
  index: number,
  bubble: Bubble,
  { from, attempt }: Attempt,
  context: DeliveryContext,
  deps: DeliverDependencies,
): Promise<BubbleOutcome> {
  deps.at('before-mark-sending');
  const { owner } = deps;
  const sending = sendingNow(turn.chat, context, { owner, since: deps.clock.now(), attempt });
  const moved = await context.scope.turns.moveBubble(turn.id, index, from, sending);
  return moved ? transmit(turn, index, bubble, attempt, context, deps) : { type: 'wait', ms: 0 };
}

/** Sends a bubble already marked as being sent. */
async function transmit(
  turn: Turn,
  index: number,
  bubble: Bubble,
  attempt: number,
  context: DeliveryContext,
  deps: DeliverDependencies,
): Promise<BubbleOutcome> {
  const { scope, channel, account } = context;
  deps.at('before-send');
  let receipt: Receipt;
  try {
    const message = await outboundOf(turn, index, bubble, scope);
    if (message === undefined) {
      const failure = { reason: 'the file is gone', cause: 'no-file' } as const;
      await giveUp(turn, index, { state: 'sending', owner: deps.owner }, failure, context, deps);
      return { type: 'next' };
    }
    receipt = await withDeadline(context.signal, SEND_TIMEOUT_MS, (signal) =>
      channel.send(targetOf(turn, index), message, account, signal),
    );
  } catch (error) {
    if (error instanceof StoreError) throw error;
    context.signal.throwIfAborted();
    return afterFailure(channelErrorOf(error, channel, deps.logger), turn, index, attempt, context, deps);
  }
  deps.at('after-send');
  await markSent(turn, index, receipt, attempt > 1, context, deps);
  deps.at('after-receipt');
  return { type: 'next' };
}

/** Channels throw only `ChannelError`; after anything else it is unknown whether the message was sent. */
function channelErrorOf(error: unknown, channel: Channel, logger: Logger): ChannelError {
  if (error instanceof ChannelError) return error;
  logger.error({ error, channel: channel.name }, 'a channel failed with an unexpected error');
  return new ChannelError('unreachable', `${channel.name}: failed`, { cause: error });
}

async function afterFailure(
  error: ChannelError,
  turn: Turn,
  index: number,
  attempt: number,
  context: DeliveryContext,
  deps: DeliverDependencies,
): Promise<BubbleOutcome> {
  const { scope } = context;
  const from = { state: 'sending', owner: deps.owner } as const;
  deps.logger.warn(
    { turnId: turn.id, bubble: index, kind: error.kind, retryAfterMs: error.retryAfterMs },
    'a bubble could not be sent',
  );
  switch (error.kind) {
    case 'not-connected':
    case 'rate-limited':
    case 'unauthorized': {
      const ms = error.retryAfterMs ?? PAUSE_MS[error.kind];
      const notBefore = new Date(deps.clock.now().getTime() + ms);
      await scope.turns.moveBubble(turn.id, index, from, { state: 'pending', notBefore });
      return { type: 'wait', ms };
    }
    case 'gone': {
      const failure = { reason: error.message, cause: error.kind };
      await giveUp(turn, index, from, failure, context, deps);
      for (let rest = index + 1; rest < turn.answer.bubbles.length; rest++) {
        await giveUp(turn, rest, { state: 'pending' }, failure, context, deps);
      }
      return { type: 'over' };
    }
    case 'rejected':
      await giveUp(turn, index, from, { reason: error.message, cause: error.kind }, context, deps);
      return { type: 'next' };
    case 'unreachable':
      // Still `sending`: nobody knows whether it arrived, so that is checked next.
      return { type: 'wait', ms: retryAfterMs(attempt) };
    default: {
      const unknown: never = error.kind;
      throw new Error(`unknown channel error ${String(unknown)}`);
    }
  }
}

function retryAfterMs(attempt: number): number {
  return Math.min(RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS);
}

/** Waking the lane early, e.g. for a new message, must not use up retries. */
function lookedInto(
  turn: Turn,
  index: number,
  bubble: Bubble,
  delivery: Extract<BubbleDelivery, { state: 'sending' }>,
  context: DeliveryContext,
  deps: DeliverDependencies,
): Promise<BubbleOutcome> | BubbleOutcome {
  const dueMs = delivery.since.getTime() + retryAfterMs(delivery.attempt);
  const waitMs = dueMs - deps.clock.now().getTime();
  if (waitMs > 0) return { type: 'wait', ms: waitMs };
  return resolveDoubt(turn, index, bubble, delivery, context, deps);
}

/** A bubble was handed over but no receipt was stored: finds out what happened, or sends it again. */
async function resolveDoubt(
  turn: Turn,
  index: number,
  bubble: Bubble,
  delivery: Extract<BubbleDelivery, { state: 'sending' }>,
  context: DeliveryContext,
  deps: DeliverDependencies,
): Promise<BubbleOutcome> {
  const { scope, channel, account, signal } = context;
  const from = { state: 'sending', owner: delivery.owner } as const;
  const attempt = delivery.attempt + 1;
  const inDoubtMs = deps.clock.now().getTime() - delivery.since.getTime();
  if (
    channel.recovery !== undefined &&
    !deps.connections.has(account.id) &&
    inDoubtMs < LEFT_TO_CONNECTED_MS
  ) {
    return { type: 'where-connected' };
  }
  deps.metrics.count('sapa_bubbles_total', { channel: turn.channel, outcome: 'in_doubt' });
  if (attempt > MAX_SENDS) {
    const failure = { reason: 'never confirmed', cause: 'unconfirmed' } as const;
    await giveUp(turn, index, from, failure, context, deps);
    return { type: 'next' };
  }
  if (channel.capabilities.repeatedSend === 'deduplicated') {
    return send(turn, index, bubble, { from, attempt }, context, deps);
  }
  const after = newest(
    [await scope.turns.lastReceipt(turn.conversationId), turn.replyToMessageId, delivery.after],
    channel,
  );
  if (channel.recovery === undefined || after === undefined) {
    // The platform can neither deduplicate nor be searched, and a missing answer is worse than a duplicate.
    return send(turn, index, bubble, { from, attempt }, context, deps);
  }
  try {
    const lostSend = { after, ...(bubble.buttons === undefined ? {} : { buttons: bubble.buttons }) };
    const receipt = await channel.recovery.findSent(targetOf(turn, index), lostSend, account, signal);
    if (receipt === 'not-found') return await send(turn, index, bubble, { from, attempt }, context, deps);
    await markSent(turn, index, receipt, true, context, deps, delivery.owner);
    return { type: 'next' };
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return { type: 'wait', ms: error.retryAfterMs ?? Math.min(RETRY_MS * 2 ** attempt, MAX_RETRY_MS) };
  }
}

/** The newest of several message ids in one chat. */
function newest(ids: readonly (string | undefined)[], channel: Channel): string | undefined {
  return ids
    .filter((id) => id !== undefined)
    .toSorted((a, b) => channel.compareMessageIds(a, b))
    .at(-1);
}

async function giveUp(
  turn: Turn,
  index: number,
  from: Attempt['from'],
  failure: { readonly reason: string; readonly cause: DeliveryFailure },
  { scope }: DeliveryContext,
  deps: DeliverDependencies,
): Promise<void> {
  await scope.turns.moveBubble(turn.id, index, from, { state: 'failed', ...failure });
  deps.metrics.count('sapa_bubbles_total', { channel: turn.channel, outcome: 'failed' });
}

async function markSent(
  turn: Turn,
  index: number,
  receipt: Receipt,
  wasInDoubt: boolean,
  context: DeliveryContext,
  deps: DeliverDependencies,
  owner = deps.owner,
): Promise<void> {
  const from = { state: 'sending', owner } as const;
  const delivery = { state: 'sent', receipt, wasInDoubt } as const;
  for (;;) {
    try {
      await context.scope.turns.moveBubble(turn.id, index, from, delivery);
      break;
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'unavailable') throw error;
      // Keep waiting for the store while holding the receipt: without it the bubble would be in doubt.
      deps.logger.warn({ turnId: turn.id, bubble: index }, 'a receipt could not be stored yet');
      await deps.clock.sleep(RETRY_MS, context.signal);
    }
  }
  deps.metrics.count('sapa_bubbles_total', { channel: turn.channel, outcome: 'sent' });
}

async function pace(
  turn: Turn,
  next: number,
  context: DeliveryContext,
  deps: DeliverDependencies,
): Promise<void> {
  const delivered = turn.deliveries[next];
  if (delivered !== undefined && delivered.state !== 'pending') return;
  const length = turn.answer.bubbles[next]?.text.length ?? 0;
  const ms = Math.min(context.scope.settings.bubbles.pause_ms, length * PAUSE_MS_PER_CHARACTER);
  if (ms === 0) return;
  await showTyping(turn.chat, context, deps.logger, context.signal);
  await deps.clock.sleep(ms, context.signal);
}
