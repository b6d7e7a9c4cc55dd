import type { ApologyFor, RunTurn, TurnInput, TurnOutput } from '../contracts/run-turn.js';
import type { Lane, TenantScope } from '../contracts/stores.js';
import type { InboxEvent, Turn, TurnEvent } from '../contracts/turn.js';
import { derivedId } from '../lib/make-id.js';
import type { AnswerBoard } from './answer-board.js';
import { conversationOf } from './conversation-of.js';
import type { Connected } from './courtesies.js';
import { acknowledgePress, keepTyping } from './courtesies.js';
import type { DeliverDependencies } from './deliver-turn.js';
import { deliverTurn } from './deliver-turn.js';
import type { Arrival, LaneOutcome, LaneWakes, LaneWork } from './lane-worker.js';
import { makeTurn } from './make-turn.js';
import type { NextBatch } from './next-batch.js';
import { nextBatch } from './next-batch.js';

/** Tries before an event is put aside as a dead letter. */
export const MAX_ATTEMPTS = 5;
const FIRST_RETRY_MS = 1_000;
/** An account that is not known here (any more, or yet) is looked for again after this, in ms. */
const NO_ACCOUNT_RETRY_MS = 10_000;

/** Finds the live channel account a conversation belongs to. */
export type FindAccount = (tenantId: string, accountId: string, channel: string) => Connected | undefined;

export interface ConversationWorkDependencies extends DeliverDependencies {
  readonly scope: (tenantId: string) => Promise<TenantScope | undefined>;
  readonly findAccount: FindAccount;
  readonly runTurn: RunTurn;
  readonly apologyFor: ApologyFor;
  readonly board: AnswerBoard;
}

type Batch = Extract<NextBatch, { type: 'turn' }>;
/** What one try made: an answer, nothing yet, or after the last try an apology. */
type Attempt =
  | { readonly type: 'answer' | 'apology'; readonly output: TurnOutput }
  | { readonly type: 'retry'; readonly at: Date };
/** `answered`: by this turn, or with nothing to say at all. */
type Outcome = { readonly type: 'answered'; readonly turn?: Turn } | Extract<Attempt, { type: 'retry' }>;

/** All there is to do in one conversation: deliver what waits, answer what came. */
export class ConversationWork implements LaneWork {
  constructor(private readonly deps: ConversationWorkDependencies) {}

  async run(lane: Lane, wakes: LaneWakes, signal: AbortSignal, arrival?: Arrival): Promise<LaneOutcome> {
    const { clock, at } = this.deps;
    at('after-claim');
    const scope = await this.deps.scope(lane.tenantId);
    if (scope === undefined) return {};
    const undelivered = arrival === undefined ? await scope.turns.undelivered(lane.conversationId) : [];
    for (const turn of undelivered) {
      const later = await this.deliver(turn, scope, signal);
      if (later !== undefined) return { nextDueAt: later };
    }

    for (let known = arrival; ; known = undefined) {
      signal.throwIfAborted();
      const pending = known === undefined ? await scope.inbox.pending(lane.conversationId) : [known.item];
      const [first] = pending;
      if (first === undefined) break;
      if (wakes.stopping) return { nextDueAt: clock.now() };
      const found = this.deps.findAccount(lane.tenantId, first.accountId, first.channel);
      if (found === undefined) return { nextDueAt: this.after(NO_ACCOUNT_RETRY_MS) };
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
      const outcome = await this.answer(scope, batch, found, signal, known);
      if (outcome.type === 'retry') return { nextDueAt: outcome.at };
      if (outcome.turn === undefined) continue;
      const later = await this.deliver(outcome.turn, scope, signal);
      if (later !== undefined) return { nextDueAt: later };
      // Nothing else waited when this one came, and what came since has woken or marked the lane.
      if (known !== undefined) break;
    }
    at('before-release');
    return {};
  }

  private async answer(
    scope: TenantScope,
    batch: Batch,
    found: Connected,
    signal: AbortSignal,
    known: Arrival | undefined,
  ): Promise<Outcome> {
    const { clock, at } = this.deps;
    const startedAt = clock.monotonicMs();
    const { events } = batch;
    const eventIds = [...events, ...batch.corrections].map((item) => item.key);
    if (wasTried(events)) {
      // An earlier try may have got as far as the answer.
      const turn = await this.standing(scope, eventIds);
      if (turn !== undefined) return { type: 'answered', turn };
    }
    const input = await this.turnInput(scope, events, found.channel, known);
    if (input === undefined) {
      await scope.inbox.markAnswered(eventIds);
      return { type: 'answered' };
    }
    const attempt = await this.attempt(input, eventIds, found, signal);
    if (attempt.type === 'retry') return attempt;
    at('before-commit');
    const turn = makeTurn({
      id: input.turnId,
      events,
      eventIds,
      output: attempt.output,
      capabilities: found.channel.capabilities,
      now: clock.now(),
      tookMs: clock.monotonicMs() - startedAt,
    });
    if (!(await scope.turns.commit(turn))) {
      const standing = await this.standing(scope, eventIds);
      if (standing === undefined)
        throw new Error(`turn ${turn.id} is refused, and no other answers its events`);
      return { type: 'answered', turn: standing };
    }
    at('after-commit');
    // The answer stands from here on; what is left is not worth a wait.
    this.made(scope, turn);
    if (attempt.type === 'apology') await bury(scope, events, batch.corrections);
    else await scope.inbox.markAnswered(eventIds);
    return { type: 'answered', turn };
  }

