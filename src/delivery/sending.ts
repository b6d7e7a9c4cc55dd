import type { Connected, FindAccount } from '../contracts/chat.js';
import type { Events } from '../contracts/events.js';
import type { Lane, LaneRest, TenantScope } from '../contracts/stores.js';
import type { Turn } from '../contracts/turn.js';
import { deliverTurn, type DeliverDependencies } from './deliver-turn.js';
import type { LaneWakes, LaneWork, PostponedWork } from './lane-worker.js';

/** Retry interval for an account this process does not know (yet, or any more), in ms. */
export const NO_ACCOUNT_RETRY_MS = 10_000;

export interface SendingDependencies extends DeliverDependencies {
  readonly scope: (tenantId: string) => Promise<TenantScope | undefined>;
  readonly findAccount: FindAccount;
  readonly events: Events;
}

/**
 * Sends the turns that are waiting in a conversation. On its own it is the work of a process that holds
 * connections but makes no answers.
 */
export class Sending implements LaneWork {
  constructor(private readonly deps: SendingDependencies) {}

  async run(lane: Lane, _wakes: LaneWakes, signal: AbortSignal): Promise<LaneRest> {
    const scope = await this.deps.scope(lane.tenantId);
    if (scope === undefined) return {};
    const rest = await this.sendAll(lane, scope, signal);
    if (rest !== undefined) return rest;
    const unanswered = await scope.inbox.pending(lane.conversationId);
    return unanswered.length === 0 ? {} : { nextDueAt: this.deps.clock.now() };
  }

  /** Returns when to continue if it cannot finish now. */
  async sendAll(lane: Lane, scope: TenantScope, signal: AbortSignal): Promise<PostponedWork | undefined> {
    for (const turn of await scope.turns.undelivered(lane.conversationId)) {
      const rest = await this.send(turn, scope, signal);
      if (rest !== undefined) return rest;
    }
    return undefined;
  }

  /** Sends the rest of the turn. Returns when to continue if it cannot finish now. */
  async send(
    turn: Turn,
    scope: TenantScope,
    signal: AbortSignal,
    isNew = false,
  ): Promise<PostponedWork | undefined> {
    if (turn.status === 'done') {
      // If somebody was waiting for the answer, committing it delivered it.
      if (isNew) await this.tellSent(scope, turn);
      return undefined;
    }
    const { clock } = this.deps;
    const connected = this.deps.findAccount(scope.tenantId, turn.accountId, turn.channel);
    if (connected === undefined) return { nextDueAt: new Date(clock.now().getTime() + NO_ACCOUNT_RETRY_MS) };
    const whereConnected = { nextDueAt: clock.now(), needs: connected.account.id };
    if (!this.sendsHere(connected)) return whereConnected;
    const outcome = await deliverTurn(turn, { scope, signal, isNew, ...connected }, this.deps);
    switch (outcome.type) {
      case 'where-connected':
        return whereConnected;
      case 'later':
        return connected.channel.capabilities.sendsFrom === 'connection'
          ? { ...whereConnected, nextDueAt: outcome.nextDueAt }
          : { nextDueAt: outcome.nextDueAt };
      case 'done':
        await this.tellSent(scope, turn);
        return undefined;
      default:
        return outcome satisfies never;
    }
  }

  sendsHere({ account, channel }: Connected): boolean {
    return channel.capabilities.sendsFrom === 'anywhere' || this.deps.connections.has(account.id);
  }

  private async tellSent(scope: TenantScope, turn: Turn): Promise<void> {
    if (turn.status !== 'open' && turn.answer.bubbles.length > 0)
      await this.deps.events.emit(scope, 'answer.sent', sentData(turn));
  }
}

function sentData({
  id,
  conversationId,
  contactId,
  channel,
  input,
  answer,
}: Turn): Readonly<Record<string, unknown>> {
  return {
    message_id: id,
    conversation_id: conversationId,
    contact_id: contactId,
    channel,
    question: input,
    answer: answer.text,
    source: answer.source,
    locale: answer.locale,
  };
}
