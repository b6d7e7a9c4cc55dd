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
  /** Makes the turn's record from what is known of the answer so far. */
  readonly make: (output: TurnOutput) => Turn;
  /** Called once the turn can no longer be restarted. */
  readonly onCommitted: () => void;
}

/**
 * The beginning of an answer, sent while the rest is still being written. It is committed before it is sent
 * and from then on answers its events: after a crash it is closed with an explanation and never answered
 * again.
 */
export class Beginning {
  private committed: Turn | undefined;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: BeginningParts,
    private readonly deps: DeliverDependencies,
  ) {}

  get turn(): Turn | undefined {
    return this.committed;
  }

  readonly send = async (output: TurnOutput): Promise<void> => {
    const { scope, connected, signal, recalled, make, onCommitted } = this.parts;
    const turn: Turn = { ...make(output), status: 'open' };
    this.deps.at('before-open');
    const settled = await scope.conversations.settle(turn.conversationId, {
      ...(turn.modeNumber === undefined ? {} : { modeNumber: turn.modeNumber }),
      ...(recalled === undefined ? {} : { recalled }),
      last: lastMessageOf(turn),
    });
    if (!settled) throw new Interrupted('a person took over, or what was recalled holds no longer');
    if (!(await scope.turns.commit(turn))) throw new Interrupted('the events are answered already');
    this.committed = turn;
    onCommitted();
    this.deps.at('after-open');
    this.sending = deliverTurn(turn, { scope, signal, isNew: true, ...connected }, this.deps).then(
      () => undefined,
      // Whatever could not be sent now is sent together with the rest.
      (error: unknown) =>
        this.deps.logger.warn({ error, turnId: turn.id }, 'the beginning of an answer was not sent yet'),
    );
  };

  /** Resolves once the beginning has been sent, or has been left for later. */
  async settled(): Promise<void> {
    await this.sending;
  }
}

/**
 * Completes a turn whose beginning was already sent. `undefined` if another process, taking this one for
 * dead, has closed it.
 */
export async function closeTurn(
  openTurn: Turn,
  finalTurn: Turn,
  scope: TenantScope,
): Promise<Turn | undefined> {
  const { modeNumber, conversationId } = openTurn;
  const settled = await scope.conversations.settle(conversationId, {
    ...(modeNumber === undefined ? {} : { modeNumber }),
    last: lastMessageOf(finalTurn),
  });
  const { answer, tookMs } = settled ? afterBeginning(openTurn, finalTurn) : openTurn;
  const more = answer.bubbles.slice(openTurn.answer.bubbles.length);
  // A person has taken over: the rest is not sent.
  return scope.turns.close(openTurn.id, {
    answer,
    tookMs,
    deliveries: more.map(() => ({ state: 'pending' })),
  });
}

/** An answer that does not start with the sent beginning is appended to it. */
function afterBeginning(openTurn: Turn, finalTurn: Turn): Pick<Turn, 'answer' | 'tookMs'> {
  const { answer, tookMs } = finalTurn;
  const { text, bubbles } = openTurn.answer;
  if (answer.text.startsWith(text)) return { answer, tookMs };
  const both = [text, answer.text].filter((part) => part !== '').join('\n\n');
  return { answer: { ...answer, text: both, bubbles: [...bubbles, ...answer.bubbles] }, tookMs };
}
