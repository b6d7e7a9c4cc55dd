import type { Connected } from '../contracts/chat.js';
import type { ApologyFor, RunTurn, TurnInput, TurnOutput, TurnSubject } from '../contracts/run-turn.js';
import type { Contact, PreparedWrite, TenantScope } from '../contracts/stores.js';
import type { InboxEvent, StoredFile, Turn, TurnEvent } from '../contracts/turn.js';
import { derivedId } from '../lib/ids/make-id.js';
import type { AnswerBoard } from './answer-board.js';
import type { AnswersUnderWay } from './answers-under-way.js';
import { Attempts, MAX_ATTEMPTS } from './attempts.js';
import { conversationOf } from './conversation-of.js';
import { acknowledgePress, keepTyping } from './courtesies.js';
import type { DeliverDependencies } from './deliver-turn.js';
import { Beginning, closeTurn } from './beginning.js';
import { Interrupted, Interruption } from './interruption.js';
import { lastMessageOf } from './last-message.js';
import type { Arrival, LaneWakes } from './lane-worker.js';
import { makeTurn } from './make-turn.js';
import { saveFiles } from './save-files.js';

const FIRST_RETRY_MS = 1_000;

export interface AnsweringDependencies extends DeliverDependencies {
  readonly runTurn: RunTurn;
  readonly apologyFor: ApologyFor;
  readonly board: AnswerBoard;
  readonly underWay: AnswersUnderWay;
}

/** The events that one turn answers. */
export interface Batch {
  /** At least one. */
  readonly events: readonly InboxEvent[];
  /** Edits that have already been applied to `events`. */
  readonly corrections: readonly InboxEvent[];
  /** The earlier answer that the new one corrects. */
  readonly corrects?: Turn | undefined;
  /** The person has been writing too much: they get a short notice instead of an answer. */
  readonly isTooMuch?: boolean;
}

/** Where and on whose behalf a batch is answered. */
export interface AnsweringContext {
  readonly scope: TenantScope;
  readonly connected: Connected;
  /** This process may send to the account. */
  readonly sendsHere: boolean;
  readonly wakes: LaneWakes;
  readonly signal: AbortSignal;
}

interface AttemptParts {
  readonly input: TurnSubject;
  readonly eventIds: readonly string[];
  readonly context: AnsweringContext;
  readonly arrival: Arrival | undefined;
  readonly beginning: Beginning;
  readonly interruption: Interruption;
}

/** The result of one attempt: an answer, nothing yet, or an apology after the last attempt. */
type Attempt =
  | { readonly type: 'answer' | 'apology'; readonly output: TurnOutput }
  | { readonly type: 'retry'; readonly at: Date }
  /** What has to be answered changed in the meantime: choose the batch again. */
  | { readonly type: 'again' };
/** `answered`: by this turn, or without one if there was nothing to say. */
export type Outcome =
  | {
      readonly type: 'answered';
      readonly turn?: Turn;
      readonly isNew?: boolean;
      /** Present if nothing has to be sent: the last thing to do before the lane is released. */
      readonly lastWrite?: PreparedWrite;
    }
  | Exclude<Attempt, { readonly output: TurnOutput }>;

/** Makes the one answer to a batch of events and commits it. */
export class Answering {
  constructor(private readonly deps: AnsweringDependencies) {}

  async answer(
    incomingBatch: Batch,
    context: AnsweringContext,
    arrival: Arrival | undefined,
  ): Promise<Outcome> {
    const { clock } = this.deps;
    const { scope, connected, wakes } = context;
    const startedAt = clock.monotonicMs();
    const eventIds = [...incomingBatch.events, ...incomingBatch.corrections].map((item) => item.key);
    if (arrival === undefined) {
      const earlier = await this.earlier(eventIds, incomingBatch, context);
      if (earlier !== undefined) return earlier;
    }
    const input = await this.turnInput(incomingBatch, context, arrival);
    if (input === undefined) {
      await scope.inbox.markAnswered(eventIds);
      return { type: 'answered' };
    }
    const { events } = input;
    const batch = { ...incomingBatch, events };
    const make = (output: TurnOutput, files: readonly StoredFile[] = []): Turn =>
      makeTurn({
        input,
        eventIds,
        output,
        files,
        connected,
        sender: context.sendsHere ? this.deps.owner : undefined,
        now: clock.now(),
        tookMs: clock.monotonicMs() - startedAt,
      });
    const joinsBursts = connected.channel.capabilities.bursts && scope.settings.bursts.max_wait_ms > 0;
    const interruption = new Interruption({ events, joinsBursts, wakes, scope, now: () => clock.now() });
    const onCommitted = (): void => interruption.end();
    const beginning = new Beginning(
      { ...context, recalled: arrival?.recalled, make, onCommitted },
      this.deps,
    );
    const attempt: Attempt =
      incomingBatch.isTooMuch === true
        ? { type: 'answer', output: this.deps.apologyFor(input, 'too-much') }
        : await this.attempt({ input, eventIds, context, arrival, beginning, interruption });
    if (attempt.type === 'retry' || attempt.type === 'again') return attempt;
    const { files = [], ...output } = attempt.output;
    const turn = make(output, await saveFiles(files, connected, scope));
    await beginning.settled();
    if (beginning.turn !== undefined) return this.close(beginning.turn, turn, scope);
    return this.commit(turn, attempt, batch, context, arrival);
  }

