import type { Channel, ChannelAccount } from '../contracts/channel.js';
import { ChannelError } from '../contracts/channel.js';
import type { Conversation, Contact, Lane, TenantScope } from '../contracts/stores.js';
import type { InboxEvent, Turn } from '../contracts/turn.js';
import { derivedId } from '../lib/make-id.js';
import type { AnswerBoard } from './answer-board.js';
import type { DeliverDependencies, DeliveryContext } from './deliver-turn.js';
import { deliverTurn } from './deliver-turn.js';
import type { LaneOutcome, LaneWakes, LaneWork } from './lane-worker.js';
import { nextBatch } from './next-batch.js';
import type { ApologyFor, RunTurn, TurnInput, TurnOutput } from '../contracts/run-turn.js';

/** Tries before an event is put aside as a dead letter. */
export const MAX_ATTEMPTS = 5;
const FIRST_RETRY_MS = 1_000;
/** Platforms show the sign of typing for about five seconds. */
const TYPING_EVERY_MS = 4_500;

/** Finds the live channel account a conversation belongs to. */
export type FindAccount = (
  tenantId: string,
  accountId: string,
  channel: string,
) => { readonly channel: Channel; readonly account: ChannelAccount } | undefined;

export interface ConversationWorkDependencies extends DeliverDependencies {
  readonly scope: (tenantId: string) => Promise<TenantScope | undefined>;
  readonly findAccount: FindAccount;
  readonly runTurn: RunTurn;
  readonly apologyFor: ApologyFor;
  readonly board: AnswerBoard;
}

/** An account that is not connected here is tried again after this, in ms. */
const NO_ACCOUNT_RETRY_MS = 30_000;

/** All there is to do in one conversation: deliver what waits, answer what came. */
export class ConversationWork implements LaneWork {
  constructor(private readonly deps: ConversationWorkDependencies) {}

  async run(lane: Lane, wakes: LaneWakes, signal: AbortSignal): Promise<LaneOutcome> {
    const { clock, at } = this.deps;
    at('after-claim');
    const scope = await this.deps.scope(lane.tenantId);
    if (scope === undefined) return {};
    const deliveries = new Deliveries(scope, this.deps, signal);
    const due = await deliveries.resume(lane.conversationId);
    if (due !== undefined) return { nextDueAt: due };

    for (;;) {
      signal.throwIfAborted();
      const pending = await scope.inbox.pending(lane.conversationId);
      const [first] = pending;
      if (first === undefined) break;
      const found = this.deps.findAccount(lane.tenantId, first.accountId, first.channel);
      if (found === undefined) return { nextDueAt: new Date(clock.now().getTime() + NO_ACCOUNT_RETRY_MS) };
      const bursts = found.channel.capabilities.bursts ? scope.settings.bursts : undefined;
      const batch = nextBatch(pending, clock.now().getTime(), bursts);
      if (batch.type === 'nothing') break;
      if (batch.type === 'wait') {
        await wakes.pause(batch.untilMs - clock.now().getTime(), signal);
        continue;
      }
      if (batch.type === 'drop') {
        await scope.inbox.markAnswered(batch.events.map((item) => item.key));
        continue;
      }
      const outcome = await this.answer(scope, batch.events, batch.corrections, found, signal);
      if (outcome.type === 'retry') return { nextDueAt: outcome.at };
      if (outcome.turn === undefined) continue;
      const later = await deliveries.deliver(outcome.turn);
      if (later !== undefined) return { nextDueAt: later };
    }
    at('before-release');
    return {};
  }

  private async answer(
    scope: TenantScope,
    events: readonly InboxEvent[],
    corrections: readonly InboxEvent[],
    found: { channel: Channel; account: ChannelAccount },
    signal: AbortSignal,
  ): Promise<{ type: 'answered'; turn: Turn | undefined } | { type: 'retry'; at: Date }> {
    const { clock, logger, board, metrics, at } = this.deps;
    const startedAt = clock.monotonicMs();
    const keys = events.map((item) => item.key);
    const everyKey = [...keys, ...corrections.map((item) => item.key)];
    const input = await this.turnInput(scope, events, found.channel);
    if (input === undefined) {
      await scope.inbox.markAnswered(everyKey);
      return { type: 'answered', turn: undefined };
    }
    // The try is counted before the work when an earlier one may have ended the process.
    const counted = scope.inbox.recordAttempt(keys, MAX_ATTEMPTS);
    counted.catch(() => undefined);
    if (events.some((item) => item.attempts > 0)) await counted;
    at('before-turn');
    let output: TurnOutput;
    const stopTyping = this.keepTyping(events, found, signal);
    try {
      output = await this.deps.runTurn({
        ...input,
        emit: (event) => board.emit(scope, everyKey, event),
        signal,
      });
      await this.acknowledge(events, output.notice, found, signal);
    } catch (error) {
      signal.throwIfAborted();
      const attempts = Math.max(...(await counted).map((item) => item.attempts), 1);
      logger.error(
        { error, tenantId: scope.tenantId, conversationId: input.conversation.id, attempts },
        'a turn failed',
      );
      if (attempts < MAX_ATTEMPTS) {
        return { type: 'retry', at: new Date(clock.now().getTime() + FIRST_RETRY_MS * 2 ** (attempts - 1)) };
      }
      metrics.count('sapa_dead_letters_total');
      output = this.deps.apologyFor(input);
    } finally {
      stopTyping();
    }
    await counted;
    at('before-commit');
    const turn = makeTurn(
      events,
      everyKey,
      input,
      output,
      found.channel,
      clock.now(),
      clock.monotonicMs() - startedAt,
    );
    const committed = await scope.turns.commit(turn);
    at('after-commit');
    const standing = committed ? turn : await scope.turns.answering(keys[0] ?? '');
    await scope.inbox.markAnswered(committed ? everyKey : (standing?.eventIds ?? keys));
    if (standing !== undefined) board.publish(scope, standing);
    if (committed) {
      const { source, locale } = turn.answer;
      metrics.count('sapa_turns_total', { source, locale });
      metrics.observe('sapa_turn_seconds', turn.tookMs / 1000, { source });
    }
    return { type: 'answered', turn: standing };
  }

