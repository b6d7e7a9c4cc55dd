import type { ChannelAccount, InboundEvent } from '../../contracts/channel.js';
import type { AcceptedEvent, Intake } from '../../contracts/chat.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { Turn } from '../../contracts/turn.js';
import { directChat } from '../../lib/channels/api-account.js';
import { parseCommand } from '../../lib/text/parse-command.js';
import { withDeadline } from '../../lib/work/with-deadline.js';
import { canonicalHash } from '../../lib/api/canonical-hash.js';
import type { RequestFacts, RouteResult } from '../../lib/api/route.js';
import { json } from '../../lib/api/route.js';
import { HttpProblem, problemBody, retryAfter } from '../../lib/api/problem.js';
import { keyConflict, stillRunning } from '../server/idempotently.js';
import { toProblem } from '../to-problem.js';
import { answerJson } from './answer-json.js';
import type { ChatFields } from './chat-body.js';
import { TurnEvents } from './turn-events.js';
import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';
import type { HttpLimits } from '../limits.js';

/** Dependencies for answering a person on their own connection. */
export interface AnswerChatNeeds {
  readonly intake: Intake;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly logger: Logger;
  readonly config: { readonly limits: Pick<HttpLimits, 'answerTimeoutMs'> };
}

/** A message from a person who waits for the answer on the same connection. */
export interface ChatCall {
  readonly scope: TenantScope;
  readonly account: ChannelAccount;
  readonly userId: string;
  readonly body: ChatFields;
  /** Everything the client sent, to tell a repeated request from a different one. */
  readonly hashed: unknown;
  readonly conversationId: string | undefined;
  /** Prefixed to the Idempotency-Key where callers do not trust each other. */
  readonly keyPrefix?: string;
  readonly request: RequestFacts;
}

export type AnswerChat = (call: ChatCall) => Promise<RouteResult>;

/** Passes messages into the pipeline and waits for the answer, as JSON or as events. */
export function createAnswerChat(deps: AnswerChatNeeds): AnswerChat {
  const nextSequence = createSequence(deps);
  return async (call) => {
    const event = eventOf(deps, call, nextSequence());
    const events = new TurnEvents();
    const outcome = await accept(deps, call, event, events);
    if (outcome.type === 'duplicate') {
      const turn = await call.scope.turns.answering(outcome.eventKey);
      if (turn === undefined) throw stillRunning();
      return answerNow(call.request, turn, events);
    }
    const wait = (): Promise<Turn> => waitForTurn(deps, call, outcome);
    if (!call.request.wantsEvents) return json(200, answerJson(await wait()));
    return { type: 'events', run: (sink) => stream(deps, call, events, sink, wait) };
  };
}

/** Microseconds since 1970, never repeated within this process, so that messages stay in order. */
function createSequence(deps: AnswerChatNeeds): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, deps.clock.now().getTime() * 1000);
    return last;
  };
}

/** The id of the event created by a message with this key. */
export function eventIdOf(keyPrefix: string, idempotencyKey: string): string {
  return `key:${keyPrefix}${idempotencyKey}`;
}

function eventOf(deps: AnswerChatNeeds, call: ChatCall, sequence: number): InboundEvent {
  const { idempotencyKey } = call.request;
  const text = call.body.messages;
  const eventId =
    idempotencyKey === undefined ? deps.makeId('evt') : eventIdOf(call.keyPrefix ?? '', idempotencyKey);
  const common = {
    eventId,
    sequence,
    sentAt: deps.clock.now(),
    chat: directChat(call.account.id, call.account.channel, call.userId),
    sender: {
      id: call.userId,
      isBot: false,
      ...(call.body.locale === undefined ? {} : { locale: call.body.locale }),
    },
    messageId: eventId,
    addressed: true,
  };
  const command = parseCommand(text);
  if (command === undefined) return { ...common, type: 'message', parts: [{ type: 'text', text }] };
  const { name, argumentText } = command;
  return { ...common, type: 'command', name, argumentText, files: [] };
}

async function accept(
  deps: AnswerChatNeeds,
  call: ChatCall,
  event: InboundEvent,
  events: TurnEvents,
): Promise<AcceptedEvent & { readonly type: 'accepted' | 'duplicate' }> {
  const outcome = await deps.intake.accept(call.scope, call.account, event, {
    ...(call.request.idempotencyKey === undefined ? {} : { bodyHash: canonicalHash(call.hashed) }),
    ...(call.request.wantsEvents ? { listener: events.listener } : {}),
    ...(call.conversationId === undefined ? {} : { conversationId: call.conversationId }),
  });
  if (outcome.type === 'conflict') throw keyConflict();
  if (outcome.type === 'ignored') throw new Error('the intake ignored a message that was addressed to it');
  return outcome;
}

/** The turn continues whether or not somebody is waiting; only the waiting can be aborted. */
async function waitForTurn(deps: AnswerChatNeeds, call: ChatCall, event: AcceptedEvent): Promise<Turn> {
  const { signal } = call.request;
  try {
    return await withDeadline(signal, deps.config.limits.answerTimeoutMs, (limited) =>
      deps.intake.answered(call.scope, event, limited),
    );
  } catch (error) {
    if (signal.aborted) throw new HttpProblem(499, 'client_gone', 'The client went away.');
    if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error;
    throw new HttpProblem(
      504,
      'answer_timeout',
      'The message was kept but is not answered yet. Repeat the request with the same Idempotency-Key.',
      { headers: retryAfter(1000) },
    );
  }
}

function answerNow(request: RequestFacts, turn: Turn, events: TurnEvents): RouteResult {
  if (!request.wantsEvents) return json(200, answerJson(turn));
  return {
    type: 'events',
    run(sink) {
      events.finish(sink, turn);
      return Promise.resolve();
    },
  };
}

async function stream(
  deps: AnswerChatNeeds,
  call: ChatCall,
  events: TurnEvents,
  sink: Parameters<TurnEvents['open']>[0],
  wait: () => Promise<Turn>,
): Promise<void> {
  events.open(sink);
  try {
    events.finish(sink, await wait());
  } catch (error) {
    const { requestId } = call.request;
    const problem = toProblem(error);
    if (problem.status >= 500) deps.logger.error({ requestId, error }, 'streaming an answer failed');
    sink('error', problemBody(problem, requestId));
  }
}
