import type Anthropic from '@anthropic-ai/sdk';
import type { ModelMessage, ModelRequest, ToolSpec, UserPart } from '../../contracts/model.js';
import { renderTextPart } from '../data-blocks.js';
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
    ...(request.tools === undefined || request.tools.length === 0
      ? {}
      : { tools: request.tools.map(toTool) }),
    ...(request.temperature === undefined
      ? {}
      : { temperature: Math.min(request.temperature, HIGHEST_TEMPERATURE) }),
  };
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
