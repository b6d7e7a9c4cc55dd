import type OpenAI from 'openai';
import type { FinishReason, ModelStreamPart, TokenUsage, ToolCall } from '../../contracts/model.js';
import { malformed } from '../model-failure.js';
import { parseToolArguments } from '../tool-arguments.js';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;
type Delta = Chunk['choices'][number]['delta'];

interface PendingCall {
  id: string;
  name: string;
  json: string;
}

/**
 * Chunks of one completion as stream parts. A chunk that carries no text (a piece of a tool call,
 * thinking) gives an empty text delta, so that whoever watches the stream sees it is alive.
 */
export async function* fromChatChunks(
  provider: string,
  chunks: AsyncIterable<Chunk>,
): AsyncGenerator<ModelStreamPart> {
  const pending = new Map<number, PendingCall>();
  let rawReason: string | undefined;
  let usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  for await (const chunk of untilFinished(chunks, () => rawReason !== undefined)) {
    if (chunk.usage) {
      usage = { inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens };
    }
    // A server that imitates the API may leave anything out.
    const choice = (chunk.choices as Chunk['choices'] | undefined)?.[0];
    if (choice === undefined) continue;
    rawReason = choice.finish_reason ?? rawReason;
    const delta = choice.delta as Delta | undefined;
    collectCalls(pending, delta);
    yield { type: 'text-delta', text: delta?.content ?? delta?.refusal ?? '' };
  }
  if (rawReason === undefined) throw malformed(provider, 'the stream ended before it was finished');
  for (const call of completeCalls(provider, pending, rawReason)) yield { type: 'tool-call', call };
  yield { type: 'finish', reason: finishReason(rawReason), rawReason, usage };
}

/** A connection lost after the reason to stop was told takes only the token count with it. */
async function* untilFinished(
  chunks: AsyncIterable<Chunk>,
  isFinished: () => boolean,
): AsyncGenerator<Chunk> {
  try {
    yield* chunks;
  } catch (error) {
    if (!isFinished()) throw error;
  }
}

function collectCalls(pending: Map<number, PendingCall>, delta: Delta | undefined): void {
  for (const piece of delta?.tool_calls ?? []) {
    const index = (piece.index as number | undefined) ?? 0;
    const call = pending.get(index) ?? { id: '', name: '', json: '' };
    call.id = piece.id ?? call.id;
    call.name = piece.function?.name ?? call.name;
    call.json += piece.function?.arguments ?? '';
    pending.set(index, call);
  }
}

function completeCalls(
  provider: string,
  pending: ReadonlyMap<number, PendingCall>,
  rawReason: string,
): readonly ToolCall[] {
  if (pending.size === 0 && rawReason === 'tool_calls') {
    throw malformed(provider, 'stopped for a tool call that is not there');
  }
  if (pending.size > 0 && rawReason !== 'tool_calls') {
    throw malformed(provider, 'a tool call was cut off');
  }
  return [...pending.values()].map((call) => {
    // A tool without parameters is often called with no text at all.
    const parsed = parseToolArguments(call.json === '' ? '{}' : call.json);
    if (parsed === undefined || call.id === '' || call.name === '') {
      throw malformed(provider, 'a tool call is not whole');
    }
    return { id: call.id, name: call.name, arguments: parsed };
  });
}

function finishReason(raw: string): FinishReason {
  switch (raw) {
    case 'stop':
      return 'stop';
    case 'length':
      return 'length';
    case 'tool_calls':
      return 'tool-calls';
    case 'content_filter':
      return 'content-filter';
    default:
      return 'other';
  }
}