  private async turnInput(
    scope: TenantScope,
    events: readonly InboxEvent[],
    channel: Channel,
  ): Promise<Omit<TurnInput, 'emit' | 'signal'> | undefined> {
    const [first] = events;
    if (first === undefined) return undefined;
    const [conversation, contact]: [Conversation | undefined, Contact | undefined] = await Promise.all([
      scope.conversations.get(first.conversationId),
      scope.contacts.get(first.contactId),
    ]);
    if (conversation === undefined || contact === undefined) return undefined;
    const turnId = derivedId('t', scope.tenantId, first.key);
    return { turnId, scope, conversation, contact, capabilities: channel.capabilities, events };
  }

  /** Tells the platform that a button was seen; it would show a waiting sign for ever otherwise. */
  private async acknowledge(
    events: readonly InboxEvent[],
    notice: string | undefined,
    { channel, account }: { channel: Channel; account: ChannelAccount },
    signal: AbortSignal,
  ): Promise<void> {
    const event = events[0]?.event;
    if (event?.type !== 'action' || event.interactionToken === undefined) return;
    const { chat, interactionToken } = event;
    const text = notice === undefined ? {} : { text: notice };
    try {
      await channel.send({ chat }, { type: 'acknowledge', interactionToken, ...text }, account, signal);
    } catch (error) {
      // The press has done its work; only the platform's waiting sign stays a little longer.
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** Shows typing at once and until the answer is there; failures are of no consequence. */
  private keepTyping(
    events: readonly InboxEvent[],
    { channel, account }: { channel: Channel; account: ChannelAccount },
    signal: AbortSignal,
  ): () => void {
    const [first] = events;
    if (first === undefined || !channel.capabilities.typing) return () => undefined;
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const show = (): void => {
      channel
        .send({ chat: first.event.chat }, { type: 'typing' }, account, either)
        .catch((error: unknown) => {
          if (!(error instanceof ChannelError)) this.deps.logger.debug({ error }, 'typing was not shown');
        });
    };
    show();
    const timer = setInterval(show, TYPING_EVERY_MS);
    return () => {
      clearInterval(timer);
      ended.abort();
    };
  }
}

/** Delivery of the turns of one lane, in order. */
class Deliveries {
  constructor(
    private readonly scope: TenantScope,
    private readonly deps: ConversationWorkDependencies,
    private readonly signal: AbortSignal,
  ) {}

  /** Goes on with what an earlier owner left. Returns when to come back, if it cannot go on now. */
  async resume(conversationId: string): Promise<Date | undefined> {
    for (const turn of await this.scope.turns.undelivered(conversationId)) {
      const later = await this.deliver(turn);
      if (later !== undefined) return later;
    }
    return undefined;
  }

  async deliver(turn: Turn): Promise<Date | undefined> {
    if (turn.status === 'done') return undefined;
    const found = this.deps.findAccount(this.scope.tenantId, turn.accountId, turn.channel);
    if (found === undefined) return new Date(this.deps.clock.now().getTime() + NO_ACCOUNT_RETRY_MS);
    const context: DeliveryContext = { scope: this.scope, signal: this.signal, ...found };
    const outcome = await deliverTurn(turn, context, this.deps);
    return outcome.type === 'later' ? outcome.nextDueAt : undefined;
  }
}

function makeTurn(
  events: readonly InboxEvent[],
  eventIds: readonly string[],
  input: Omit<TurnInput, 'emit' | 'signal'>,
  output: TurnOutput,
  channel: Channel,
  now: Date,
  tookMs: number,
): Turn {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) throw new Error('a turn needs an event');
  // Where the caller waits for the answer, committing it is handing it over.
  const handedOver = channel.capabilities.delivery === 'response' || output.answer.bubbles.length === 0;
  const replyTo = 'messageId' in last.event ? last.event.messageId : undefined;
  return {
    id: input.turnId,
    conversationId: first.conversationId,
    contactId: first.contactId,
    accountId: first.accountId,
    channel: first.channel,
    chat: first.event.chat,
    eventIds,
    input: output.input,
    ...(replyTo === undefined ? {} : { replyToMessageId: replyTo }),
    answer: output.answer,
    deliveries: output.answer.bubbles.map(() =>
      handedOver ? { state: 'sent', receipt: { sentAt: now }, wasInDoubt: false } : { state: 'pending' },
    ),
    status: handedOver ? 'done' : 'waiting',
    createdAt: now,
    tookMs: Math.round(tookMs),
  };
}
