import type { Connected } from '../contracts/chat.js';
import type { TurnOutput } from '../contracts/run-turn.js';
import type { Recalled, TenantScope } from '../contracts/stores.js';
import type { Turn } from '../contracts/turn.js';
import { deliverTurn, type DeliverDependencies } from './deliver-turn.js';
import { Interrupted } from './interruption.js';
import { lastMessageOf } from './last-message.js';

export interface BeginningParts {
  readonly scope: TenantScope;
  readonly connected: Connected;
  readonly signal: AbortSignal;
  readonly recalled: Recalled | undefined;
  /** The record of an answer as far as it is known. */
  readonly make: (output: TurnOutput) => Turn;
  /** From here on nothing may restart the turn. */
  readonly begun: () => void;
}

/**
 * The beginning of an answer that leaves while the rest is still written. It is committed before it
 * is sent, and answers its events from then on: what a crash leaves is closed with a word about it,
 * and never answered again.
 */
export class Beginning {
  private opened: Turn | undefined;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: BeginningParts,
    private readonly deps: DeliverDependencies,
  ) {}

  get turn(): Turn | undefined {
    return this.opened;
  }

  readonly say = async (output: TurnOutput): Promise<void> => {
    const { scope, connected, signal, recalled, make, begun } = this.parts;
    const turn: Turn = { ...make(output), status: 'open' };
    this.deps.at('before-open');
    const settled = await scope.conversations.settle(turn.conversationId, {
      ...(turn.modeNumber === undefined ? {} : { modeNumber: turn.modeNumber }),
      ...(recalled === undefined ? {} : { recalled }),
      last: lastMessageOf(turn),
    });
    if (!settled) throw new Interrupted('a person took over, or what was recalled holds no longer');
    if (!(await scope.turns.commit(turn))) throw new Interrupted('the events are answered already');
    this.opened = turn;
    begun();
    this.deps.at('after-open');
    this.sending = deliverTurn(turn, { scope, signal, isNew: true, ...connected }, this.deps).then(
      () => undefined,
      // What could not be sent now is sent with the rest.
      (error: unknown) => this.deps.logger.warn({ error, turnId: turn.id }, 'a beginning was not sent yet'),
    );
  };

  /** The beginning is sent, or waits to be. */
  async settled(): Promise<void> {
    await this.sending;
  }
}

/**
 * Makes the whole answer of a turn whose beginning has left. `undefined` where somebody closed it
 * before: a process that took it for dead.
 */
export async function closeTurn(opened: Turn, whole: Turn, scope: TenantScope): Promise<Turn | undefined> {
  const { modeNumber, conversationId } = opened;
  const settled = await scope.conversations.settle(conversationId, {
    ...(modeNumber === undefined ? {} : { modeNumber }),
    last: lastMessageOf(whole),
  });
  const { answer, tookMs } = settled ? afterBeginning(opened, whole) : opened;
  const more = answer.bubbles.slice(opened.answer.bubbles.length);
  // What a person took over meanwhile ends where it was: the rest is not said.
  return scope.turns.close(opened.id, { answer, tookMs, deliveries: more.map(() => ({ state: 'pending' })) });
}

/** An answer that does not begin as the beginning did is said after it. */
function afterBeginning(opened: Turn, whole: Turn): Pick<Turn, 'answer' | 'tookMs'> {
  const { answer, tookMs } = whole;
  const { text, bubbles } = opened.answer;
  if (answer.text.startsWith(text)) return { answer, tookMs };
  const both = [text, answer.text].filter((part) => part !== '').join('\n\n');
  return { answer: { ...answer, text: both, bubbles: [...bubbles, ...answer.bubbles] }, tookMs };
}