  /** The outcome of an earlier attempt that committed an answer. */
  private async earlier(
    eventIds: readonly string[],
    batch: Batch,
    context: AnsweringContext,
  ): Promise<Outcome | undefined> {
    const turn = await this.standing(context.scope, eventIds);
    if (turn === undefined) return undefined;
    return turn.status === 'open' ? this.closeLost(turn, batch, context) : { type: 'answered', turn };
  }

  /** Commits the rest of an answer whose beginning was already sent. */
  private async close(openTurn: Turn, finalTurn: Turn, scope: TenantScope): Promise<Outcome> {
    const { at } = this.deps;
    at('before-commit');
    const closed = await closeTurn(openTurn, finalTurn, scope);
    // Another process took this one for dead and closed the turn; it sends the rest.
    if (closed === undefined) return { type: 'again' };
    at('after-commit');
    this.announce(scope, closed);
    await scope.inbox.markAnswered(closed.eventIds);
    return { type: 'answered', turn: closed };
  }

  /** The process that was writing this answer died after sending its beginning. */
  private async closeLost(openTurn: Turn, batch: Batch, context: AnsweringContext): Promise<Outcome> {
    const { scope } = context;
    const input = await this.turnInput(batch, context, undefined);
    if (input === undefined) return { type: 'answered' };
    const { answer } = this.deps.apologyFor(input, 'broken-off');
    return this.close(openTurn, { ...openTurn, answer }, scope);
  }

  private async commit(
    turn: Turn,
    attempt: Extract<Attempt, { readonly output: TurnOutput }>,
    batch: Batch,
    { scope, wakes }: AnsweringContext,
    arrival: Arrival | undefined,
  ): Promise<Outcome> {
    const { at } = this.deps;
    const recalled = arrival?.recalled;
    at('before-commit');
    const { modeNumber } = turn;
    const settled = await scope.conversations.settle(turn.conversationId, {
      ...(modeNumber === undefined ? {} : { modeNumber }),
      ...(recalled === undefined ? {} : { recalled }),
      last: lastMessageOf(turn),
      isAsked: true,
    });
    // While the answer was being made, a person took over or handed back, or the recalled state became
    // outdated.
    if (!settled && (modeNumber !== undefined || recalled !== undefined)) {
      this.deps.board.emit(scope, turn.eventIds, { type: 'status', state: 'restart', reason: 'interrupted' });
      return { type: 'again' };
    }
    if (!(await scope.turns.commit(turn))) {
      const standing = await this.standing(scope, turn.eventIds);
      if (standing === undefined)
        throw new Error(`turn ${turn.id} is refused, and no other answers its events`);
      return { type: 'answered', turn: standing };
    }
    at('after-commit');
    // Nothing is left to send and nothing else was waiting.
    const isLast = arrival !== undefined && turn.status === 'done';
    if (isLast) wakes.ending();
    // The answer is final from here on; nothing below is worth waiting for.
    this.announce(scope, turn);
    const answered = { type: 'answered', turn, isNew: true } as const;
    if (attempt.type === 'apology') await new Attempts(scope, batch.events).bury(batch.corrections);
    else if (isLast) return { ...answered, lastWrite: scope.inbox.prepareAnswered(turn.eventIds) };
    else await scope.inbox.markAnswered(turn.eventIds);
    return answered;
  }

  /** Runs the turn, or apologises if it has been tried too often. */
  private async attempt(parts: AttemptParts): Promise<Attempt> {
    const { input, eventIds, context, arrival, beginning, interruption } = parts;
    const { scope, connected, sendsHere, signal } = context;
    const { logger, board, underWay, at } = this.deps;
    const { events } = input;
    const attempts = new Attempts(scope, events);
    if (attempts.areUsedUp) return this.giveUp(input);
    // The first attempt of a new arrival is counted only if it fails, because it is already recorded that
    // nothing else came before it.
    if (arrival === undefined) await attempts.countAhead();
    at('before-turn');
    interruption.start();
    const stop = underWay.begin(scope, eventIds);
    const stopTyping = keepTyping(input.conversation.chat, connected, logger, signal);
    try {
      const running = AbortSignal.any([signal, interruption.signal]);
      const output = await this.deps.runTurn({
        ...input,
        emit: this.emitter(scope, eventIds),
        signal: running,
        stopped: stop.signal,
        ...beforeEffects(scope, arrival),
        ...(mayGoAhead(input, connected, sendsHere) ? { sayAhead: beginning.send } : {}),
      });
      await attempts.stored();
      running.throwIfAborted();
      const [first] = events;
      if (first !== undefined) await acknowledgePress(first, output.notice, connected, logger, signal);
      return { type: 'answer', output };
    } catch (error) {
      signal.throwIfAborted();
      if (interruption.signal.aborted || error instanceof Interrupted) {
        await attempts.forget();
        board.emit(scope, eventIds, { type: 'status', state: 'restart', reason: 'interrupted' });
        return { type: 'again' };
      }
      return await this.afterFailure(error, input, attempts);
    } finally {
      interruption.end();
      stop.end();
      stopTyping();
    }
  }

