import type Anthropic from '@anthropic-ai/sdk';
import {
  isMedia,
  type ModelMessage,
  type ModelRequest,
  type ToolSpec,
  type UserPart,
} from '../../contracts/model.js';
import { renderTextPart } from '../data-blocks.js';
import { callableTools } from '../callable-tools.js';
import { mediaData } from '../media-data.js';
import { settleMessages } from '../settle-messages.js';

type MessagesRequest = Anthropic.MessageCreateParamsStreaming;

type ThinkingBlocks = readonly (Anthropic.ThinkingBlockParam | Anthropic.RedactedThinkingBlockParam)[];
/** Models before the fifth generation accept a temperature, which the types of this SDK version lack. */
type Limits = Pick<MessagesRequest, 'max_tokens' | 'output_config'> & { readonly temperature?: number };

/** Models that think on their own, limited by an effort setting; they accept no temperature. */
const THINKS = /^claude-[a-z]+-[5-9]/u;
/** Thinking counts against the same limit as the answer, so it gets extra room, in tokens. */
const THINKING_RESERVE_TOKENS = 4000;
/** Marks the end of a prefix that the vendor caches. */
const CACHED = { cache_control: { type: 'ephemeral' } } as const;
/** The vendor's maximum; ours is 2. */
const HIGHEST_TEMPERATURE = 1;

export function toMessagesRequest(model: string, request: ModelRequest): MessagesRequest {
  return {
    model,
    stream: true,
    // Tools precede the system text in the vendor's cache, so this one mark covers both.
    ...(request.system === '' ? {} : { system: [{ type: 'text', text: request.system, ...CACHED }] }),
    messages: settleMessages(request.messages).map((message) => toMessage(model, message)),
    ...toolsOf(request),
    ...limits(model, request),
  };
}

/** Includes thinking. */
export function mostOutputTokens(model: string, { maxOutputTokens }: ModelRequest): number {
  return maxOutputTokens + (THINKS.test(model) ? THINKING_RESERVE_TOKENS : 0);
}

function limits(model: string, request: ModelRequest): Limits {
  const { temperature, effort } = request;
  const max_tokens = mostOutputTokens(model, request);
  if (THINKS.test(model)) {
    return {
      max_tokens,
      output_config: { effort: effort ?? 'low' },
    };
  }
  return {
    max_tokens,
    ...(temperature === undefined ? {} : { temperature: Math.min(temperature, HIGHEST_TEMPERATURE) }),
  };
}

/**
 * The vendor rejects conversations that contain calls of undeclared tools, so tools that can no longer be
 * called are declared as well. If only those are left, the model may call none.
 */
function toolsOf(request: ModelRequest): Partial<MessagesRequest> {
  const callable = callableTools(request);
  const names = new Set(callable.map(({ name }) => name));
  const former = request.messages
    .flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
    .map(({ name }) => name)
    .filter((name) => !names.has(name) && names.add(name));
  const tools = [...callable.map(toTool), ...former.map(formerTool)];
  if (tools.length === 0) return {};
  return { tools, ...(callable.length === 0 ? { tool_choice: { type: 'none' } } : {}) };
}

function formerTool(name: string): Anthropic.Tool {
  return { name, description: 'Cannot be called any more.', input_schema: { type: 'object' } };
}

function toMessage(model: string, message: ModelMessage): Anthropic.MessageParam {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.parts.map(toBlock) };
    case 'assistant':
      return {
        role: 'assistant',
        content: [
          ...(message.reasoning?.model === model ? (message.reasoning.sealed as ThinkingBlocks) : []),
          ...(message.text === '' ? [] : [{ type: 'text' as const, text: message.text.trimEnd() }]),
          ...(message.toolCalls ?? []).map((call) => ({
            type: 'tool_use' as const,
            id: toolUseId(call.id),
            name: call.name,
            input: call.arguments,
          })),
        ],
      };
    case 'tool':
      return {
        role: 'user',
        content: message.results.map((result) => ({
          type: 'tool_result',
          tool_use_id: toolUseId(result.callId),
          content: result.content,
          is_error: result.isError,
        })),
      };
    default:
      return message satisfies never;
  }
}

function toBlock(part: UserPart): Anthropic.ContentBlockParam {
  if (!isMedia(part)) {
    const isMarked = part.type === 'data' && part.endsPrefix === true;
    return { type: 'text', text: renderTextPart(part), ...(isMarked ? CACHED : {}) };
  }
  const { base64: data } = mediaData(part);
  if (part.type === 'image') {
    return { type: 'image', source: { type: 'base64', media_type: part.mediaType, data } };
  }
  const source = { type: 'base64', media_type: 'application/pdf', data } as const;
  return { type: 'document', source, title: part.fileName };
}

/** The id may come from another vendor's model; other vendors allow more characters. */
function toolUseId(id: string): string {
  return id.replace(/[^\w-]/gu, '_');
}

function toTool(tool: ToolSpec): Anthropic.Tool {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: { ...tool.inputSchema, type: 'object' },
  };
}
