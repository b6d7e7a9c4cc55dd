import type OpenAI from 'openai';
import type { ModelMessage, ModelRequest, ToolSpec, UserPart } from '../../contracts/model.js';
import { callableTools } from '../callable-tools.js';
import { renderTextPart } from '../data-blocks.js';
import { settleMessages } from '../settle-messages.js';
import { dataUrl, isReasoningModel, mostOutputTokens } from './request.js';

type ResponsesRequest = OpenAI.Responses.ResponseCreateParamsStreaming;
type InputItem = OpenAI.Responses.ResponseInputItem;

/**
 * Builds a request for the Responses API. Nothing is stored at the vendor (`store: false`): the model's
 * thoughts arrive encrypted and are sent back with its tool calls.
 */
export function toResponsesRequest(model: string, request: ModelRequest): ResponsesRequest {
  const tools = callableTools(request);
  return {
    model,
    stream: true,
    store: false,
    ...(request.system === '' ? {} : { instructions: request.system }),
    input: settleMessages(request.messages).flatMap((message) => toItems(model, message)),
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool) }),
    ...limits(model, request),
  };
}

function limits(model: string, request: ModelRequest): Partial<ResponsesRequest> {
  if (isReasoningModel(model)) {
    return {
      max_output_tokens: mostOutputTokens(model, request),
      reasoning: { effort: request.effort ?? 'low' },
      include: ['reasoning.encrypted_content'],
    };
  }
  return {
    max_output_tokens: request.maxOutputTokens,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
  };
}

function toItems(model: string, message: ModelMessage): readonly InputItem[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.parts.map(toContent) }];
    case 'assistant':
      return [
        ...(message.reasoning?.model === model ? (message.reasoning.sealed as readonly InputItem[]) : []),
        ...(message.text === '' ? [] : [{ role: 'assistant' as const, content: message.text }]),
        ...(message.toolCalls ?? []).map((call) => ({
          type: 'function_call' as const,
          call_id: call.id,
          name: call.name,
          arguments: JSON.stringify(call.arguments),
        })),
      ];
    case 'tool':
      return message.results.map((result) => ({
        type: 'function_call_output',
        call_id: result.callId,
        output: result.isError ? `Error: ${result.content}` : result.content,
      }));
    default:
      return message satisfies never;
  }
}

function toContent(part: UserPart): OpenAI.Responses.ResponseInputContent {
  switch (part.type) {
    case 'image':
      return { type: 'input_image', detail: 'auto', image_url: dataUrl(part) };
    case 'pdf':
      return { type: 'input_file', filename: part.fileName, file_data: dataUrl(part) };
    case 'text':
    case 'data':
      return { type: 'input_text', text: renderTextPart(part) };
    default:
      return part satisfies never;
  }
}

/** Not strict, because a strict tool cannot have optional fields. */
function toTool({ name, description, inputSchema }: ToolSpec): OpenAI.Responses.FunctionTool {
  return { type: 'function', name, description, parameters: { ...inputSchema }, strict: false };
}
