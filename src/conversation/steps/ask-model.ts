import type { ModelChain, ModelMessage, ModelRequest, TokenUsage, ToolCall } from '../../contracts/model.js';
import { ModelError } from '../../contracts/model.js';
import type { ToolRunner } from '../../contracts/tool.js';
import type { OutgoingPolicy } from '../outgoing-policy.js';
import { applyOutgoingPolicy, OutgoingStream } from '../outgoing-policy.js';
import type { TurnState } from '../turn-state.js';
import { NO_ANSWER } from './build-prompt.js';

/** Rounds of tool calls before the model must answer with what it has. */
const MAX_TOOL_ROUNDS = 4;
const PARAGRAPH = '\n\n';

export interface ModelAnswer {
  /** As it may leave; empty when no model had an honest answer. */
  readonly text: string;
  /** `provider:model` of the one that answered, and what it used in all rounds. */
  readonly provider: string;
  readonly model: string;
  readonly usage: TokenUsage;
  readonly usedTools: boolean;
}

/** Streams the answer to the listeners and returns it whole. Throws `ModelError`. */
export async function askModel(
  request: ModelRequest,
  chain: ModelChain,
  tools: ToolRunner,
  policy: OutgoingPolicy,
  state: TurnState,
): Promise<ModelAnswer> {
  let messages: readonly ModelMessage[] = request.messages;
  let usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  // What a model says before it calls a tool has been shown, so it belongs to the answer.
  const said: string[] = [];
  for (let round = 0; ; round += 1) {
    const mayCall = round < MAX_TOOL_ROUNDS ? request.tools : undefined;
    const { tools: _tools, ...rest } = request;
    const asked = { ...rest, messages, ...(mayCall === undefined ? {} : { tools: mayCall }) };
    const answer = await streamOnce(asked, chain, policy, state);
    usage = {
      inputTokens: usage.inputTokens + answer.usage.inputTokens,
      outputTokens: usage.outputTokens + answer.usage.outputTokens,
    };
    if (answer.text !== '') said.push(answer.text);
    if (answer.calls.length === 0) {
      const { provider, model } = answer;
      return { text: said.join(PARAGRAPH), provider, model, usage, usedTools: round > 0 };
    }
    if (answer.text !== '') state.emit({ type: 'delta', text: PARAGRAPH });
    const results = await Promise.all(answer.calls.map((call) => tools.execute(call, toolContext(state))));
    messages = [
      ...messages,
      { role: 'assistant', text: answer.text, toolCalls: answer.calls },
      { role: 'tool', results },
    ];
  }
}

function toolContext(state: TurnState): Parameters<ToolRunner['execute']>[1] {
  const { scope, contact, conversation, locale, now, signal } = state;
  return { scope, contactId: contact.id, conversationId: conversation.id, locale, now, signal };
}

interface Attempt {
  raw: string;
  /** Text that was shown to the listeners since the attempt began. */
  shown: boolean;
  stream: OutgoingStream;
  calls: ToolCall[];
}

async function streamOnce(
  request: ModelRequest,
  chain: ModelChain,
  policy: OutgoingPolicy,
  state: TurnState,
): Promise<{ text: string; provider: string; model: string; usage: TokenUsage; calls: readonly ToolCall[] }> {
  const fresh = (): Attempt => ({ raw: '', shown: false, stream: new OutgoingStream(policy), calls: [] });
  let attempt = fresh();
  let [provider, model] = ['none', 'none'];
  const show = (text: string): void => {
    if (text === '') return;
    attempt.shown = true;
    state.emit({ type: 'delta', text });
  };
  for await (const part of chain.stream(request, state.signal)) {
    switch (part.type) {
      case 'attempt':
        attempt = fresh();
        ({ provider, model } = part);
        break;
      case 'restart':
        if (attempt.shown) state.emit({ type: 'status', state: 'restart', reason: part.reason });
        attempt = fresh();
        break;
      case 'text-delta': {
        if (attempt.raw === '') state.emit({ type: 'status', state: 'answering' });
        attempt.raw += part.text;
        if (couldBeNoAnswer(attempt.raw)) break;
        // What was held back while it could still be the sign for "no answer" goes first.
        const held = attempt.shown || attempt.stream.started ? part.text : attempt.raw;
        show(attempt.stream.push(held));
        break;
      }
      case 'tool-call':
        attempt.calls.push(part.call);
        break;
      case 'finish': {
        const calls = part.reason === 'tool-calls' ? attempt.calls : [];
        if (isNoAnswer(attempt.raw)) return { text: '', provider, model, usage: part.usage, calls };
        if (couldBeNoAnswer(attempt.raw)) show(attempt.stream.push(attempt.raw));
        show(attempt.stream.end());
        return {
          text: applyOutgoingPolicy(attempt.raw, policy).trim(),
          provider,
          model,
          usage: part.usage,
          calls,
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

function isNoAnswer(text: string): boolean {
  return text.trim().replace(/[.!"'`*]+/g, '') === NO_ANSWER;
}

/** Whether what came so far may still turn out to be nothing but the sign for "no answer". */
function couldBeNoAnswer(text: string): boolean {
  const start = text.trim().replace(/[.!"'`*]+/g, '');
  return NO_ANSWER.startsWith(start);
}
