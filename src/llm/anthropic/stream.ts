import type Anthropic from '@anthropic-ai/sdk';
import type { FinishReason, ModelStreamPart, TokenUsage, ToolCall } from '../../contracts/model.js';
import { malformed, textField } from '../model-failure.js';
import { parseToolArguments } from '../tool-arguments.js';
import { countAt, NO_USAGE, usageOf } from '../usage.js';

type StreamEvent = Anthropic.RawMessageStreamEvent;

interface PendingCall {
  readonly id: string;
  readonly name: string;
  json: string;
  closed: boolean;
}

interface Progress {
  readonly calls: Map<number, PendingCall>;
  /** Thinking blocks by index: never shown to anybody, but the model expects them back. */
  readonly thoughts: Map<number, Record<string, unknown>>;
  usage: TokenUsage;
  rawReason: string | undefined;
  stopped: boolean;
}

/**
 * Converts the events of one message to stream parts. An event without text yields an empty text delta, as a
 * sign of life for the watchdog.
 */
export async function* fromMessageEvents(
  provider: string,
  model: string,
  events: AsyncIterable<StreamEvent>,
): AsyncGenerator<ModelStreamPart> {
  const progress: Progress = {
    calls: new Map(),
    thoughts: new Map(),
    usage: NO_USAGE,
    rawReason: undefined,
    stopped: false,
  };
  for await (const event of events) {
    if (progress.stopped) break;
    const { usage } = progress;
    yield { type: 'text-delta', text: take(progress, event) };
    if (progress.usage !== usage) yield { type: 'usage', usage: progress.usage };
  }
  const { rawReason, usage } = progress;
  if (rawReason === undefined || !progress.stopped) {
    throw malformed(provider, 'the stream ended before it was finished');
  }
  const calls = completeCalls(provider, progress.calls, rawReason);
  if (calls.length > 0 && progress.thoughts.size > 0) {
    yield { type: 'reasoning', reasoning: { model, sealed: [...progress.thoughts.values()] } };
  }
  for (const call of calls) yield { type: 'tool-call', call };
  yield { type: 'finish', reason: finishReason(rawReason), rawReason, usage };
}

/** Records what the event says and returns its text. */
function take(progress: Progress, event: StreamEvent): string {
  switch (event.type) {
    case 'message_start':
      noteUsage(progress, event.message.usage);
      return '';
    case 'content_block_start':
      if (event.content_block.type === 'tool_use') {
        const { id, name } = event.content_block;
        progress.calls.set(event.index, { id, name, json: '', closed: false });
      }
      if (event.content_block.type === 'thinking' || event.content_block.type === 'redacted_thinking') {
        progress.thoughts.set(event.index, { ...event.content_block });
      }
      return event.content_block.type === 'text' ? event.content_block.text : '';
    case 'content_block_delta': {
      const call = progress.calls.get(event.index);
      if (call !== undefined && event.delta.type === 'input_json_delta')
        call.json += event.delta.partial_json;
      const thought = progress.thoughts.get(event.index);
      if (thought !== undefined) think(thought, event.delta);
      return event.delta.type === 'text_delta' ? event.delta.text : '';
    }
    case 'content_block_stop': {
      const call = progress.calls.get(event.index);
      if (call !== undefined) call.closed = true;
      return '';
    }
    case 'message_delta':
      progress.rawReason = event.delta.stop_reason ?? progress.rawReason;
      noteUsage(progress, event.usage);
      return '';
    case 'message_stop':
      progress.stopped = true;
      return '';
    default:
      // The vendor adds event types without a new API version.
      return '';
  }
}

function think(thought: Record<string, unknown>, delta: Anthropic.RawContentBlockDelta): void {
  if (delta.type === 'thinking_delta') {
    thought['thinking'] = `${textField(thought, 'thinking')}${delta.thinking}`;
  }
  if (delta.type === 'signature_delta') thought['signature'] = delta.signature;
}

/** Counts are running totals; prompt cache reads and writes count as input, too. */
function noteUsage(progress: Progress, usage: unknown): void {
  const read = countAt(usage, 'cache_read_input_tokens');
  const cacheWrites = countAt(usage, 'cache_creation_input_tokens');
  const {
    inputTokens,
    outputTokens,
    cachedTokens = 0,
    cacheWriteTokens = 0,
    reasoningTokens = 0,
  } = progress.usage;
  progress.usage = usageOf({
    inputTokens: Math.max(inputTokens, countAt(usage, 'input_tokens') + read + cacheWrites),
    outputTokens: Math.max(outputTokens, countAt(usage, 'output_tokens')),
    cachedTokens: Math.max(cachedTokens, read),
    cacheWriteTokens: Math.max(cacheWriteTokens, cacheWrites),
    reasoningTokens: Math.max(reasoningTokens, countAt(usage, 'output_tokens_details.thinking_tokens')),
  });
}

function completeCalls(
  provider: string,
  pending: ReadonlyMap<number, PendingCall>,
  rawReason: string,
): readonly ToolCall[] {
  if (pending.size === 0 && rawReason === 'tool_use') {
    throw malformed(provider, 'stopped for a tool call that is not there');
  }
  if (pending.size > 0 && rawReason !== 'tool_use') throw malformed(provider, 'a tool call was cut off');
  return [...pending.values()].map((call) => {
    const parsed = parseToolArguments(call.json === '' ? '{}' : call.json);
    if (parsed === undefined || !call.closed) throw malformed(provider, 'a tool call is not whole');
    return { id: call.id, name: call.name, arguments: parsed };
  });
}

function finishReason(raw: string): FinishReason {
  switch (raw) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool-calls';
    case 'refusal':
      return 'content-filter';
    default:
      return 'other';
  }
}