  /** Tries the turn, unless it was tried too often: then an apology is all that is left. */
  private async attempt(
    input: Omit<TurnInput, 'emit' | 'signal'>,
    eventIds: readonly string[],
    found: Connected,
    signal: AbortSignal,
  ): Promise<Attempt> {
    const { logger, board, at } = this.deps;
    const { scope, events } = input;
    // Each of those tries ended this process or its claim before it could be judged.
    if (triesOf(events) >= MAX_ATTEMPTS) return this.giveUp(input);
    // The try is counted before the work when an earlier one may have ended the process.
    const counted = scope.inbox.recordAttempt(
      events.map((item) => item.key),
      MAX_ATTEMPTS + 1,
    );
    counted.catch(() => undefined);
    if (wasTried(events)) await counted;
    at('before-turn');
    let isSilent = true;
    const emit = (event: TurnEvent): void => {
      if (isSilent) at('in-model');
      isSilent = false;
      board.emit(scope, eventIds, event);
    };
    const stopTyping = keepTyping(input.conversation.chat, found, logger, signal);
    try {
      const output = await this.deps.runTurn({ ...input, emit, signal });
      await counted;
      const [first] = events;
      if (first !== undefined) await acknowledgePress(first, output.notice, found, logger, signal);
      return { type: 'answer', output };
    } catch (error) {
      signal.throwIfAborted();
      const tries = Math.max(triesOf(await counted), 1);
      const { tenantId } = scope;
      logger.error({ error, tenantId, conversationId: input.conversation.id, tries }, 'a turn failed');
      if (tries >= MAX_ATTEMPTS) return this.giveUp(input);
      return { type: 'retry', at: this.after(FIRST_RETRY_MS * 2 ** (tries - 1)) };
    } finally {
      stopTyping();
    }
  }

  private giveUp(input: Omit<TurnInput, 'emit' | 'signal'>): Attempt {
    this.deps.metrics.count('sapa_dead_letters_total');
    return { type: 'apology', output: this.deps.apologyFor(input) };
  }

  /** `undefined` when the person was erased: there is nobody left to answer. */
  private async turnInput(
    scope: TenantScope,
    events: readonly InboxEvent[],
    channel: Connected['channel'],
    known: Arrival | undefined,
  ): Promise<Omit<TurnInput, 'emit' | 'signal'> | undefined> {
    const [first] = events;
    if (first === undefined) return undefined;
    const [existing, contact] =
      known === undefined
        ? await Promise.all([
            scope.conversations.get(first.conversationId),
            scope.contacts.get(first.contactId),
          ])
        : [known.conversation, known.contact];
    if (contact === undefined) return undefined;
    // A crash can keep the event and lose the conversation that was to be stored beside it.
    const conversation = existing ?? (await scope.conversations.ensure(conversationOf(first)));
    const turnId = derivedId('t', scope.tenantId, first.key);
    return { turnId, scope, conversation, contact, capabilities: channel.capabilities, events };
  }

  /** The answer that one of these events has already; its events are marked, and those who wait hear it. */
  private async standing(scope: TenantScope, eventIds: readonly string[]): Promise<Turn | undefined> {
    for (const key of eventIds) {
      const turn = await scope.turns.answering(key);
      if (turn === undefined) continue;
      await scope.inbox.markAnswered(turn.eventIds);
      this.deps.board.publish(scope, turn);
      return turn;
    }
    return undefined;
  }

  private made(scope: TenantScope, turn: Turn): void {
    const { board, metrics } = this.deps;
    board.publish(scope, turn);
    const { source, locale } = turn.answer;
    metrics.count('sapa_turns_total', { source, locale });
    metrics.observe('sapa_turn_seconds', turn.tookMs / 1000, { source });
  }

  /** Sends what is left of the turn. Returns when to come back, if it cannot go on now. */
  private async deliver(turn: Turn, scope: TenantScope, signal: AbortSignal): Promise<Date | undefined> {
    if (turn.status === 'done') return undefined;
    const found = this.deps.findAccount(scope.tenantId, turn.accountId, turn.channel);
    if (found === undefined) return this.after(NO_ACCOUNT_RETRY_MS);
    const outcome = await deliverTurn(turn, { scope, signal, ...found }, this.deps);
    return outcome.type === 'later' ? outcome.nextDueAt : undefined;
  }

  private after(ms: number): Date {
    return new Date(this.deps.clock.now().getTime() + ms);
  }
}

function triesOf(events: readonly InboxEvent[]): number {
  return Math.max(0, ...events.map((item) => item.attempts));
}

function wasTried(events: readonly InboxEvent[]): boolean {
  return triesOf(events) > 0;
}

/** Dead letters stay apart from what was answered, so that a person finds them. */
async function bury(
  scope: TenantScope,
  events: readonly InboxEvent[],
  corrections: readonly InboxEvent[],
): Promise<void> {
  const counted = await scope.inbox.recordAttempt(
    events.map((item) => item.key),
    MAX_ATTEMPTS + 1,
  );
  const others = [...counted.filter((item) => item.status === 'pending'), ...corrections];
  await scope.inbox.markAnswered(others.map((item) => item.key));
}