  /** Tries again later, or apologises after the last attempt. */
  private async afterFailure(error: unknown, input: TurnSubject, attempts: Attempts): Promise<Attempt> {
    const { logger, clock } = this.deps;
    const tries = await attempts.count();
    const { scope, conversation } = input;
    logger.error(
      { error, tenantId: scope.tenantId, conversationId: conversation.id, tries },
      'a turn failed',
    );
    if (tries >= MAX_ATTEMPTS) return this.giveUp(input);
    return { type: 'retry', at: new Date(clock.now().getTime() + FIRST_RETRY_MS * 2 ** (tries - 1)) };
  }

  private emitter(scope: TenantScope, eventIds: readonly string[]): (event: TurnEvent) => void {
    const { board, at } = this.deps;
    let isSilent = true;
    return (event) => {
      if (isSilent) at('in-model');
      isSilent = false;
      board.emit(scope, eventIds, event);
    };
  }

  private giveUp(input: TurnSubject): Attempt {
    this.deps.metrics.count('sapa_dead_letters_total');
    return { type: 'apology', output: this.deps.apologyFor(input, 'failed') };
  }

  /** `undefined` if the person was erased: there is nobody to answer. */
  private async turnInput(
    { events, corrects }: Batch,
    { scope, connected }: AnsweringContext,
    arrival: Arrival | undefined,
  ): Promise<TurnSubject | undefined> {
    const [first] = events;
    if (first === undefined) return undefined;
    const [existing, contact] =
      arrival === undefined
        ? await Promise.all([
            scope.conversations.get(first.conversationId),
            scope.contacts.get(first.contactId),
          ])
        : [arrival.conversation, arrival.contact];
    const writer = contact ?? (await writerSinceErased(first, scope));
    if (writer === undefined) return undefined;
    const ownEvents =
      contact === undefined ? events.map((item) => ({ ...item, contactId: writer.id })) : events;
    // A crash can store the event without the conversation that should have been stored with it.
    const conversation =
      existing ?? (await scope.conversations.ensure(conversationOf({ ...first, contactId: writer.id })));
    return {
      turnId: derivedId('t', scope.tenantId, first.key),
      scope,
      conversation,
      contact: writer,
      capabilities: connected.channel.capabilities,
      events: ownEvents,
      ...(corrects === undefined ? {} : { corrects }),
    };
  }

  /**
   * The existing answer to one of these events. Marks all its events as answered and publishes it to waiters.
   */
  private async standing(scope: TenantScope, eventIds: readonly string[]): Promise<Turn | undefined> {
    for (const key of eventIds) {
      const turn = await scope.turns.answering(key);
      if (turn === undefined) continue;
      if (turn.status === 'open') return turn;
      await scope.inbox.markAnswered(turn.eventIds);
      this.deps.board.publish(scope, turn);
      return turn;
    }
    return undefined;
  }

  private announce(scope: TenantScope, turn: Turn): void {
    const { board, metrics } = this.deps;
    board.publish(scope, turn);
    const { source, locale } = turn.answer;
    metrics.count('sapa_turns_total', { source, locale });
    metrics.observe('sapa_turn_seconds', turn.tookMs / 1000, { source });
  }
}

/**
 * Whether the beginning may be sent early: the answer is pushed as a new message, not as a correction of an
 * old one.
 */
function mayGoAhead({ events, corrects }: TurnSubject, { channel }: Connected, sendsHere: boolean): boolean {
  const isPlain = events.every(({ event }) => event.type === 'message') && corrects === undefined;
  return isPlain && sendsHere && channel.capabilities.delivery === 'push';
}

function beforeEffects(
  { conversations }: TenantScope,
  arrival: Arrival | undefined,
): Pick<TurnInput, 'beforeEffects'> {
  const recalled = arrival?.recalled;
  if (recalled === undefined) return {};
  return {
    async beforeEffects() {
      const holds = await conversations.holds(recalled);
      if (!holds) throw new Interrupted('what was known from the message before holds no longer');
    },
  };
}

/**
 * The author of an event whose contact was erased. If the event arrived before this process knew of the
 * erasure, it is the first message of somebody new; otherwise it was erased with them.
 */
async function writerSinceErased(item: InboxEvent, scope: TenantScope): Promise<Contact | undefined> {
  const { key, channel, accountId, event } = item;
  if ((await scope.inbox.get(key)) === undefined) return undefined;
  const { id: userId, name } = event.sender;
  const nameField = name === undefined ? {} : { name };
  const contact = await scope.contacts.ensure({
    channel,
    accountId,
    userId,
    ...nameField,
    at: item.receivedAt,
  });
  await scope.inbox.assign(item.conversationId, item.contactId, contact.id);
  return contact;
}
