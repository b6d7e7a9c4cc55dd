import type Anthropic from '@anthropic-ai/sdk';
import type { ModelMessage, ModelRequest, ToolSpec, UserPart } from '../../contracts/model.js';
import { renderTextPart } from '../data-blocks.js';
import { callableTools } from '../callable-tools.js';
import { settleMessages } from '../settle-messages.js';

type MessagesRequest = Anthropic.MessageCreateParamsStreaming;

/** The vendor's range ends there; ours at 2. */
const HIGHEST_TEMPERATURE = 1;

export function toMessagesRequest(model: string, request: ModelRequest): MessagesRequest {
  return {
    model,
    stream: true,
    max_tokens: request.maxOutputTokens,
    ...(request.system === '' ? {} : { system: request.system }),
    messages: settleMessages(request.messages).map(toMessage),
    ...toolsOf(request),
    ...(request.temperature === undefined
      ? {}
      : { temperature: Math.min(request.temperature, HIGHEST_TEMPERATURE) }),
  };
}

/**
 * The vendor refuses a conversation with calls of tools that are not declared: those that may be
 * called no more are declared all the same. Without any other, none may be called.
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

function toMessage(message: ModelMessage): Anthropic.MessageParam {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.parts.map(toBlock) };
    case 'assistant':
      return {
        role: 'assistant',
        content: [
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
  if (part.type !== 'image') return { type: 'text', text: renderTextPart(part) };
  return {
    type: 'image',
    source: {
      type: 'base64',
      media_type: part.mediaType,
      data: Buffer.from(part.data).toString('base64'),
    },
  };
}

/** The id may come from another vendor's model, which allows more characters. */
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
