import type { Connected } from '../contracts/chat.js';
import type { Conversation, Lane, LaneRest, TenantScope } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';
import {
  Answering,
  type AnsweringContext,
  type AnsweringDependencies,
  type Batch,
  type Outcome,
} from './answering.js';
import { FloodLimit } from './flood-limit.js';
import type { Arrival, LaneWakes, LaneWork } from './lane-worker.js';
import { correctionOf } from './late-edit.js';
import { nextBatch, type NextBatch } from './next-batch.js';
import { pressedChoice } from './numbered-choices.js';
import { ANSWERED_FROM_DEVICE, recordOwnMessage } from './own-message.js';
import { NO_ACCOUNT_RETRY_MS, Sending, type SendingDependencies } from './sending.js';

export interface ConversationWorkDependencies extends AnsweringDependencies, SendingDependencies {
  /** Called when somebody from the business starts answering a conversation. */
  readonly handedOver: (scope: TenantScope, conversationId: string) => Promise<void>;
  /** Answers one person can get per minute; 120 by default. */
  readonly answersPerMinute?: number;
}

/** Does all work of one conversation: delivers what is waiting and answers what arrived. */
export class ConversationWork implements LaneWork {
  private readonly answering: Answering;
  private readonly sending: Sending;
  private readonly flood: FloodLimit;

  constructor(private readonly deps: ConversationWorkDependencies) {
    this.answering = new Answering(deps);
    this.sending = new Sending(deps);
    this.flood = new FloodLimit(deps.clock, deps.answersPerMinute);
  }

  async run(lane: Lane, wakes: LaneWakes, signal: AbortSignal, arrival?: Arrival): Promise<LaneRest> {
    const { at } = this.deps;
    at('after-claim');
    const scope = await this.deps.scope(lane.tenantId);
    if (scope === undefined) return {};
    const rest =
      (arrival === undefined ? await this.sending.sendAll(lane, scope, signal) : undefined) ??
      (await this.answerAll(lane, scope, wakes, signal, arrival)) ??
      {};
    if (rest.nextDueAt === undefined) at('before-release');
    return rest;
  }

  private async answerAll(
    lane: Lane,
    scope: TenantScope,
    wakes: LaneWakes,
    signal: AbortSignal,
    arrival: Arrival | undefined,
  ): Promise<LaneRest | undefined> {
    const { clock } = this.deps;
    for (let currentArrival = arrival; ; currentArrival = undefined) {
      signal.throwIfAborted();
      const pending =
        currentArrival === undefined ? await scope.inbox.pending(lane.conversationId) : [currentArrival.item];
      const [first] = pending;
      if (first === undefined) return undefined;
      if (wakes.stopping) return { nextDueAt: clock.now() };
      const connected = this.deps.findAccount(lane.tenantId, first.accountId, first.channel);
      if (connected === undefined) return { nextDueAt: this.after(NO_ACCOUNT_RETRY_MS) };
      const { bursts, answer_within_hours: answerWithinHours } = scope.settings;
      const batch = nextBatch(pending, clock.now().getTime(), {
        ...(connected.channel.capabilities.bursts ? { bursts } : {}),
        answerWithinHours,
      });
      if (batch.type === 'nothing') return undefined;
      if (batch.type === 'wait') {
        await wakes.pause(batch.untilMs - clock.now().getTime(), signal);
        continue;
      }
      const toAnswer = await this.withinLimits(
        await this.toAnswer(batch, scope, connected),
        scope,
        connected,
      );
      if (toAnswer === undefined) continue;
      const rest = await this.answerOne(
        toAnswer,
        { scope, connected, sendsHere: this.sending.sendsHere(connected), wakes, signal },
        currentArrival,
      );
      if (rest === 'again') continue;
      if (rest !== undefined) return rest;
      // Nothing else was waiting when this event came, and anything newer has woken or marked the lane.
      if (currentArrival !== undefined) return undefined;
    }
  }

  /** Handles events that need no answer itself, and returns `undefined` for them. */
  private async toAnswer(
    batch: Exclude<NextBatch, { type: 'nothing' | 'wait' }>,
    scope: TenantScope,
    connected: Connected,
  ): Promise<Batch | undefined> {
    switch (batch.type) {
      case 'turn':
        return { ...batch, events: await pressedChoice(batch.events, scope, connected.channel.capabilities) };
      case 'drop':
        await this.settle(scope, batch.events);
        return undefined;
      case 'own-message':
        await this.tellTakenOver(scope, await recordOwnMessage(batch.item, scope, this.deps.clock.now()));
        await this.deps.handedOver(scope, batch.item.conversationId);
        await this.settle(scope, [batch.item]);
        return undefined;
      case 'late-edit': {
        const correction = await correctionOf(batch.edit, scope, this.deps.clock.now());
        if (correction === undefined) await this.settle(scope, [batch.edit]);
        return correction;
      }
      default:
        return batch satisfies never;
    }
  }

  /** Callers who wait for the answer are rate limited where the call comes in. */
  private async withinLimits(
    batch: Batch | undefined,
    scope: TenantScope,
    { channel }: Connected,
  ): Promise<Batch | undefined> {
    const [first] = batch?.events ?? [];
    if (batch === undefined || first === undefined) return undefined;
    if (channel.capabilities.delivery === 'response' || first.attempts > 0) return batch;
    const verdict = this.flood.judge(`${scope.tenantId} ${first.contactId}`);
    switch (verdict) {
      case 'answer':
        return batch;
      case 'tell':
        return { ...batch, isTooMuch: true };
      case 'silence':
        await this.settle(scope, [...batch.events, ...batch.corrections]);
        return undefined;
      default:
        return verdict satisfies never;
    }
  }

  private async answerOne(
    batch: Batch,
    context: AnsweringContext,
    arrival: Arrival | undefined,
  ): Promise<LaneRest | 'again' | undefined> {
    const outcome = await this.answering.answer(batch, context, arrival);
    switch (outcome.type) {
      case 'retry':
        return { nextDueAt: outcome.at };
      case 'again':
        return 'again';
      case 'answered':
        return this.afterAnswer(outcome, context);
      default:
        return outcome satisfies never;
    }
  }

  private async afterAnswer(
    { turn, isNew, lastWrite }: Extract<Outcome, { type: 'answered' }>,
    { scope, signal }: AnsweringContext,
  ): Promise<LaneRest | undefined> {
    const rest = turn === undefined ? undefined : await this.sending.send(turn, scope, signal, isNew);
    return lastWrite === undefined ? rest : { ...rest, lastWrite };
  }

  private async tellTakenOver(scope: TenantScope, conversation: Conversation | undefined): Promise<void> {
    if (conversation === undefined) return;
    const { id, contactId, channel } = conversation;
    const data = { conversation_id: id, contact_id: contactId, channel, reason: ANSWERED_FROM_DEVICE };
    await this.deps.events.emit(scope, 'conversation.handover', data);
  }

  private settle(scope: TenantScope, items: readonly InboxEvent[]): Promise<void> {
    return scope.inbox.markAnswered(items.map((item) => item.key));
  }

  private after(ms: number): Date {
    return new Date(this.deps.clock.now().getTime() + ms);
  }
}
