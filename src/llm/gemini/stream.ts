import type { GenerateContentResponse, Part } from '@google/generative-ai';
import type { FinishReason, ModelStreamPart, TokenUsage, ToolCall } from '../../contracts/model.js';
import { codes, field, malformed, modelFailure, textField } from '../model-failure.js';
import { isObject } from '../../lib/is-object.js';
import { countAt, NO_USAGE, usageOf } from '../usage.js';

/**
 * Converts response chunks to stream parts. The vendor sends no call ids; ours are unique within the
 * conversation: `call_<prefix>_<n>`.
 */
export async function* fromGenerateChunks(
  provider: string,
  model: string,
  idPrefix: string,
  chunks: AsyncIterable<GenerateContentResponse>,
): AsyncGenerator<ModelStreamPart> {
  const calls: ToolCall[] = [];
  const signatures: unknown[] = [];
  let rawReason: string | undefined;
  let usage: TokenUsage = NO_USAGE;
  for await (const chunk of chunks) {
    throwOnError(provider, chunk);
    const candidate = chunk.candidates?.[0];
    rawReason = candidate?.finishReason ?? chunk.promptFeedback?.blockReason ?? rawReason;
    const chunkUsage = usageIn(chunk);
    if (chunkUsage !== undefined) {
      usage = chunkUsage;
      yield { type: 'usage', usage };
    }
    const parts = (candidate?.content as { parts?: Part[] } | undefined)?.parts ?? [];
    for (const part of parts) {
      if (part.functionCall !== undefined) {
        signatures.push(field(part, 'thoughtSignature'));
        calls.push(toToolCall(provider, `call_${idPrefix}_${calls.length}`, part.functionCall));
      }
    }
    // Empty for a chunk without text: a sign of life for the watchdog.
    yield { type: 'text-delta', text: parts.map(textOf).join('') };
  }
  if (rawReason === undefined) throw malformed(provider, 'the stream ended before it was finished');
  const reason = finishReason(rawReason, calls.length > 0);
  if (rawReason === 'MALFORMED_FUNCTION_CALL' || (calls.length > 0 && reason !== 'tool-calls')) {
    throw malformed(provider, 'a tool call was cut off');
  }
  if (signatures.some((signature) => signature !== undefined)) {
    yield { type: 'reasoning', reasoning: { model, sealed: signatures } };
  }
  for (const call of calls) yield { type: 'tool-call', call };
  yield { type: 'finish', reason, rawReason, usage };
}

/** An error can arrive as a chunk of its own after the status 200. */
function throwOnError(provider: string, chunk: unknown): void {
  const error = field(chunk, 'error');
  if (error === undefined) return;
  const status = field(error, 'code');
  throw modelFailure(provider, {
    status: typeof status === 'number' ? status : undefined,
    codes: codes(field(error, 'status')),
    sentence: textField(error, 'message'),
  });
}

/** Thinking is not shown to anybody. */
function textOf(part: Part): string {
  return field(part, 'thought') === true ? '' : (part.text ?? '');
}

function toToolCall(provider: string, id: string, call: { name: string; args?: unknown }): ToolCall {
  const parsed = call.args ?? {};
  if (!isObject(parsed) || call.name === '') throw malformed(provider, 'a tool call is not whole');
  return { id, name: call.name, arguments: parsed };
}

export function usageIn(chunk: unknown): TokenUsage | undefined {
  const metadata = field(chunk, 'usageMetadata');
  const reasoningTokens = countAt(metadata, 'thoughtsTokenCount');
  const inputTokens = countAt(metadata, 'promptTokenCount') + countAt(metadata, 'toolUsePromptTokenCount');
  const outputTokens = countAt(metadata, 'candidatesTokenCount') + reasoningTokens;
  if (inputTokens === 0 && outputTokens === 0) return undefined;
  const cachedTokens = countAt(metadata, 'cachedContentTokenCount');
  const usage = usageOf({ inputTokens, outputTokens, cachedTokens, cacheWriteTokens: 0, reasoningTokens });
  const audioTokens = Math.min(soundIn(metadata), inputTokens - cachedTokens);
  return audioTokens > 0 ? { ...usage, audioTokens } : usage;
}

/** The number of audio tokens in the prompt. */
function soundIn(metadata: unknown): number {
  const details = field(metadata, 'promptTokensDetails');
  if (!Array.isArray(details)) return 0;
  const isSound = (detail: unknown): boolean => field(detail, 'modality') === 'AUDIO';
  return countAt(details.filter(isSound), '0.tokenCount');
}

/** There is no separate reason for tool calls: the API gives a regular stop, gateways a word of their own. */
function finishReason(raw: string, hasCalls: boolean): FinishReason {
  switch (raw) {
    case 'STOP':
    case 'FUNCTION_CALL':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'MAX_TOKENS':
      return 'length';
    case 'SAFETY':
    case 'RECITATION':
    case 'BLOCKLIST':
    case 'PROHIBITED_CONTENT':
    case 'SPII':
      return 'content-filter';
    default:
      return 'other';
  }
}
