import type {
  FinishReason,
  ModelChain,
  ModelMessage,
  ModelRequest,
  Reasoning,
  ToolCall,
  ToolResult,
  TurnSpending,
} from '../../contracts/model.js';
import { ModelError } from '../../contracts/model.js';
import type { UnconfirmedAction, ToolRunner } from '../../contracts/tool.js';
import { endOfBeginning } from '../beginning.js';
import type { PlainSpeakers } from '../plain-speakers.js';
import { LiveAnswer, type Draft, type Leave } from '../live-answer.js';
import { outcomeIn, type Outcome } from '../outcomes.js';
import { SourceNumbers } from '../outgoing/source-numbers.js';
import type { TurnState } from '../turn-state.js';

/** Rounds of tool calls before the model must answer with what it has. */
const MAX_TOOL_ROUNDS = 4;
/** How often a model may correct an answer that is not supported. */
const MAX_CORRECTIONS = 1;

export interface ModelAnswer {
  readonly outcome:
    | Outcome
    | {
        readonly type: 'answer';
        /** As it may be sent; not empty. */
        readonly text: string;
        /**
         * Numbers of the data parts it cites, in the order the text numbers them: the first is `[1]`, and so
         * on.
         */
        readonly sources: readonly number[];
        /** The beginning that was already sent. */
        readonly ahead: string;
      };
  readonly provider: string;
  readonly model: string;
  readonly usedTools: boolean;
}

export interface Asking {
  readonly chain: ModelChain;
  readonly tools: ToolRunner;
  /** Filters a text for sending; gives the same result for a whole text as word by word. */
  readonly leave: Leave;
  /** What is wrong with an answer, addressed to the model; `undefined` if it may be sent. */
  readonly check: (draft: Draft, results: readonly ToolResult[]) => string | undefined;
  /** Show nothing before it is checked. */
  readonly holdsBack: boolean;
  readonly spending: TurnSpending;
  readonly state: TurnState;
  /** Allows the beginning of the answer to be sent while the rest is being written. */
  readonly ahead?: {
    /** Longest beginning, in characters. */
    readonly limit: number;
    readonly speakers: PlainSpeakers;
    readonly say: (text: string, by: { readonly provider: string; readonly model: string }) => Promise<void>;
  };
}

/** Streams the answer to listeners and returns the whole of it. Throws `ModelError`. */
export async function askModel(request: ModelRequest, asking: Asking): Promise<ModelAnswer> {
  const { state, leave, ahead } = asking;
  const holdsBack = asking.holdsBack || ahead !== undefined;
  const live = new LiveAnswer(state.emit, leave, new SourceNumbers(countSources(request)), holdsBack);
  try {
    return await askInRounds(request, asking, live);
  } catch (error) {
    live.withdraw(error instanceof ModelError ? error.kind : 'malformed');
    throw error;
  }
}

async function askInRounds(request: ModelRequest, asking: Asking, live: LiveAnswer): Promise<ModelAnswer> {
  const { tools: specs, ...withoutTools } = request;
  let messages: readonly ModelMessage[] = request.messages;
  const results: ToolResult[] = [];
  let corrections = 0;
  for (let rounds = 0; ; rounds += 1) {
    const mayCall = rounds < MAX_TOOL_ROUNDS && specs !== undefined;
    const roundRequest = { ...withoutTools, messages, ...(mayCall ? { tools: specs } : {}) };
    const round = await streamRound(roundRequest, asking, live, results);
    const { provider, model } = round;
    const base = { provider, model, usedTools: results.length > 0 };
    if (round.reason === 'stopped') return stopHere(base, round, asking, live, results);
    const outcome = round.reason === 'content-filter' ? { type: 'refused' as const } : outcomeIn(round.calls);
    if (outcome !== undefined) {
      live.withdraw('no-answer');
      return { ...base, outcome };
    }
    if (mayCall && round.calls.length > 0) {
      const draft = live.finishRound();
      const called = await callTools(draft, round, asking);
      if ('pending' in called) {
        live.withdraw('no-answer');
        return { ...base, usedTools: true, outcome: { type: 'confirm', action: called.pending } };
      }
      results.push(...called.results);
      messages = [...messages, ...called.messages];
      continue;
    }
    if (round.reason === 'length' && live.written.trim() !== '')
      live.cutAtSentence(asking.state.t('answer.cut'));
    const problem = round.groundedOnly ? undefined : asking.check(live.draft(), results);
    if (problem === undefined) {
      live.finishRound();
      return answered(base, live);
    }
    if (live.ahead !== '') {
      live.breakOff(asking.state.t('answer.brokenOff'));
      return answered(base, live);
    }
    if (corrections >= MAX_CORRECTIONS) {
      live.withdraw('no-answer');
      return { ...base, outcome: { type: 'no-answer' } };
    }
    corrections += 1;
    messages = [...messages, ...correction(live.written, problem)];
    live.dropAttempt('correction');
  }
}

/** Keeps what the person has read, if it may be sent, with a note that they stopped it. */
function stopHere(
  base: Omit<ModelAnswer, 'outcome'>,
  { groundedOnly }: Round,
  { state, check }: Asking,
  live: LiveAnswer,
  results: readonly ToolResult[],
): ModelAnswer {
  live.cutAtWord(state.t('answer.stopped'));
  if (!groundedOnly && check(live.draft(), results) !== undefined) {
    live.dropAttempt('correction');
    live.add(state.t('answer.stopped'));
  }
  live.finishRound();
  return answered(base, live);
}

