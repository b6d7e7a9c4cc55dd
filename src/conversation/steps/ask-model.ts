import type {
  ModelChain,
  ModelMessage,
  ModelRequest,
  TokenUsage,
  ToolCall,
  ToolResult,
} from '../../contracts/model.js';
import { ModelError } from '../../contracts/model.js';
import type { ToolRunner } from '../../contracts/tool.js';
import { LiveAnswer, type Leave } from '../live-answer.js';
import { saysNoAnswer, withoutNoAnswer } from '../no-answer.js';
import { SourceNumbers } from '../outgoing/source-numbers.js';
import type { TurnState } from '../turn-state.js';

/** Rounds of tool calls before the model must answer with what it has. */
const MAX_TOOL_ROUNDS = 4;

export interface ModelAnswer {
  /** As it may leave; empty when no model had an honest answer. */
  readonly text: string;
  /** `provider:model` of the one that answered, and what it used in all rounds. */
  readonly provider: string;
  readonly model: string;
  readonly usage: TokenUsage;
  readonly usedTools: boolean;
  /** Numbers of the data parts it cites: the first is `[1]` in the text, and so on. */
  readonly sources: readonly number[];
}

/**
 * Streams the answer to the listeners and returns it whole. `leave` makes of a text what may
 * leave, alike for a whole text and for its words. Throws `ModelError`.
 */
export async function askModel(
  request: ModelRequest,
  chain: ModelChain,
  tools: ToolRunner,
  leave: Leave,
  state: TurnState,
): Promise<ModelAnswer> {
  const live = new LiveAnswer(
    state.emit,
    (text, numbers) => leave(withoutNoAnswer(text), numbers),
    new SourceNumbers(countSources(request)),
  );
  try {
    return await askInRounds(request, chain, tools, live, state);
  } catch (error) {
    live.withdraw(error instanceof ModelError ? error.kind : 'malformed');
    throw error;
  }
}

async function askInRounds(
  request: ModelRequest,
  chain: ModelChain,
  tools: ToolRunner,
  live: LiveAnswer,
  state: TurnState,
): Promise<ModelAnswer> {
  let messages: readonly ModelMessage[] = request.messages;
  let usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  for (let rounds = 0; ; rounds += 1) {
    const mayCall = rounds < MAX_TOOL_ROUNDS && request.tools !== undefined;
    const { tools: specs, ...withoutTools } = request;
    const asked = { ...withoutTools, messages, ...(mayCall && specs ? { tools: specs } : {}) };
    const round = await streamRound(asked, chain, live, state.signal);
    usage = sum(usage, round.usage);
    const { provider, model } = round;
    const answer = { provider, model, usage, usedTools: rounds > 0 };
    if (round.isNoAnswer) {
      live.withdraw('no-answer');
      return { ...answer, text: '', sources: [] };
    }
    const text = live.finishRound();
    if (!mayCall || round.calls.length === 0) {
      return { ...answer, text: live.text, sources: live.sources };
    }
    messages = [...messages, ...(await callTools(text, round.calls, tools, state))];
  }
}

interface Round {
  readonly provider: string;
  readonly model: string;
  readonly usage: TokenUsage;
  readonly calls: readonly ToolCall[];
  readonly isNoAnswer: boolean;
}

/** One answer of the chain, which may take several attempts. */
async function streamRound(
  request: ModelRequest,
  chain: ModelChain,
  live: LiveAnswer,
  signal: AbortSignal,
): Promise<Round> {
  let calls: ToolCall[] = [];
  let [provider, model] = ['none', 'none'];
  for await (const part of chain.stream(request, signal)) {
    switch (part.type) {
      case 'attempt':
        ({ provider, model } = part);
        calls = [];
        live.beginAttempt();
        break;
      case 'restart':
        live.dropAttempt(part.reason);
        break;
      case 'text-delta':
        live.add(part.text);
        break;
      case 'tool-call':
        calls.push(part.call);
        break;
      case 'finish': {
        const isCalling = part.reason === 'tool-calls' && calls.length > 0;
        return {
          provider,
          model,
          usage: part.usage,
          calls: isCalling ? calls : [],
          isNoAnswer: !isCalling && saysNoAnswer(live.written),
        };
      }
      default: {
        const unknown: never = part;
        throw new Error(`unknown stream part ${JSON.stringify(unknown)}`);
      }
    }
  }
  throw new ModelError('malformed', provider, 'the chain ended without a finish');
}

async function callTools(
  text: string,
  calls: readonly ToolCall[],
  tools: ToolRunner,
  { scope, contact, conversation, locale, now, signal }: TurnState,
): Promise<readonly ModelMessage[]> {
  const context = { scope, contactId: contact.id, conversationId: conversation.id, locale, now, signal };
  const results: readonly ToolResult[] = await Promise.all(calls.map((call) => tools.execute(call, context)));
  return [
    { role: 'assistant', text, toolCalls: calls },
    { role: 'tool', results },
  ];
}

function countSources({ messages }: ModelRequest): number {
  const parts = messages.flatMap((message) => (message.role === 'user' ? message.parts : []));
  return parts.filter((part) => part.type === 'data' && part.citation !== undefined).length;
}

function sum(a: TokenUsage, b: TokenUsage): TokenUsage {
  return { inputTokens: a.inputTokens + b.inputTokens, outputTokens: a.outputTokens + b.outputTokens };
}
