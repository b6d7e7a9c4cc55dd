import type { FinishReason, ModelStreamPart, TokenUsage } from '../../contracts/model.js';
import { field, malformed, textField } from '../model-failure.js';
import type { ThoughtFilter } from '../thought-filter.js';
import { countAt, NO_USAGE, usageOf } from '../usage.js';
import { CallCollector } from './collect-calls.js';

export interface ChatStreamOptions {
  readonly provider: string;
  /** For calls that arrive without an id. */
  readonly idPrefix: string;
  readonly thoughts: ThoughtFilter;
}

/**
 * Converts the chunks of one completion to stream parts. Nothing about their shape is assumed, because many
 * servers imitate the API. A chunk without text (a piece of a tool call, thinking) yields an empty text
 * delta, as a sign of life for the watchdog.
 */
export async function* fromChatChunks(
  { provider, idPrefix, thoughts }: ChatStreamOptions,
  chunks: AsyncIterable<unknown>,
): AsyncGenerator<ModelStreamPart> {
  const calls = new CallCollector(provider, idPrefix);
  let rawReason: string | undefined;
  let refused = false;
  let usage: TokenUsage = NO_USAGE;
  for await (const chunk of untilFinished(chunks, () => rawReason !== undefined)) {
    const chunkUsage = usageIn(field(chunk, 'usage'));
    if (chunkUsage !== undefined) {
      usage = chunkUsage;
      yield { type: 'usage', usage };
    }
    const choice = firstOf(field(chunk, 'choices'));
    const reason = textField(choice, 'finish_reason');
    // Some servers send an empty reason while there is none yet.
    if (reason !== '') rawReason = reason;
    const delta = field(choice, 'delta') ?? field(choice, 'message');
    calls.take(delta);
    if (textField(delta, 'refusal') !== '') refused = true;
    const { text, discard } = thoughts.push(textIn(field(delta, 'content')));
    if (discard) yield { type: 'discard' };
    yield { type: 'text-delta', text };
  }
  if (rawReason === undefined) throw malformed(provider, 'the stream ended before it was finished');
  yield { type: 'text-delta', text: thoughts.end().text };
  const reason = refused ? 'content-filter' : finishReason(provider, rawReason, calls);
  if (reason === 'tool-calls') for (const call of calls.complete()) yield { type: 'tool-call', call };
  yield { type: 'finish', reason, rawReason: refused ? 'refusal' : rawReason, usage };
}

/** A connection lost after the finish reason arrived costs only the token count. */
async function* untilFinished(
  chunks: AsyncIterable<unknown>,
  isFinished: () => boolean,
): AsyncGenerator<unknown> {
  try {
    yield* chunks;
  } catch (error) {
    if (!isFinished()) throw error;
  }
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? (list as readonly unknown[])[0] : undefined;
}

/**
 * The text of a string or of a list of parts; only parts of type `text` are for the person, the rest is
 * thinking.
 */
function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      if (typeof part === 'string') return part;
      const type = textField(part, 'type');
      return type === '' || type === 'text' || type === 'output_text' ? textField(part, 'text') : '';
    })
    .join('');
}

/** `undefined`: no count. A chunk without usage must not overwrite an earlier one with it. */
function usageIn(usage: unknown): TokenUsage | undefined {
  const inputTokens = countAt(usage, 'prompt_tokens', 'input_tokens');
  const outputTokens = countAt(usage, 'completion_tokens', 'output_tokens');
  if (inputTokens === 0 && outputTokens === 0) return undefined;
  return usageOf({
    inputTokens,
    outputTokens,
    cachedTokens: countAt(usage, 'prompt_tokens_details.cached_tokens', 'prompt_cache_hit_tokens'),
    cacheWriteTokens: 0,
    reasoningTokens: countAt(usage, 'completion_tokens_details.reasoning_tokens'),
  });
}

/** Servers give all sorts of reasons with a call; only a limit that cut it off makes the call unusable. */
function finishReason(provider: string, raw: string, calls: CallCollector): FinishReason {
  const isCall = raw === 'tool_calls' || raw === 'function_call' || raw === 'tool_use';
  if (calls.size === 0 && isCall) throw malformed(provider, 'stopped for a tool call that is not there');
  switch (raw) {
    case 'length':
    case 'max_tokens':
      if (calls.size > 0) throw malformed(provider, 'a tool call was cut off');
      return 'length';
    case 'content_filter':
      return 'content-filter';
    case 'stop':
    case 'eos':
    case 'end_turn':
      return calls.size > 0 ? 'tool-calls' : 'stop';
    default:
      return calls.size > 0 ? 'tool-calls' : 'other';
  }
}
