import type { FinishReason, ModelStreamPart, TokenUsage, ToolCall } from '../../contracts/model.js';
import { codes, field, malformed, modelFailure, textField } from '../model-failure.js';
import { parseToolArguments } from '../tool-arguments.js';
import { countAt, NO_USAGE, usageOf } from '../usage.js';

interface Progress {
  readonly provider: string;
  /** Calls by their index in the output; `undefined`: not complete yet. */
  readonly calls: Map<unknown, ToolCall | undefined>;
  readonly reasoning: unknown[];
  refused: boolean;
  /** Set by the vendor's final event. */
  end: { readonly reason: FinishReason; readonly rawReason: string } | undefined;
  usage: TokenUsage;
}

/**
 * Converts the events of the Responses API to stream parts. An event without text yields an empty text delta,
 * as a sign of life for the watchdog.
 */
export async function* fromResponseEvents(
  provider: string,
  model: string,
  events: AsyncIterable<unknown>,
): AsyncGenerator<ModelStreamPart> {
  const progress: Progress = {
    provider,
    calls: new Map(),
    reasoning: [],
    refused: false,
    end: undefined,
    usage: NO_USAGE,
  };
  for await (const event of events) {
    yield { type: 'text-delta', text: take(progress, event) };
    if (progress.end !== undefined) break;
  }
  const { end, usage, refused } = progress;
  if (end === undefined) throw malformed(provider, 'the stream ended before it was finished');
  if (usage !== NO_USAGE) yield { type: 'usage', usage };
  const calls = wholeCalls(progress, end.reason);
  if (refused || calls.length === 0) {
    const reason = refused ? 'content-filter' : end.reason;
    yield { type: 'finish', reason, rawReason: refused ? 'refusal' : end.rawReason, usage };
    return;
  }
  if (progress.reasoning.length > 0) {
    yield { type: 'reasoning', reasoning: { model, sealed: progress.reasoning } };
  }
  for (const call of calls) yield { type: 'tool-call', call };
  yield { type: 'finish', reason: 'tool-calls', rawReason: end.rawReason, usage };
}

/** Records what the event says and returns its text. */
function take(progress: Progress, event: unknown): string {
  const { provider } = progress;
  switch (textField(event, 'type')) {
    case 'response.output_text.delta':
      return textField(event, 'delta');
    case 'response.refusal.delta':
    case 'response.refusal.done':
      progress.refused = true;
      return '';
    case 'response.output_item.added':
      if (isCall(field(event, 'item'))) progress.calls.set(field(event, 'output_index'), undefined);
      return '';
    case 'response.output_item.done':
      takeItem(progress, field(event, 'output_index'), field(event, 'item'));
      return '';
    case 'response.completed':
    case 'response.incomplete':
      finish(progress, field(event, 'response'));
      return '';
    case 'response.failed':
      throw failure(provider, field(field(event, 'response'), 'error'));
    case 'error':
      throw failure(provider, event);
    default:
      // The vendor adds event types without a new API version.
      return '';
  }
}

function isCall(item: unknown): boolean {
  return textField(item, 'type') === 'function_call';
}

function takeItem(progress: Progress, place: unknown, item: unknown): void {
  if (textField(item, 'type') === 'reasoning') progress.reasoning.push(item);
  if (!isCall(item)) return;
  const json = textField(item, 'arguments');
  // A tool without parameters is often called with empty text.
  const parsed = parseToolArguments(json.trim() === '' ? '{}' : json);
  const [id, name] = [textField(item, 'call_id'), textField(item, 'name')];
  const isWhole = parsed !== undefined && id !== '' && name !== '';
  progress.calls.set(place, isWhole ? { id, name, arguments: parsed } : undefined);
}

function finish(progress: Progress, response: unknown): void {
  const usage = field(response, 'usage');
  const [inputTokens, outputTokens] = [countAt(usage, 'input_tokens'), countAt(usage, 'output_tokens')];
  if (inputTokens > 0 || outputTokens > 0) {
    progress.usage = usageOf({
      inputTokens,
      outputTokens,
      cachedTokens: countAt(usage, 'input_tokens_details.cached_tokens'),
      cacheWriteTokens: 0,
      reasoningTokens: countAt(usage, 'output_tokens_details.reasoning_tokens'),
    });
  }
  const reason = textField(field(response, 'incomplete_details'), 'reason');
  progress.end = { reason: reasonOf(reason), rawReason: reason === '' ? 'completed' : reason };
}

function reasonOf(incomplete: string): FinishReason {
  switch (incomplete) {
    case '':
      return 'stop';
    case 'max_output_tokens':
      return 'length';
    case 'content_filter':
      return 'content-filter';
    default:
      return 'other';
  }
}

/** Returns all calls; throws if one is incomplete or a limit may have cut one off. */
function wholeCalls({ calls, provider }: Progress, reason: FinishReason): readonly ToolCall[] {
  if (calls.size > 0 && reason !== 'stop') throw malformed(provider, 'a tool call was cut off');
  return [...calls.values()].map((call) => {
    if (call === undefined) throw malformed(provider, 'a tool call is not whole');
    return call;
  });
}

function failure(provider: string, error: unknown): Error {
  return modelFailure(provider, {
    codes: codes(field(error, 'code')),
    sentence: textField(error, 'message'),
  });
}