function answered(base: Omit<ModelAnswer, 'outcome'>, { text, sources, ahead }: LiveAnswer): ModelAnswer {
  if (text === '') return { ...base, outcome: { type: 'no-answer' } };
  return { ...base, outcome: { type: 'answer', text, sources, ahead } };
}

interface Round {
  readonly provider: string;
  readonly model: string;
  readonly groundedOnly: boolean;
  readonly calls: readonly ToolCall[];
  readonly reasoning: Reasoning | undefined;
  /** `stopped`: by the person. */
  readonly reason: FinishReason | 'stopped';
}

/** One answer of the chain, possibly after several attempts. */
async function streamRound(
  request: ModelRequest,
  asking: Asking,
  live: LiveAnswer,
  results: readonly ToolResult[],
): Promise<Round> {
  const { chain, spending, state } = asking;
  const { stopped, signal } = state;
  const ends = stopped === undefined ? signal : AbortSignal.any([signal, stopped]);
  const by: Attempt = { provider: 'none', model: 'none', groundedOnly: false };
  try {
    return await collectRound(chain.stream(request, ends, spending), by, asking, live, results);
  } catch (error) {
    if (stopped?.aborted !== true || signal.aborted) throw error;
    return { ...by, reason: 'stopped', reasoning: undefined, calls: [] };
  }
}

/** The model that is currently writing. */
interface Attempt {
  provider: string;
  model: string;
  groundedOnly: boolean;
}

async function collectRound(
  parts: ReturnType<ModelChain['stream']>,
  attempt: Attempt,
  asking: Asking,
  live: LiveAnswer,
  results: readonly ToolResult[],
): Promise<Round> {
  const { state, ahead } = asking;
  let calls: ToolCall[] = [];
  let reasoning: Reasoning | undefined;
  for await (const part of parts) {
    switch (part.type) {
      case 'attempt':
        Object.assign(attempt, {
          provider: part.provider,
          model: part.model,
          groundedOnly: part.groundedOnly,
        });
        calls = [];
        reasoning = undefined;
        live.beginAttempt();
        break;
      case 'restart':
        if (part.reason === 'thinking') ahead?.speakers.thoughtAloud(attempt);
        // Another model would start from scratch, but the person has already read the beginning.
        if (live.ahead !== '') return brokenOff(attempt, live, state);
        live.dropAttempt(part.reason);
        break;
      case 'text-delta':
        live.add(part.text);
        if (!attempt.groundedOnly) await goAhead(attempt, asking, live, results);
        break;
      case 'reasoning':
        ({ reasoning } = part);
        break;
      case 'tool-call':
        calls.push(part.call);
        break;
      case 'finish': {
        const { provider, model, groundedOnly } = attempt;
        const { reason } = part;
        const isCalling = reason === 'tool-calls';
        if (live.written.trim() !== '') ahead?.speakers.answered(attempt);
        return { provider, model, groundedOnly, reason, reasoning, calls: isCalling ? calls : [] };
      }
      default: {
        const unknown: never = part;
        throw new Error(`unknown stream part ${JSON.stringify(unknown)}`);
      }
    }
  }
  throw new ModelError('malformed', attempt.provider, 'the chain ended without a finish');
}

/** Sends the beginning early once it is complete, if nothing in it is wrong by itself. */
async function goAhead(
  { provider, model }: Pick<Round, 'provider' | 'model'>,
  { ahead, check }: Asking,
  live: LiveAnswer,
  results: readonly ToolResult[],
): Promise<void> {
  if (ahead === undefined || live.ahead !== '' || !ahead.speakers.isPlain({ provider, model })) return;
  const end = endOfBeginning(live.written, ahead.limit);
  if (end === undefined) return;
  const draft = live.draft(end);
  if (check(draft, results) !== undefined) return;
  await ahead.say(draft.text, { provider, model });
  live.goAhead(end);
}

function brokenOff(by: Pick<Round, 'provider' | 'model'>, live: LiveAnswer, { t }: TurnState): Round {
  live.breakOff(t('answer.brokenOff'));
  return { ...by, groundedOnly: true, reason: 'stop', reasoning: undefined, calls: [] };
}

async function callTools(
  text: string,
  { calls, reasoning }: Round,
  { tools, state }: Asking,
): Promise<
  UnconfirmedAction | { readonly messages: readonly ModelMessage[]; readonly results: readonly ToolResult[] }
> {
  const { scope, contact, conversation, turnId, isStaff, locale, now, signal } = state;
  const ids = { contactId: contact.id, conversationId: conversation.id, turnId };
  const context = { scope, ...ids, isStaff, locale, now, signal };
  const results: ToolResult[] = [];
  await state.beforeEffects?.();
  // Run in order: nothing after a call that needs confirmation is executed.
  for (const call of calls) {
    const reply = await tools.execute(call, context);
    if ('pending' in reply) return reply;
    results.push(reply);
  }
  return {
    results,
    messages: [
      { role: 'assistant', text, toolCalls: calls, ...(reasoning === undefined ? {} : { reasoning }) },
      { role: 'tool', results },
    ],
  };
}

/** The previous answer and what is wrong with it. These are our own words, so they need no fence. */
function correction(text: string, problem: string): readonly ModelMessage[] {
  return [
    { role: 'assistant', text },
    { role: 'user', parts: [{ type: 'text', text: problem }] },
  ];
}

function countSources({ messages }: ModelRequest): number {
  const parts = messages.flatMap((message) => (message.role === 'user' ? message.parts : []));
  return parts.filter((part) => part.type === 'data' && part.citation !== undefined).length;
}
