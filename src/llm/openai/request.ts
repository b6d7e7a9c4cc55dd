import type OpenAI from 'openai';
import type { MediaPart, ModelMessage, ModelRequest, ToolSpec, UserPart } from '../../contracts/model.js';
import { renderTextPart } from '../data-blocks.js';
import { callableTools } from '../callable-tools.js';
import { mediaData } from '../media-data.js';
import { settleMessages } from '../settle-messages.js';

type ChatRequest = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;
type ChatMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;
type ContentPart = OpenAI.Chat.Completions.ChatCompletionContentPart;

/** Reasoning models: they use other parameter names and accept no temperature. */
const REASONING_MODEL = /^(?:gpt-[5-9]|o\d)/u;
/** Thinking counts against the same limit as the answer, so it gets extra room, in tokens. */
const REASONING_RESERVE_TOKENS = 2000;

export function isReasoningModel(model: string): boolean {
  return REASONING_MODEL.test(model);
}

/** The Chat Completions dialect: OpenAI's (`own`), or that of compatible servers. */
export type OpenAiDialect = 'own' | 'compatible';

export function toChatRequest(model: string, request: ModelRequest, dialect: OpenAiDialect): ChatRequest {
  const tools = callableTools(request);
  return {
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      ...(request.system === '' ? [] : [{ role: 'system' as const, content: request.system }]),
      ...settleMessages(request.messages).flatMap(toChatMessages),
    ],
    ...(tools.length === 0 ? {} : { tools: tools.map(toChatTool) }),
    ...limits(model, request, dialect),
  };
}

/** Includes thinking; the same for both APIs. */
export function mostOutputTokens(model: string, { maxOutputTokens }: ModelRequest): number {
  return maxOutputTokens + (isReasoningModel(model) ? REASONING_RESERVE_TOKENS : 0);
}

function limits(model: string, request: ModelRequest, dialect: OpenAiDialect): Partial<ChatRequest> {
  if (dialect === 'own' && isReasoningModel(model)) {
    return {
      max_completion_tokens: mostOutputTokens(model, request),
      reasoning_effort: request.effort ?? 'low',
    };
  }
  const temperature = request.temperature === undefined ? {} : { temperature: request.temperature };
  return dialect === 'own'
    ? { max_completion_tokens: request.maxOutputTokens, ...temperature }
    : { max_tokens: request.maxOutputTokens, ...temperature };
}

function toChatMessages(message: ModelMessage): readonly ChatMessage[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: toContent(message.parts) }];
    case 'assistant':
      return [
        {
          role: 'assistant',
          content: message.text === '' ? null : message.text,
          ...(message.toolCalls === undefined
            ? {}
            : {
                tool_calls: message.toolCalls.map((call) => ({
                  id: call.id,
                  type: 'function' as const,
                  function: { name: call.name, arguments: JSON.stringify(call.arguments) },
                })),
              }),
        },
      ];
    case 'tool':
      return message.results.map((result) => ({
        role: 'tool',
        tool_call_id: result.callId,
        content: result.isError ? `Error: ${result.content}` : result.content,
      }));
    default:
      return message satisfies never;
  }
}

/** Plain text stays a string, because some compatible servers do not support content parts. */
function toContent(parts: readonly UserPart[]): string | ContentPart[] {
  const content = parts.map(toContentPart);
  return content.every((part) => part.type === 'text')
    ? content.map((part) => part.text).join('\n\n')
    : content;
}

function toContentPart(part: UserPart): ContentPart {
  switch (part.type) {
    case 'image':
      return { type: 'image_url', image_url: { url: dataUrl(part) } };
    case 'pdf':
      return { type: 'file', file: { filename: part.fileName, file_data: dataUrl(part) } };
    case 'text':
    case 'data':
      return { type: 'text', text: renderTextPart(part) };
    default:
      return part satisfies never;
  }
}

/** A file in the form both OpenAI APIs accept. */
export function dataUrl(part: MediaPart): string {
  const { mediaType, base64 } = mediaData(part);
  return `data:${mediaType};base64,${base64}`;
}

function toChatTool(tool: ToolSpec): OpenAI.Chat.Completions.ChatCompletionTool {
  return {
    type: 'function',
    function: { name: tool.name, description: tool.description, parameters: { ...tool.inputSchema } },
  };
}
